/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "perms/store-private.h"

/* ---- sharing ---- */

/* Rows come sorted by app and device, so that most texts are those of the row before. */
#define RECENT_MAX 8 /* texts of a row */

struct _PermsPool
{
  GRefString *recent[RECENT_MAX]; /* of strings; NULL: none yet */
  PermsScope *recent_scope;       /* of scopes, or NULL, and its text */
  const char *recent_scope_text;
  GHashTable *strings; /* itself, a GRefString, the pool holds one reference */
  GHashTable *scopes;  /* text to PermsScope */
  PermsScope *nothing;
};

PermsPool *
perms_pool_new (void)
{
  PermsPool *pool = g_new0 (PermsPool, 1);

  pool->strings = g_hash_table_new_full (g_str_hash, g_str_equal,
                                         (GDestroyNotify) g_ref_string_release, NULL);
  pool->scopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) perms_scope_unref);
  pool->nothing = perms_scope_new (PERMS_OPERATION_NONE, NULL, 0, NULL, 0, NULL);
  return pool;
}

void
perms_pool_free (PermsPool *pool)
{
  if (pool == NULL)
    return;
  g_hash_table_unref (pool->strings);
  g_hash_table_unref (pool->scopes);
  perms_scope_unref (pool->nothing);
  g_free (pool);
}

static GRefString *
share_string (PermsPool *pool, const char *text)
{
  GRefString *shared = g_hash_table_lookup (pool->strings, text);

  if (shared == NULL)
    {
      shared = g_ref_string_new (text);
      g_hash_table_add (pool->strings, shared);
    }
  return g_ref_string_acquire (shared);
}

/* A scope that cannot be read covers nothing. */
static PermsScope *
share_scope (PermsPool *pool, const char *text)
{
  gpointer known = NULL, found = NULL;

  if (pool->recent_scope != NULL && g_str_equal (pool->recent_scope_text, text))
    return perms_scope_ref (pool->recent_scope);
  if (!g_hash_table_lookup_extended (pool->scopes, text, &known, &found))
    {
      found = perms_scope_parse (text, NULL);
      if (found == NULL)
        return perms_scope_ref (pool->nothing);
      known = g_strdup (text);
      g_hash_table_insert (pool->scopes, known, found);
    }
  pool->recent_scope = found;
  pool->recent_scope_text = known;
  return perms_scope_ref (found);
}

/* ---- values ---- */

/* Reads the fields of a record one after the other. */
typedef struct
{
  const PermsField *next;
  PermsPool *pool;
  gboolean is_broken; /* a value was not of its type */
  guint n_strings;    /* taken so far */
} Fields;

static gint64
take_number (Fields *fields)
{
  const PermsField *field = fields->next++;

  fields->is_broken = fields->is_broken || field->kind != PERMS_FIELD_NUMBER;
  return field->number;
}

/* A number from 0 to @max, else 0: the zero of every enumeration is its safest value. */
static guint
take_value (Fields *fields, guint max)
{
  gint64 number = take_number (fields);

  return number >= 0 && number <= max ? (guint) number : 0;
}

static const char *
take_text (Fields *fields)
{
  const PermsField *field = fields->next++;

  fields->is_broken = fields->is_broken || field->kind != PERMS_FIELD_TEXT;
  /* SQLite ends texts with a zero; another one within would hide what follows */
  if (field->kind != PERMS_FIELD_TEXT || strlen (field->data) != field->size ||
      !g_utf8_validate (field->data, (gssize) field->size, NULL))
    return "";
  return field->data;
}

static gboolean
is_text (const GRefString *shared, const PermsField *field)
{
  return field->kind == PERMS_FIELD_TEXT &&
         g_ref_string_length ((char *) shared) == field->size &&
         memcmp (shared, field->data, field->size) == 0;
}

static GRefString *
take_string (Fields *fields)
{
  GRefString **recent = &fields->pool->recent[fields->n_strings++ % RECENT_MAX];

  if (*recent != NULL && is_text (*recent, fields->next))
    {
      fields->next++;
      return g_ref_string_acquire (*recent);
    }
  /* the pool holds it as long as it lives itself */
  *recent = share_string (fields->pool, take_text (fields));
  return *recent;
}

static guint64
take_natural (Fields *fields)
{
  gint64 number = take_number (fields);

  return number > 0 ? (guint64) number : 0;
}

static void
take_decision (Fields *fields, PermsDecision *decision)
{
  decision->reason = take_value (fields, PERMS_REASON_CLI);
  decision->time_s = take_number (fields);
  decision->device = take_string (fields);
  decision->revision = take_natural (fields);
}

/* ---- records as rows ---- */

PermsDevice *
perms_record_to_device (const PermsRecord *record, PermsPool *pool)
{
  Fields fields = { record->fields, pool, FALSE, 0 };
  g_autoptr (PermsDevice) device = g_new0 (PermsDevice, 1);

  device->uid = (guint32) take_number (&fields);
  device->name = take_string (&fields);
  device->kind = take_string (&fields);
  device->is_host = take_value (&fields, TRUE) != 0;
  device->order = take_value (&fields, G_MAXUINT32);
  device->sync = take_value (&fields, PERMS_SYNC_MIRRORED);
  device->consent = take_value (&fields, PERMS_CONSENT_ALLOW);
  device->removed = take_value (&fields, TRUE) != 0;
  device->floor = take_natural (&fields);
  take_decision (&fields, &device->decision);
  return fields.is_broken ? NULL : g_steal_pointer (&device);
}

/* Which identity was accepted stays, so that another one is still refused. */
static void
deny_install (PermsInstall *install)
{
  install->bluetooth = PERMS_BLUETOOTH_DENIED;
  install->strength = PERMS_STRENGTH_NONE;
  install->managed = PERMS_MANAGED_NONE;
  install->waiting = FALSE;
  install->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  install->decision.reason = PERMS_REASON_NONE;
}

PermsInstall *
perms_record_to_install (const PermsRecord *record, gboolean is_refused, PermsPool *pool)
{
  Fields fields = { record->fields + 1, pool, FALSE, 0 };
  g_autoptr (PermsInstall) install = g_new0 (PermsInstall, 1);

  install->app = take_string (&fields);
  install->device = take_string (&fields);
  install->installed = take_value (&fields, TRUE) != 0;
  install->asks = take_value (&fields, PERMS_ACCESS_ALL);
  install->strength = take_value (&fields, PERMS_STRENGTH_VERIFIED);
  install->fingerprint = take_string (&fields);
  if (fields.next->kind == PERMS_FIELD_NULL)
    fields.next++;
  else
    install->changed_to = take_string (&fields);
  install->bluetooth = take_value (&fields, PERMS_BLUETOOTH_RESTRICTED);
  install->managed = take_value (&fields, PERMS_MANAGED_ALLOW);
  install->waiting = take_value (&fields, TRUE) != 0;
  install->snapshot = take_value (&fields, PERMS_BLUETOOTH_RESTRICTED);
  install->conflict = take_value (&fields, TRUE) != 0;
  take_decision (&fields, &install->decision);
  if (is_refused)
    deny_install (install);
  return fields.is_broken ? NULL : g_steal_pointer (&install);
}

static void
deny_grant (PermsGrant *grant, PermsPool *pool)
{
  grant->state = PERMS_GRANT_DENIED;
  grant->lifetime = PERMS_LIFETIME_ALWAYS; /* of a denial: for ever */
  grant->until_s = 0;
  grant->pairing = PERMS_PAIRING_NONE;
  grant->decision.reason = PERMS_REASON_NONE;
  perms_scope_unref (grant->scope);
  grant->scope = perms_scope_ref (pool->nothing);
}

gboolean
perms_record_to_grant (const PermsRecord *record,
                       gboolean is_refused,
                       PermsPool *pool,
                       PermsGrant *ret_grant)
{
  Fields fields = { record->fields + 1, pool, FALSE, 0 };
  PermsGrant grant = { 0 };

  grant.app = take_string (&fields);
  grant.device = take_string (&fields);
  grant.accessory = take_natural (&fields);
  const PermsField *id = fields.next++;
  if (id->kind == PERMS_FIELD_BLOB && id->size == sizeof grant.id.bytes)
    memcpy (grant.id.bytes, id->data, sizeof grant.id.bytes);
  else
    fields.is_broken = TRUE;
  grant.name = take_string (&fields);
  grant.kind = (guint16) take_value (&fields, G_MAXUINT16);
  grant.scope = share_scope (pool, take_text (&fields));
  grant.until_s = take_number (&fields);
  grant.lifetime = take_value (&fields, PERMS_LIFETIME_ALWAYS);
  grant.state = take_value (&fields, PERMS_GRANT_ACTIVE);
  grant.pairing = take_value (&fields, PERMS_PAIRING_COMPARISON);
  take_decision (&fields, &grant.decision);
  if (is_refused)
    deny_grant (&grant, pool);
  if (fields.is_broken)
    {
      perms_grant_clear (&grant);
      return FALSE;
    }
  *ret_grant = grant;
  return TRUE;
}

PermsBond *
perms_record_to_bond (const PermsRecord *record, PermsPool *pool)
{
  Fields fields = { record->fields + 1, pool, FALSE, 0 };
  g_autoptr (PermsBond) bond = g_new0 (PermsBond, 1);

  bond->accessory = take_natural (&fields);
  bond->pairing = take_value (&fields, PERMS_PAIRING_COMPARISON);
  bond->bonded_by_us = take_value (&fields, TRUE) != 0;
  take_decision (&fields, &bond->decision);
  return fields.is_broken ? NULL : g_steal_pointer (&bond);
}

PermsPending *
perms_record_to_pending (const PermsRecord *record, PermsPool *pool)
{
  Fields fields = { record->fields + 1, pool, FALSE, 0 };
  g_autoptr (PermsPending) pending = g_new0 (PermsPending, 1);

  pending->accessory = take_natural (&fields);
  pending->app = take_string (&fields);
  pending->device = take_string (&fields);
  pending->was_bonded = take_value (&fields, TRUE) != 0;
  pending->time_s = take_number (&fields);
  return fields.is_broken ? NULL : g_steal_pointer (&pending);
}

PermsHistoryEntry *
perms_record_to_history (const PermsRecord *record)
{
  Fields fields = { record->fields + 1, NULL, FALSE, 0 };
  g_autoptr (PermsHistoryEntry) entry = g_new0 (PermsHistoryEntry, 1);

  entry->sequence = take_natural (&fields);
  entry->time_s = take_number (&fields);
  entry->event = g_strdup (take_text (&fields));
  entry->app = g_strdup (take_text (&fields));
  entry->device = g_strdup (take_text (&fields));
  entry->accessory = take_natural (&fields);
  entry->value = g_strdup (take_text (&fields));
  entry->reason = take_value (&fields, PERMS_REASON_CLI);
  entry->decided_by = g_strdup (take_text (&fields));
  entry->revision = take_natural (&fields);
  return fields.is_broken ? NULL : g_steal_pointer (&entry);
}
