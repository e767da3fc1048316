/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "perms/store-private.h"

static const PermsTableShape shapes[PERMS_N_TABLES] = {
  [PERMS_TABLE_DEVICES] = { "devices",
                            "owner, name, kind, is_host, place, sync, consent, removed, "
                            "floor, reason, time_s, decider, revision",
                            13, 2, TRUE },
  [PERMS_TABLE_INSTALLS] = { "installs",
                             "owner, app, device, installed, asks, strength, "
                             "fingerprint, changed_to, bluetooth, managed, waiting, "
                             "snapshot, conflict, reason, time_s, decider, revision",
                             17, 3, TRUE },
  [PERMS_TABLE_GRANTS] = { "grants",
                           "owner, app, device, accessory, id, name, kind, scope, "
                           "until_s, lifetime, state, pairing, reason, time_s, decider, "
                           "revision",
                           16, 4, TRUE },
  [PERMS_TABLE_BONDS] = { "bonds",
                          "owner, accessory, pairing, bonded_by_us, reason, time_s, "
                          "decider, revision",
                          8, 2, TRUE },
  [PERMS_TABLE_PENDINGS] = { "pendings",
                             "owner, accessory, app, device, was_bonded, time_s", 6, 4,
                             FALSE },
  [PERMS_TABLE_JOURNAL] = { "journal",
                            "owner, sequence, time_s, event, app, device, accessory, "
                            "value, reason, decider, revision",
                            11, 2, FALSE },
  [PERMS_TABLE_SEALS] = { "seals", "owner, n_rows, sum_key, sum_row, sequence", 5, 1,
                          FALSE },
};

const PermsTableShape *
perms_table_shape (PermsTable table)
{
  return &shapes[table];
}

gint64
perms_record_owner (const PermsRecord *record)
{
  return record->fields[0].number;
}

gint64
perms_record_revision (const PermsRecord *record)
{
  return record->fields[record->n_fields - 1].number;
}

/* ---- rows as records ---- */

void
perms_record_add_number (PermsRecord *record, gint64 number)
{
  PermsField *field = &record->fields[record->n_fields++];

  *field = (PermsField){ .kind = PERMS_FIELD_NUMBER, .number = number };
}

void
perms_record_add_text (PermsRecord *record, const char *text)
{
  PermsField *field = &record->fields[record->n_fields++];

  *field = (PermsField){ .kind = PERMS_FIELD_TEXT, .data = text, .size = strlen (text) };
}

static void
add_blob (PermsRecord *record, gconstpointer data, gsize size)
{
  PermsField *field = &record->fields[record->n_fields++];

  *field = (PermsField){ .kind = PERMS_FIELD_BLOB, .data = data, .size = size };
}

static void
add_null (PermsRecord *record)
{
  record->fields[record->n_fields++] = (PermsField){ .kind = PERMS_FIELD_NULL };
}

static void
add_decision (PermsRecord *record, const PermsDecision *decision)
{
  perms_record_add_number (record, decision->reason);
  perms_record_add_number (record, decision->time_s);
  perms_record_add_text (record, decision->device);
  perms_record_add_number (record, (gint64) decision->revision);
}

static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID,
               "The permission store takes no malformed %s", what);
  return FALSE;
}

static gboolean
is_text (const char *text, gsize max)
{
  return text == NULL || (strlen (text) <= max && g_utf8_validate (text, -1, NULL));
}

static gboolean
is_decision (const PermsDecision *decision)
{
  return (guint) decision->reason <= PERMS_REASON_CLI && decision->device != NULL &&
         perms_device_is_valid (decision->device) && decision->revision > 0 &&
         decision->revision <= G_MAXINT64;
}

/* An app on a device: what installs, grants and pendings begin with. */
static gboolean
is_place (const char *app, const char *device, guint32 *ret_uid)
{
  PermsAppKey key;

  if (app == NULL || device == NULL || !perms_device_is_valid (device) ||
      !perms_app_key_parse (app, &key, NULL))
    return FALSE;
  *ret_uid = key.uid;
  return TRUE;
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

gboolean
perms_record_from_device (PermsRecord *record, const PermsDevice *device, GError **error)
{
  if (device->uid == PERMS_OWNER_MACHINE || device->name == NULL ||
      !perms_device_is_valid (device->name) || !is_text (device->kind, PERMS_KIND_MAX) ||
      (guint) device->sync > PERMS_SYNC_MIRRORED ||
      (guint) device->consent > PERMS_CONSENT_ALLOW || device->floor > G_MAXINT64 ||
      !is_decision (&device->decision))
    return refuse ("device", error);

  *record = (PermsRecord){ .table = PERMS_TABLE_DEVICES };
  perms_record_add_number (record, device->uid);
  perms_record_add_text (record, device->name);
  perms_record_add_text (record, or_empty (device->kind));
  perms_record_add_number (record, device->is_host != FALSE);
  perms_record_add_number (record, device->order);
  perms_record_add_number (record, device->sync);
  perms_record_add_number (record, device->consent);
  perms_record_add_number (record, device->removed != FALSE);
  perms_record_add_number (record, (gint64) device->floor);
  add_decision (record, &device->decision);
  return TRUE;
}

gboolean
perms_record_from_install (PermsRecord *record,
                           const PermsInstall *install,
                           GError **error)
{
  guint32 uid = 0;

  if (!is_place (install->app, install->device, &uid) ||
      (install->asks & ~(guint) PERMS_ACCESS_ALL) != 0 ||
      (guint) install->strength > PERMS_STRENGTH_VERIFIED ||
      !is_text (install->fingerprint, PERMS_FINGERPRINT_MAX) ||
      !is_text (install->changed_to, PERMS_FINGERPRINT_MAX) ||
      (guint) install->bluetooth > PERMS_BLUETOOTH_RESTRICTED ||
      (guint) install->managed > PERMS_MANAGED_ALLOW ||
      (guint) install->snapshot > PERMS_BLUETOOTH_RESTRICTED ||
      !is_decision (&install->decision))
    return refuse ("install", error);

  *record = (PermsRecord){ .table = PERMS_TABLE_INSTALLS };
  perms_record_add_number (record, uid);
  perms_record_add_text (record, install->app);
  perms_record_add_text (record, install->device);
  perms_record_add_number (record, install->installed != FALSE);
  perms_record_add_number (record, install->asks);
  perms_record_add_number (record, install->strength);
  perms_record_add_text (record, or_empty (install->fingerprint));
  if (install->changed_to != NULL)
    perms_record_add_text (record, install->changed_to);
  else
    add_null (record);
  perms_record_add_number (record, install->bluetooth);
  perms_record_add_number (record, install->managed);
  perms_record_add_number (record, install->waiting != FALSE);
  perms_record_add_number (record, install->snapshot);
  perms_record_add_number (record, install->conflict != FALSE);
  add_decision (record, &install->decision);
  return TRUE;
}

gboolean
perms_record_from_grant (PermsRecord *record,
                         const PermsGrant *grant,
                         char **ret_scope,
                         GError **error)
{
  guint32 uid = 0;

  if (!is_place (grant->app, grant->device, &uid) ||
      !perms_accessory_is_valid (grant->accessory) || perms_id_is_null (&grant->id) ||
      !is_text (grant->name, PERMS_NAME_MAX) || grant->lifetime > PERMS_LIFETIME_ALWAYS ||
      grant->state > PERMS_GRANT_ACTIVE || grant->pairing > PERMS_PAIRING_COMPARISON ||
      !is_decision (&grant->decision))
    return refuse ("grant", error);

  *ret_scope = grant->scope != NULL ? perms_scope_format (grant->scope) : g_strdup ("");
  *record = (PermsRecord){ .table = PERMS_TABLE_GRANTS };
  perms_record_add_number (record, uid);
  perms_record_add_text (record, grant->app);
  perms_record_add_text (record, grant->device);
  perms_record_add_number (record, (gint64) grant->accessory);
  add_blob (record, grant->id.bytes, sizeof grant->id.bytes);
  perms_record_add_text (record, or_empty (grant->name));
  perms_record_add_number (record, grant->kind);
  perms_record_add_text (record, *ret_scope);
  perms_record_add_number (record, grant->until_s);
  perms_record_add_number (record, grant->lifetime);
  perms_record_add_number (record, grant->state);
  perms_record_add_number (record, grant->pairing);
  add_decision (record, &grant->decision);
  return TRUE;
}

gboolean
perms_record_from_bond (PermsRecord *record, const PermsBond *bond, GError **error)
{
  if (!perms_accessory_is_valid (bond->accessory) ||
      (guint) bond->pairing > PERMS_PAIRING_COMPARISON || !is_decision (&bond->decision))
    return refuse ("bond", error);

  *record = (PermsRecord){ .table = PERMS_TABLE_BONDS };
  perms_record_add_number (record, PERMS_OWNER_MACHINE);
  perms_record_add_number (record, (gint64) bond->accessory);
  perms_record_add_number (record, bond->pairing);
  perms_record_add_number (record, bond->bonded_by_us != FALSE);
  add_decision (record, &bond->decision);
  return TRUE;
}

gboolean
perms_record_from_pending (PermsRecord *record,
                           const PermsPending *pending,
                           GError **error)
{
  guint32 uid = 0;

  if (!is_place (pending->app, pending->device, &uid) ||
      !perms_accessory_is_valid (pending->accessory))
    return refuse ("pairing", error);

  *record = (PermsRecord){ .table = PERMS_TABLE_PENDINGS };
  perms_record_add_number (record, PERMS_OWNER_MACHINE);
  perms_record_add_number (record, (gint64) pending->accessory);
  perms_record_add_text (record, pending->app);
  perms_record_add_text (record, pending->device);
  perms_record_add_number (record, pending->was_bonded != FALSE);
  perms_record_add_number (record, pending->time_s);
  return TRUE;
}
