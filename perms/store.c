/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/store.h"

#include <unistd.h>

#include <glib/gstdio.h>

#include "perms/store-private.h"

/* ---- opening ---- */

static gboolean
refuse_newer (GError **error)
{
  g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_NEWER,
                       "The permission store was written by a newer version of blepick");
  return FALSE;
}

static gboolean
refuse_strange (GError **error)
{
  g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
                       "The permission store: the file is not one");
  return FALSE;
}

/* SQLite opens a file for reading when it may not write it, and also when the file's own
 * header says that only newer versions of SQLite may: as ours never do, that is damage. */
static gboolean
check_writable (PermsStore *store, GError **error)
{
  if (sqlite3_db_readonly (store->writer->db, "main") != 1)
    return TRUE;
  if (g_access (store->path, W_OK) == 0)
    return refuse_strange (error);
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_READ_ONLY,
               "The permission store %s cannot be written", store->path);
  return FALSE;
}

static gboolean
use_wal (PermsConnection *connection, GError **error)
{
  g_autofree char *mode =
    perms_connection_ask_text (connection, "PRAGMA journal_mode = WAL", error);

  if (mode == NULL)
    return FALSE;
  if (g_str_equal (mode, "wal"))
    return TRUE;
  g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_FAILED,
                       "The permission store: the file system has no room for a WAL");
  return FALSE;
}

/* Whether what the mark says was acknowledged is there. */
static gboolean
check_mark (PermsStore *store, GError **error)
{
  if (store->marked <= store->totals.n_changes)
    return TRUE;
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
               "The permission store: of %" G_GINT64_FORMAT
               " changes that were stored it has %" G_GINT64_FORMAT,
               store->marked, store->totals.n_changes);
  return FALSE;
}

static gboolean
read_totals (PermsStore *store, GError **error)
{
  return perms_connection_ask (store->writer,
                               "SELECT coalesce (sum (n_rows), 0) FROM seals",
                               &store->totals.n_rows, error) &&
         perms_connection_ask (store->writer,
                               "SELECT coalesce (sum (sequence), 0) FROM seals",
                               &store->totals.n_changes, error);
}

/* Looks before it writes anything, so that a newer store stays as it is, and so does what
 * is left of one that seems empty and was not. */
static gboolean
open_writer (PermsStore *store, PermsSchemaState *ret_state, GError **error)
{
  store->totals = (PermsTotals){ 0 };
  store->writer = perms_connection_new (store->path, store->vfs, error);
  if (store->writer == NULL || !perms_schema_inspect (store->writer, ret_state, error))
    return FALSE;
  if (*ret_state == PERMS_SCHEMA_NEWER)
    return refuse_newer (error);
  if (!check_writable (store, error))
    return FALSE;
  if (*ret_state == PERMS_SCHEMA_STRANGE)
    return refuse_strange (error);
  perms_mark_open (store);
  if (*ret_state == PERMS_SCHEMA_EMPTY && !check_mark (store, error))
    return FALSE;
  return perms_connection_set_up (store->writer, error) &&
         use_wal (store->writer, error) && perms_schema_migrate (store->writer, error) &&
         perms_schema_verify (store->writer, error) && read_totals (store, error) &&
         check_mark (store, error) && perms_connection_prepare (store->writer, error);
}

static gboolean
open_reader (PermsStore *store, GError **error)
{
  store->reader = perms_connection_new_reader (store->path, store->vfs, error);
  return store->reader != NULL;
}

/* What failed to open is closed without a checkpoint: the file stays as it is. */
static void
close_untouched (PermsStore *store)
{
  perms_mark_close (store);
  if (store->reader != NULL)
    perms_connection_keep_journal (store->reader);
  if (store->writer != NULL)
    perms_connection_keep_journal (store->writer);
  g_clear_pointer (&store->reader, perms_connection_free);
  g_clear_pointer (&store->writer, perms_connection_free);
}

/* A journal that cannot be emptied is as good as before. */
static void
tidy_if_possible (PermsStore *store)
{
  g_autoptr (GError) error = NULL;

  if (!perms_store_tidy (store, &error))
    g_clear_error (&error);
}

static gboolean
open_once (PermsStore *store, PermsOpened *ret_opened, GError **error)
{
  PermsSchemaState state = PERMS_SCHEMA_STRANGE;
  gboolean is_created = FALSE;

  if (!perms_aside_prepare (store->path, &is_created, error))
    return FALSE;
  if (is_created)
    perms_mark_remove (store->path);
  if (!open_writer (store, &state, error) || !open_reader (store, error))
    {
      close_untouched (store);
      return FALSE;
    }
  /* a file that was copied here by hand may be readable by others */
  g_chmod (store->path, 0600);
  perms_mark_write (store);
  tidy_if_possible (store);
  *ret_opened = state == PERMS_SCHEMA_EMPTY ? PERMS_OPENED_FRESH : PERMS_OPENED_EXISTING;
  return TRUE;
}

static gboolean
open_anew (PermsStore *store, GError **error)
{
  PermsOpened opened = PERMS_OPENED_NOT;

  return perms_aside_move (store->path, error) && open_once (store, &opened, error);
}

PermsStore *
perms_store_open (const char *path,
                  const char *vfs,
                  PermsOpened *ret_opened,
                  GError **error)
{
  g_autoptr (PermsStore) store = g_new0 (PermsStore, 1);
  g_autoptr (GError) finding = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;

  store->mark_fd = -1;
  store->path = g_strdup (path);
  store->vfs = g_strdup (vfs);
  if (!open_once (store, &opened, &finding))
    {
      if (!g_error_matches (finding, PERMS_ERROR, PERMS_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&finding));
          return NULL;
        }
      if (!open_anew (store, error))
        return NULL;
      opened = PERMS_OPENED_ANEW;
    }
  if (ret_opened != NULL)
    *ret_opened = opened;
  return g_steal_pointer (&store);
}

/* ---- closing ---- */

/* The writer goes last and takes the WAL with it. */
void
perms_store_close (PermsStore *store)
{
  if (store == NULL)
    return;
  perms_mark_close (store);
  g_clear_pointer (&store->reader, perms_connection_free);
  g_clear_pointer (&store->writer, perms_connection_free);
  g_free (store->path);
  g_free (store->vfs);
  g_free (store);
}

gboolean
perms_store_start_anew (PermsStore *store, GError **error)
{
  close_untouched (store);
  return open_anew (store, error);
}
