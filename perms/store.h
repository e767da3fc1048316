/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The permission database on disk: SQLite in WAL mode with synchronous FULL. Every
 * change set is one transaction and writes the journal; every row carries a digest of
 * its content, and every user a seal over all rows, both verified at load; a mark beside
 * the file says how many changes it must have. Must not
 * decide who may write what (plan.h) and keeps nothing in memory (cache.h).
 *
 * A store has two connections, one that writes and one that reads; functions are
 * marked with the one they use. One thread at a time may use each of them: the
 * commit queue (commit-queue.h) sees to that. */

#pragma once

#include <glib.h>

#include "perms/error.h"
#include "perms/rows.h"

#define PERMS_STORE_APPLICATION_ID 0x626c6570 /* "blep" */
#define PERMS_STORE_ROWS_MAX       10000000
#define PERMS_STORE_ASIDE_MAX      3 /* damaged files kept: PATH.damaged-1 is the newest */
#define PERMS_HISTORY_MAX          10000 /* entries in one answer */

typedef struct _PermsStore PermsStore;

typedef enum
{
  PERMS_OPENED_NOT = 0,
  PERMS_OPENED_FRESH,    /* there was none */
  PERMS_OPENED_EXISTING, /* as it was, or migrated */
  PERMS_OPENED_ANEW,     /* a damaged one was moved aside; everything is denied */
} PermsOpened;

/* Opens or creates the store at @path (its folder must exist; mode 0600). A damaged file
 * is moved aside and a fresh one begun: @ret_opened says so. @vfs names an SQLite VFS,
 * NULL for the default one. Errors: PERMS_ERROR_NEWER (the file is untouched),
 * READ_ONLY, FULL, IO, BUSY, FAILED. */
PermsStore *perms_store_open (const char *path,
                              const char *vfs,
                              PermsOpened *ret_opened,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void perms_store_close (PermsStore *store);

/* Writer. Applies @changes in one transaction: when this returns TRUE they are durable.
 * On failure nothing of them is stored. Errors: PERMS_ERROR_STALE, LIMIT, INVALID, FULL,
 * IO, READ_ONLY, BUSY, DAMAGED, FAILED. */
gboolean perms_store_apply (PermsStore *store,
                            const PermsChanges *changes,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writer. Applies several change sets in one transaction with one sync. Each succeeds or
 * fails for itself: @errors[i] is set for those that failed (array of @n NULLs given by
 * the caller, who frees the errors). If the transaction as a whole fails, all are set. */
void perms_store_apply_many (PermsStore *store,
                             const PermsChanges *const *changes,
                             guint n,
                             GError **errors);

/* Writer. Brings the journal into the file and empties it: what lies in a journal is not as
 * well looked after. For when there is nothing else to do; opening does it as well. */
gboolean perms_store_tidy (PermsStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A user's rows. Grants and installs whose digest does not fit are handed out as denied
 * (state PERMS_GRANT_DENIED, Bluetooth denied) and counted in n_refused. */
typedef struct
{
  guint32 uid;
  GPtrArray *devices;  /* PermsDevice * */
  GPtrArray *installs; /* PermsInstall * */
  GArray *grants;      /* PermsGrant, cleared with the array */
  guint n_refused;
} PermsUserRows;

/* Reader. Error: PERMS_ERROR_DAMAGED when rows are missing, doubled or swapped: the caller
 * then denies everything and moves the store aside. IO, FAILED. */
PermsUserRows *perms_store_load_user (PermsStore *store,
                                      guint32 uid,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void perms_user_rows_free (PermsUserRows *rows);

/* Reader. All uids that have rows, ascending (guint32). */
GArray *
perms_store_list_users (PermsStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reader. Pairings that were begun and not ended (PermsPending *): to be asked for at
 * start. Rows whose digest does not fit are left out: their bonds are left alone. */
GPtrArray *
perms_store_list_pending (PermsStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reader. All bonds that are known (PermsBond *). */
GPtrArray *
perms_store_list_bonds (PermsStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One line of the journal of decisions. */
typedef struct
{
  guint64 sequence;
  gint64 time_s;
  char *event;              /* "pick", "revoke", "prompt", … */
  char *app;                /* "" for devices and bonds */
  char *device;             /* which row changed */
  PermsAccessory accessory; /* 0: the Bluetooth row, or a device */
  char *value;              /* what the row says since then: "allowed", "revoked", … */
  PermsReason reason;
  char *decided_by; /* the deciding device */
  guint64 revision;
} PermsHistoryEntry;

/* Reader. The newest @limit (1 to PERMS_HISTORY_MAX) lines of @uid with a sequence below
 * @before (0: from the end), newest first; @app NULL: of all apps. Entries of
 * PermsHistoryEntry *. */
GPtrArray *perms_store_load_history (PermsStore *store,
                                     guint32 uid,
                                     const char *app,
                                     guint64 before,
                                     guint limit,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void perms_history_entry_free (PermsHistoryEntry *entry);

/* Any thread, on a connection of its own. Checks the whole file: SQLite's own check, then every row and seal. May take
 * seconds. Error: PERMS_ERROR_DAMAGED with the first finding; IO, FAILED. */
gboolean perms_store_check (PermsStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @pause is called now and again during a check, in its thread, and may take its time: a check is in
 * no hurry. NULL: nobody is asked. Not during a check. */
typedef void (*PermsPauseFunc) (gpointer user_data);
void perms_store_set_pause (PermsStore *store, PermsPauseFunc pause, gpointer user_data);

/* Any process, also while another one has the store open. Copies the store at @store_path,
 * as it is at one moment, to @path, which must not exist. Putting an old copy in the store's
 * place takes removing the store's mark (PATH-mark) as well: otherwise what is missing there
 * counts as lost by damage. */
gboolean perms_store_backup (const char *store_path,
                             const char *path,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Both connections. Moves the store at hand aside (PERMS_STORE_ASIDE_MAX are kept) and
 * begins a fresh one at the same path. Nothing else may use the store meanwhile. */
gboolean
perms_store_start_anew (PermsStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsStore, perms_store_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsUserRows, perms_user_rows_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsHistoryEntry, perms_history_entry_free)
