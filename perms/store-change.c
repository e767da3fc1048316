/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/store-private.h"

/* Lines of the journal that are kept of each owner; the oldest go. */
#define JOURNAL_MAX 100000

/* One change set on its way into the file. */
typedef struct
{
  PermsConnection *connection;
  GHashTable *seals;  /* owner to PermsSeal: those that this change set has touched */
  PermsTotals totals; /* of the store, with this change set */
} Batch;

static PermsSeal *
find_seal (Batch *batch, gint64 owner, GError **error)
{
  PermsSeal *seal = g_hash_table_lookup (batch->seals, &owner);

  if (seal != NULL)
    return seal;
  seal = g_new0 (PermsSeal, 1);
  if (!perms_seal_load (batch->connection, owner, seal, error))
    {
      g_free (seal);
      return NULL;
    }
  g_hash_table_insert (batch->seals, &seal->owner, seal);
  return seal;
}

static gboolean
save_seals (Batch *batch, GError **error)
{
  GHashTableIter iter;
  gpointer seal = NULL;

  g_hash_table_iter_init (&iter, batch->seals);
  while (g_hash_table_iter_next (&iter, NULL, &seal))
    {
      if (!perms_seal_save (batch->connection, seal, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the journal ---- */

/* What of a row the journal keeps. */
typedef struct
{
  const char *event;
  const char *app;
  const char *device;
  PermsAccessory accessory;
  const char *value;
  const PermsDecision *decision;
} Line;

static gboolean
forget_line (Batch *batch, const PermsSeal *seal, GError **error)
{
  PermsRecord old = { .table = PERMS_TABLE_JOURNAL };

  if (seal->sequence <= JOURNAL_MAX)
    return TRUE;
  perms_record_add_number (&old, seal->owner);
  perms_record_add_number (&old, seal->sequence - JOURNAL_MAX);
  return perms_record_erase (batch->connection, &old, error);
}

/* The next number, whether there is a line to it or not. */
static gboolean
count_change (Batch *batch, PermsSeal *seal, GError **error)
{
  seal->sequence++;
  batch->totals.n_changes++;
  return forget_line (batch, seal, error);
}

static gboolean
write_line (Batch *batch, PermsSeal *seal, const Line *line, GError **error)
{
  PermsRecord record = { .table = PERMS_TABLE_JOURNAL };

  perms_record_add_number (&record, seal->owner);
  perms_record_add_number (&record, seal->sequence);
  perms_record_add_number (&record, line->decision->time_s);
  perms_record_add_text (&record, line->event != NULL ? line->event : "");
  perms_record_add_text (&record, line->app);
  perms_record_add_text (&record, line->device);
  perms_record_add_number (&record, (gint64) line->accessory);
  perms_record_add_text (&record, line->value);
  perms_record_add_number (&record, line->decision->reason);
  perms_record_add_text (&record, line->decision->device);
  perms_record_add_number (&record, (gint64) line->decision->revision);
  PermsDigest digest = perms_record_digest (&record);
  return perms_record_put (batch->connection, &record, &digest, error);
}

/* ---- rows ---- */

static gboolean
fail_stale (const PermsTableShape *shape, GError **error)
{
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_STALE,
               "The stored row of %s is as new or newer", shape->name);
  return FALSE;
}

/* Takes the row of the same key out of the seal, if there is one. @revision: what the new
 * row has, G_MAXINT64 for rows without revisions. */
static gboolean
replace_row (Batch *batch,
             PermsSeal *seal,
             const PermsRecord *key,
             gint64 revision,
             gboolean *ret_found,
             GError **error)
{
  const PermsTableShape *shape = perms_table_shape (key->table);
  PermsRecord old;
  gboolean is_good = perms_record_find (batch->connection, key, &old, ret_found, error);

  if (is_good && *ret_found)
    {
      if (shape->has_revision && perms_record_revision (&old) >= revision)
        is_good = fail_stale (shape, error);
      else
        perms_seal_subtract (seal, &old.stored);
    }
  sqlite3_reset (batch->connection->find[key->table]);
  return is_good;
}

static gboolean
count_row (Batch *batch, GError **error)
{
  if (batch->totals.n_rows >= PERMS_STORE_ROWS_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "The permission store has %d rows, which is the most it takes",
                   PERMS_STORE_ROWS_MAX);
      return FALSE;
    }
  batch->totals.n_rows++;
  return TRUE;
}

/* @line: NULL for rows that are no decisions. */
static gboolean
put_row (Batch *batch, const PermsRecord *record, const Line *line, GError **error)
{
  gboolean has_revision = perms_table_shape (record->table)->has_revision;
  gint64 revision = has_revision ? perms_record_revision (record) : G_MAXINT64;
  PermsSeal *seal = find_seal (batch, perms_record_owner (record), error);
  gboolean is_found = FALSE;

  if (seal == NULL || !replace_row (batch, seal, record, revision, &is_found, error) ||
      (!is_found && !count_row (batch, error)))
    return FALSE;
  PermsDigest digest = perms_record_digest (record);
  perms_seal_add (seal, &digest);
  return perms_record_put (batch->connection, record, &digest, error) &&
         count_change (batch, seal, error) &&
         (line == NULL || write_line (batch, seal, line, error));
}

static gboolean
erase_row (Batch *batch, const PermsRecord *record, GError **error)
{
  PermsSeal *seal = find_seal (batch, perms_record_owner (record), error);
  gboolean is_found = FALSE;

  if (seal == NULL || !replace_row (batch, seal, record, G_MAXINT64, &is_found, error))
    return FALSE;
  if (!is_found)
    return TRUE;
  batch->totals.n_rows--;
  return perms_record_erase (batch->connection, record, error) &&
         count_change (batch, seal, error);
}

static void
bind_device (sqlite3_stmt *statement, const PermsDevice *device)
{
  sqlite3_bind_int64 (statement, 1, device->uid);
  sqlite3_bind_text (statement, 2, device->name, -1, SQLITE_TRANSIENT);
}

/* What is stored of a device that is removed goes with it. */
static gboolean
erase_rows_on (Batch *batch,
               const PermsDevice *device,
               PermsSql list,
               PermsSql erase,
               GError **error)
{
  PermsConnection *connection = batch->connection;
  sqlite3_stmt *statement = connection->sql[list];
  PermsSeal *seal = find_seal (batch, device->uid, error);
  gboolean has_row = FALSE;
  PermsDigest digest;

  if (seal == NULL)
    return FALSE;
  bind_device (statement, device);
  while (perms_connection_step (connection, statement, &has_row, error))
    {
      if (!has_row)
        {
          bind_device (connection->sql[erase], device);
          return perms_connection_do (connection, erase, error);
        }
      if (!perms_digest_read (statement, 0, &digest))
        {
          sqlite3_reset (statement);
          g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
                               "The permission store: a row has no digest");
          return FALSE;
        }
      perms_seal_subtract (seal, &digest);
      batch->totals.n_rows--;
    }
  return FALSE;
}

#define DEVICE_REMOVED 7 /* which field of a device's record */

/* Of a device that is removed nothing is stored: what was on its way comes too late. */
static gboolean
check_device (Batch *batch, const char *app, const char *device, GError **error)
{
  PermsConnection *connection = batch->connection;
  PermsRecord key = { .table = PERMS_TABLE_DEVICES }, found;
  gboolean is_found = FALSE, is_good = FALSE;

  if (g_str_equal (device, PERMS_DEVICE_LOCAL))
    return TRUE;
  perms_record_add_number (&key, perms_app_key_uid (app));
  perms_record_add_text (&key, device);
  is_good = perms_record_find (connection, &key, &found, &is_found, error);
  if (is_good && is_found && found.fields[DEVICE_REMOVED].number != 0)
    is_good = fail_stale (perms_table_shape (PERMS_TABLE_DEVICES), error);
  sqlite3_reset (connection->find[PERMS_TABLE_DEVICES]);
  return is_good;
}

/* ---- changes ---- */

static gboolean
put_device (Batch *batch, const PermsChange *change, GError **error)
{
  const PermsDevice *device = change->device;
  PermsRecord record;

  if (!perms_record_from_device (&record, device, error))
    return FALSE;
  Line line = {
    .event = change->event,
    .app = "",
    .device = device->name,
    .value = device->removed      ? "removed"
             : device->order == 0 ? "unlinked"
                                  : perms_sync_to_string (device->sync),
    .decision = &device->decision,
  };
  if (!put_row (batch, &record, &line, error))
    return FALSE;
  return !device->removed || (erase_rows_on (batch, device, PERMS_SQL_DEVICE_INSTALLS,
                                             PERMS_SQL_ERASE_DEVICE_INSTALLS, error) &&
                              erase_rows_on (batch, device, PERMS_SQL_DEVICE_GRANTS,
                                             PERMS_SQL_ERASE_DEVICE_GRANTS, error));
}

static gboolean
put_install (Batch *batch, const PermsChange *change, GError **error)
{
  const PermsInstall *install = change->install;
  PermsRecord record;

  if (!perms_record_from_install (&record, install, error) ||
      !check_device (batch, install->app, install->device, error))
    return FALSE;
  Line line = {
    .event = change->event,
    .app = install->app,
    .device = install->device,
    .value = perms_bluetooth_to_string (install->installed ? install->bluetooth
                                                           : PERMS_BLUETOOTH_NONE),
    .decision = &install->decision,
  };
  return put_row (batch, &record, &line, error);
}

static gboolean
put_grant (Batch *batch, const PermsChange *change, GError **error)
{
  const PermsGrant *grant = change->grant;
  g_autofree char *scope = NULL;
  PermsRecord record;

  if (!perms_record_from_grant (&record, grant, &scope, error) ||
      !check_device (batch, grant->app, grant->device, error))
    return FALSE;
  Line line = {
    .event = change->event,
    .app = grant->app,
    .device = grant->device,
    .accessory = grant->accessory,
    .value = perms_grant_state_to_string (grant->state),
    .decision = &grant->decision,
  };
  return put_row (batch, &record, &line, error);
}

static gboolean
put_bond (Batch *batch, const PermsChange *change, GError **error)
{
  const PermsBond *bond = change->bond;
  PermsRecord record;

  if (!perms_record_from_bond (&record, bond, error))
    return FALSE;
  Line line = {
    .event = change->event,
    .app = "",
    .device = PERMS_DEVICE_LOCAL,
    .accessory = bond->accessory,
    .value = perms_pairing_to_string (bond->pairing),
    .decision = &bond->decision,
  };
  return put_row (batch, &record, &line, error);
}

static gboolean
put_pending (Batch *batch, const PermsChange *change, GError **error)
{
  PermsRecord record;

  if (!perms_record_from_pending (&record, change->pending, error))
    return FALSE;
  return change->kind == PERMS_CHANGE_PENDING ? put_row (batch, &record, NULL, error)
                                              : erase_row (batch, &record, error);
}

static gboolean
put_change (Batch *batch, const PermsChange *change, GError **error)
{
  switch (change->kind)
    {
    case PERMS_CHANGE_DEVICE:
      return put_device (batch, change, error);
    case PERMS_CHANGE_INSTALL:
      return put_install (batch, change, error);
    case PERMS_CHANGE_GRANT:
      return put_grant (batch, change, error);
    case PERMS_CHANGE_BOND:
      return put_bond (batch, change, error);
    case PERMS_CHANGE_PENDING:
    case PERMS_CHANGE_PENDING_END:
      return put_pending (batch, change, error);
    case PERMS_CHANGE_NONE:
    default:
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "A change changes something");
      return FALSE;
    }
}

static gboolean
put_all (Batch *batch, const PermsChanges *changes, GError **error)
{
  guint n = perms_changes_get_length (changes);

  if (n > PERMS_CHANGES_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "A change set has at most %d rows", PERMS_CHANGES_MAX);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      if (!put_change (batch, perms_changes_get (changes, i), error))
        return FALSE;
    }
  return save_seals (batch, error);
}

gboolean
perms_changes_write (const PermsChanges *changes,
                     PermsConnection *connection,
                     PermsTotals *totals,
                     GError **error)
{
  Batch batch = {
    .connection = connection,
    .seals = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free),
    .totals = *totals,
  };
  gboolean is_written = put_all (&batch, changes, error);

  g_hash_table_unref (batch.seals);
  if (is_written)
    *totals = batch.totals;
  return is_written;
}
