/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <nettle/sha2.h>
#include <string.h>

#include "perms/store-private.h"

/* ---- digests ---- */

static void
hash_number (struct sha256_ctx *hash, guint64 number)
{
  guint64 bytes = GUINT64_TO_LE (number);

  sha256_update (hash, sizeof bytes, (const guint8 *) &bytes);
}

/* Kind and length first, so that no two lists of values are written alike. */
static void
hash_field (struct sha256_ctx *hash, const PermsField *field)
{
  guint8 kind = (guint8) field->kind;

  sha256_update (hash, sizeof kind, &kind);
  if (field->kind == PERMS_FIELD_NUMBER)
    hash_number (hash, (guint64) field->number);
  if (field->kind == PERMS_FIELD_TEXT || field->kind == PERMS_FIELD_BLOB)
    {
      hash_number (hash, field->size);
      if (field->size > 0)
        sha256_update (hash, field->size, (const guint8 *) field->data);
    }
}

static guint64
hash_fields (const PermsRecord *record, guint n)
{
  struct sha256_ctx hash;
  guint64 start = 0;

  sha256_init (&hash);
  hash_number (&hash, (guint64) record->table << 8 | n);
  for (guint i = 0; i < n; i++)
    hash_field (&hash, &record->fields[i]);
  sha256_digest (&hash, sizeof start, (guint8 *) &start);
  return GUINT64_FROM_LE (start);
}

static guint64
hash_key (const PermsRecord *record)
{
  return hash_fields (record, perms_table_shape (record->table)->n_key);
}

static guint64
hash_row (const PermsRecord *record)
{
  return hash_fields (record, record->n_fields);
}

PermsDigest
perms_record_digest (const PermsRecord *record)
{
  return (PermsDigest){ hash_key (record), hash_row (record) };
}

/* What is right as a whole is right in its key: the second hash is for the damaged. (A
 * key's digest that is damaged itself is left to the seal.) */
PermsFit
perms_record_check (const PermsRecord *record)
{
  if (hash_row (record) == record->stored.row)
    return PERMS_FIT_WHOLE;
  if (hash_key (record) == record->stored.key)
    return PERMS_FIT_KEY_ONLY;
  return PERMS_FIT_NOT;
}

gboolean
perms_digest_read (sqlite3_stmt *statement, int column, PermsDigest *ret_digest)
{
  guint64 parts[2];
  const void *blob = sqlite3_column_blob (statement, column);

  if (blob == NULL || sqlite3_column_bytes (statement, column) != PERMS_DIGEST_SIZE)
    return FALSE;
  memcpy (parts, blob, sizeof parts);
  ret_digest->key = GUINT64_FROM_LE (parts[0]);
  ret_digest->row = GUINT64_FROM_LE (parts[1]);
  return TRUE;
}

/* ---- records in the file ---- */

static PermsField
read_field (sqlite3_stmt *statement, int column)
{
  PermsField field = { .kind = PERMS_FIELD_NULL };

  switch (sqlite3_column_type (statement, column))
    {
    case SQLITE_INTEGER:
      field.kind = PERMS_FIELD_NUMBER;
      field.number = sqlite3_column_int64 (statement, column);
      break;
    case SQLITE_TEXT:
      field.kind = PERMS_FIELD_TEXT;
      field.data = sqlite3_column_text (statement, column);
      field.size = (gsize) sqlite3_column_bytes (statement, column);
      break;
    case SQLITE_BLOB:
      field.kind = PERMS_FIELD_BLOB;
      field.data = sqlite3_column_blob (statement, column);
      field.size = (gsize) sqlite3_column_bytes (statement, column);
      break;
    default: /* we store no fractions: what looks like one is damage */
      break;
    }
  return field;
}

gboolean
perms_record_read (PermsRecord *record,
                   PermsTable table,
                   sqlite3_stmt *statement,
                   GError **error)
{
  guint n = perms_table_shape (table)->n_columns;

  record->table = table;
  record->n_fields = n;
  for (guint i = 0; i < n; i++)
    {
      record->fields[i] = read_field (statement, (int) i);
      gboolean needs_data = record->fields[i].kind == PERMS_FIELD_TEXT;
      if (needs_data && record->fields[i].data == NULL)
        record->fields[i].kind = PERMS_FIELD_NULL;
    }
  if (perms_digest_read (statement, (int) n, &record->stored))
    return TRUE;
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
               "The permission store: a row of %s has no digest",
               perms_table_shape (table)->name);
  return FALSE;
}

static void
bind_field (sqlite3_stmt *statement, int index, const PermsField *field)
{
  switch (field->kind)
    {
    case PERMS_FIELD_NUMBER:
      sqlite3_bind_int64 (statement, index, field->number);
      break;
    case PERMS_FIELD_TEXT:
      sqlite3_bind_text (statement, index, field->data, (int) field->size, SQLITE_STATIC);
      break;
    case PERMS_FIELD_BLOB:
      sqlite3_bind_blob (statement, index, field->data, (int) field->size, SQLITE_STATIC);
      break;
    case PERMS_FIELD_NULL:
    default:
      sqlite3_bind_null (statement, index);
      break;
    }
}

static void
bind_fields (sqlite3_stmt *statement, const PermsRecord *record, guint n)
{
  for (guint i = 0; i < n; i++)
    bind_field (statement, (int) i + 1, &record->fields[i]);
}

gboolean
perms_record_put (PermsConnection *connection,
                  const PermsRecord *record,
                  const PermsDigest *digest,
                  GError **error)
{
  sqlite3_stmt *statement = connection->put[record->table];
  guint64 parts[2] = { GUINT64_TO_LE (digest->key), GUINT64_TO_LE (digest->row) };

  bind_fields (statement, record, record->n_fields);
  sqlite3_bind_blob (statement, (int) record->n_fields + 1, parts, sizeof parts,
                     SQLITE_STATIC);
  gboolean is_put = perms_connection_step (connection, statement, NULL, error);
  sqlite3_clear_bindings (statement);
  return is_put;
}

gboolean
perms_record_find (PermsConnection *connection,
                   const PermsRecord *key,
                   PermsRecord *ret_record,
                   gboolean *ret_found,
                   GError **error)
{
  sqlite3_stmt *statement = connection->find[key->table];

  bind_fields (statement, key, perms_table_shape (key->table)->n_key);
  if (!perms_connection_step (connection, statement, ret_found, error))
    return FALSE;
  return !*ret_found || perms_record_read (ret_record, key->table, statement, error);
}

gboolean
perms_record_erase (PermsConnection *connection, const PermsRecord *key, GError **error)
{
  sqlite3_stmt *statement = connection->erase[key->table];

  bind_fields (statement, key, perms_table_shape (key->table)->n_key);
  gboolean is_erased = perms_connection_step (connection, statement, NULL, error);
  sqlite3_clear_bindings (statement);
  return is_erased;
}

/* ---- seals ---- */

void
perms_seal_add (PermsSeal *seal, const PermsDigest *digest)
{
  seal->n_rows++;
  seal->sum.key += digest->key;
  seal->sum.row += digest->row;
}

void
perms_seal_subtract (PermsSeal *seal, const PermsDigest *digest)
{
  seal->n_rows--;
  seal->sum.key -= digest->key;
  seal->sum.row -= digest->row;
}

gboolean
perms_seal_load (PermsConnection *connection,
                 gint64 owner,
                 PermsSeal *ret_seal,
                 GError **error)
{
  PermsRecord key = { .table = PERMS_TABLE_SEALS };
  PermsRecord record = { 0 };
  gboolean is_found = FALSE;

  *ret_seal = (PermsSeal){ .owner = owner };
  perms_record_add_number (&key, owner);
  gboolean is_good = perms_record_find (connection, &key, &record, &is_found, error);
  if (is_good && is_found)
    {
      is_good = perms_record_check (&record) == PERMS_FIT_WHOLE;
      if (!is_good)
        g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
                     "The permission store: the seal of %" G_GINT64_FORMAT " is broken",
                     owner);
      ret_seal->n_rows = record.fields[1].number;
      ret_seal->sum.key = (guint64) record.fields[2].number;
      ret_seal->sum.row = (guint64) record.fields[3].number;
      ret_seal->sequence = record.fields[4].number;
    }
  sqlite3_reset (connection->find[PERMS_TABLE_SEALS]);
  return is_good;
}

gboolean
perms_seal_save (PermsConnection *connection, const PermsSeal *seal, GError **error)
{
  PermsRecord record = { .table = PERMS_TABLE_SEALS };

  perms_record_add_number (&record, seal->owner);
  perms_record_add_number (&record, seal->n_rows);
  perms_record_add_number (&record, (gint64) seal->sum.key);
  perms_record_add_number (&record, (gint64) seal->sum.row);
  perms_record_add_number (&record, seal->sequence);
  PermsDigest digest = perms_record_digest (&record);
  return perms_record_put (connection, &record, &digest, error);
}
