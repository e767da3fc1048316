/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the store share: its two connections, and records, which are rows as
 * a list of plain values in the order of the columns. A record is bound, read, digested
 * and sealed the same way whatever it holds; only store-record.c knows what the values
 * mean. Not for anybody else. */

#pragma once

#include <glib.h>
#include <sqlite3.h>

#include "perms/store.h"

/* ---- tables ---- */

/* Numbers go into digests: append, never reorder. */
typedef enum
{
  PERMS_TABLE_DEVICES = 0,
  PERMS_TABLE_INSTALLS,
  PERMS_TABLE_GRANTS,
  PERMS_TABLE_BONDS,
  PERMS_TABLE_PENDINGS,
  PERMS_TABLE_JOURNAL,
  PERMS_TABLE_SEALS,
} PermsTable;

#define PERMS_N_TABLES        7
#define PERMS_N_SEALED_TABLES 5 /* those before the journal count in their owner's seal */

/* The first column of every table: a uid, or this for what belongs to the machine (bonds
 * and pending pairings). No user has this uid (chown (2): -1 means "leave it"). */
#define PERMS_OWNER_MACHINE G_MAXUINT32

typedef struct
{
  const char *name;
  const char *columns; /* separated by ", ", the key first, without the digest */
  guint n_columns;
  guint n_key;
  gboolean has_revision; /* it is then the last column */
} PermsTableShape;

const PermsTableShape *perms_table_shape (PermsTable table);

/* ---- records ---- */

#define PERMS_RECORD_FIELDS_MAX 20

typedef enum
{
  PERMS_FIELD_NULL = 0,
  PERMS_FIELD_NUMBER,
  PERMS_FIELD_TEXT,
  PERMS_FIELD_BLOB,
} PermsFieldKind;

typedef struct
{
  PermsFieldKind kind;
  gint64 number;
  gconstpointer data; /* borrowed from the row, or from the statement */
  gsize size;
} PermsField;

#define PERMS_DIGEST_SIZE 16

/* SHA-256 of the key and SHA-256 of the whole row, eight octets of each: a row whose
 * content is damaged can still be denied by its key, one whose key is damaged cannot. */
typedef struct
{
  guint64 key;
  guint64 row;
} PermsDigest;

typedef struct
{
  PermsTable table;
  guint n_fields;
  PermsField fields[PERMS_RECORD_FIELDS_MAX];
  PermsDigest stored; /* as read; unused in a record that is to be written */
} PermsRecord;

/* Rows as records. The record borrows from the row; a grant's scope is formatted into
 * @ret_scope, which has to outlive the record. Error: PERMS_ERROR_INVALID. */
gboolean
perms_record_from_device (PermsRecord *record, const PermsDevice *device, GError **error);
gboolean perms_record_from_install (PermsRecord *record,
                                    const PermsInstall *install,
                                    GError **error);
gboolean perms_record_from_grant (PermsRecord *record,
                                  const PermsGrant *grant,
                                  char **ret_scope,
                                  GError **error);
gboolean
perms_record_from_bond (PermsRecord *record, const PermsBond *bond, GError **error);
gboolean perms_record_from_pending (PermsRecord *record,
                                    const PermsPending *pending,
                                    GError **error);

gint64 perms_record_owner (const PermsRecord *record);
gint64 perms_record_revision (const PermsRecord *record);

void perms_record_add_number (PermsRecord *record, gint64 number);
void perms_record_add_text (PermsRecord *record, const char *text);

/* Records as rows. @pool shares strings and scopes between the rows of one load. What is
 * out of range becomes the safest value; @is_refused: the content cannot be believed, so
 * the row says no. NULL: a value is not even of its type. */
typedef struct _PermsPool PermsPool;
PermsPool *perms_pool_new (void);
void perms_pool_free (PermsPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsPool, perms_pool_free)

PermsDevice *perms_record_to_device (const PermsRecord *record, PermsPool *pool);
PermsInstall *
perms_record_to_install (const PermsRecord *record, gboolean is_refused, PermsPool *pool);
gboolean perms_record_to_grant (const PermsRecord *record,
                                gboolean is_refused,
                                PermsPool *pool,
                                PermsGrant *ret_grant);
PermsBond *perms_record_to_bond (const PermsRecord *record, PermsPool *pool);
PermsPending *perms_record_to_pending (const PermsRecord *record, PermsPool *pool);
PermsHistoryEntry *perms_record_to_history (const PermsRecord *record);

/* ---- connections ---- */

#define PERMS_BUSY_TIMEOUT_MS 2000

typedef enum
{
  PERMS_SQL_BEGIN_READ = 0,
  PERMS_SQL_BEGIN_WRITE,
  PERMS_SQL_COMMIT,
  PERMS_SQL_ROLLBACK,
  PERMS_SQL_SAVEPOINT,
  PERMS_SQL_RELEASE,
  PERMS_SQL_ROLLBACK_TO,
  PERMS_SQL_OWNERS,
  PERMS_SQL_DEVICE_INSTALLS, /* digests of the installs of an owner on a device */
  PERMS_SQL_DEVICE_GRANTS,
  PERMS_SQL_ERASE_DEVICE_INSTALLS,
  PERMS_SQL_ERASE_DEVICE_GRANTS,
  PERMS_SQL_HISTORY,
  PERMS_SQL_HISTORY_OF_APP,
} PermsSql;

#define PERMS_N_SQL 14

typedef struct
{
  sqlite3 *db;
  sqlite3_stmt *sql[PERMS_N_SQL];
  sqlite3_stmt *put[PERMS_N_TABLES];   /* fields, digest */
  sqlite3_stmt *find[PERMS_N_TABLES];  /* by key */
  sqlite3_stmt *erase[PERMS_N_TABLES]; /* by key */
  sqlite3_stmt *scan[PERMS_N_TABLES];  /* by owner */
} PermsConnection;

/* Opens the file and does not look into it yet. */
PermsConnection *perms_connection_new (const char *path, const char *vfs, GError **error);
/* Opens a store that exists, ready to be read and unable to write. */
PermsConnection *
perms_connection_new_reader (const char *path, const char *vfs, GError **error);
void perms_connection_free (PermsConnection *connection);
/* The file and its journal are left exactly as they are when this connection closes. */
void perms_connection_keep_journal (PermsConnection *connection);
gboolean perms_connection_set_up (PermsConnection *connection, GError **error);
gboolean perms_connection_prepare (PermsConnection *connection, GError **error);

/* Sets @error from the connection's last failure. Always FALSE. */
gboolean perms_connection_fail (PermsConnection *connection, int code, GError **error);
gboolean
perms_connection_run (PermsConnection *connection, const char *sql, GError **error);
gboolean perms_connection_do (PermsConnection *connection, PermsSql sql, GError **error);
gboolean perms_connection_ask (PermsConnection *connection,
                               const char *sql,
                               gint64 *ret_number,
                               GError **error);
/* The first column of the first row as text, to be freed by the caller. */
char *
perms_connection_ask_text (PermsConnection *connection, const char *sql, GError **error);
/* TRUE with a row: @ret_row TRUE. */
gboolean perms_connection_step (PermsConnection *connection,
                                sqlite3_stmt *statement,
                                gboolean *ret_row,
                                GError **error);

/* ---- records in the file ---- */

PermsDigest perms_record_digest (const PermsRecord *record);
gboolean perms_digest_read (sqlite3_stmt *statement, int column, PermsDigest *ret_digest);

/* Takes the statement's current row as a record of @table, valid until the next step.
 * Error: PERMS_ERROR_DAMAGED. */
gboolean perms_record_read (PermsRecord *record,
                            PermsTable table,
                            sqlite3_stmt *statement,
                            GError **error);
gboolean perms_record_put (PermsConnection *connection,
                           const PermsRecord *record,
                           const PermsDigest *digest,
                           GError **error);
/* Looks the record of the same key up; @ret_found FALSE: there is none. Call
 * sqlite3_reset (connection->find[table]) when done with @ret_record. */
gboolean perms_record_find (PermsConnection *connection,
                            const PermsRecord *key,
                            PermsRecord *ret_record,
                            gboolean *ret_found,
                            GError **error);
gboolean
perms_record_erase (PermsConnection *connection, const PermsRecord *key, GError **error);

/* What a record's digest says of it. */
typedef enum
{
  PERMS_FIT_NOT = 0,  /* not even the key can be believed */
  PERMS_FIT_KEY_ONLY, /* the key can, the content cannot */
  PERMS_FIT_WHOLE,
} PermsFit;

PermsFit perms_record_check (const PermsRecord *record);

/* ---- seals: how many rows an owner has, and the sum of their digests ---- */

typedef struct
{
  gint64 owner;
  gint64 n_rows;
  PermsDigest sum; /* modulo 2^64 each */
  gint64 sequence; /* of the owner's newest line in the journal */
} PermsSeal;

void perms_seal_add (PermsSeal *seal, const PermsDigest *digest);
void perms_seal_subtract (PermsSeal *seal, const PermsDigest *digest);
/* An owner without rows has an empty seal. Error: PERMS_ERROR_DAMAGED. */
gboolean perms_seal_load (PermsConnection *connection,
                          gint64 owner,
                          PermsSeal *ret_seal,
                          GError **error);
gboolean
perms_seal_save (PermsConnection *connection, const PermsSeal *seal, GError **error);

/* ---- change sets ---- */

/* What the seals come to. */
typedef struct
{
  gint64 n_rows;    /* of all sealed tables */
  gint64 n_changes; /* rows that were ever put or erased: it only grows */
} PermsTotals;

/* Writes rows, seals and journal of a change set, within a transaction of the caller, who
 * takes everything back if this fails. @totals goes on counting; it is untouched on
 * failure. Errors: those of perms_store_apply (). */
gboolean perms_changes_write (const PermsChanges *changes,
                              PermsConnection *connection,
                              PermsTotals *totals,
                              GError **error);

/* ---- schema ---- */

typedef enum
{
  PERMS_SCHEMA_STRANGE = 0, /* not ours, or damaged */
  PERMS_SCHEMA_EMPTY,
  PERMS_SCHEMA_OLD,
  PERMS_SCHEMA_CURRENT,
  PERMS_SCHEMA_NEWER,
} PermsSchemaState;

/* Reads without writing. */
gboolean perms_schema_inspect (PermsConnection *connection,
                               PermsSchemaState *ret_state,
                               GError **error);
/* Brings an empty or old store to the current version, one transaction a step. */
gboolean perms_schema_migrate (PermsConnection *connection, GError **error);
/* The same by a list of steps: step N makes version N of version N - 1. */
gboolean perms_schema_migrate_by (PermsConnection *connection,
                                  const char *const *to_take,
                                  guint n_steps,
                                  GError **error);
/* The one that is written. */
guint perms_schema_version (void);
/* Every table and index is exactly as the migrations make it. Error: DAMAGED. */
gboolean perms_schema_verify (PermsConnection *connection, GError **error);

/* ---- moving aside ---- */

/* PATH becomes PATH.damaged-1, the older ones move up. No connection may be open. */
gboolean perms_aside_move (const char *path, GError **error);
/* Creates an empty file, readable by its owner alone, unless there is one. */
gboolean perms_aside_prepare (const char *path, gboolean *ret_created, GError **error);

/* ---- the store ---- */

struct _PermsStore
{
  char *path;
  char *vfs;
  PermsConnection *writer;
  PermsConnection *reader;
  PermsTotals totals; /* the writer's */
  int mark_fd;        /* -1: none */
  gint64 marked;      /* what the mark says */
  PermsPauseFunc pause;
  gpointer pause_data;
};

/* ---- the mark: how many changes were acknowledged, in a file beside the store ----
 *
 * SQLite believes its journal up to the first octet that is wrong, and takes what follows
 * for something that was never committed. So one bit that flips in a journal that a crash
 * has left would bring back what was revoked. The mark notices: it is written after each
 * commit and before its acknowledgement, so a store that has fewer changes than it says is
 * damaged. It is not synced: after a power cut it may be old, and then says less, never too
 * much. One that is not there or not whole says nothing. */

void perms_mark_open (PermsStore *store);
void perms_mark_write (PermsStore *store);
void perms_mark_sync (PermsStore *store);
void perms_mark_close (PermsStore *store);
void perms_mark_remove (const char *path);
