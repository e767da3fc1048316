/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct BrokerFolder
{
  char *path;
  char *suffix;
  BrokerFolderChangedFunc changed;
  gpointer user_data;
  GFileMonitor *monitor; /* NULL: changes are not seen */
  guint settle_source;
};

/* ---- changes ---- */

static gboolean
on_settled (gpointer user_data)
{
  BrokerFolder *folder = user_data;

  folder->settle_source = 0;
  folder->changed (folder->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            gpointer user_data)
{
  BrokerFolder *folder = user_data;

  g_clear_handle_id (&folder->settle_source, g_source_remove);
  folder->settle_source = g_timeout_add (BROKER_FOLDER_SETTLE_MS, on_settled, folder);
}

BrokerFolder *
broker_folder_new (const char *path,
                   const char *suffix,
                   BrokerFolderChangedFunc changed,
                   gpointer user_data)
{
  BrokerFolder *folder = g_new0 (BrokerFolder, 1);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  folder->path = g_strdup (path);
  folder->suffix = g_strdup (suffix);
  folder->changed = changed;
  folder->user_data = user_data;
  folder->monitor =
    g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  if (folder->monitor != NULL)
    g_signal_connect (folder->monitor, "changed", G_CALLBACK (on_changed), folder);
  else
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "Changes in %s are seen at the next start only: %s", path,
                      error->message);
  return folder;
}

void
broker_folder_free (BrokerFolder *folder)
{
  if (folder == NULL)
    return;
  g_clear_handle_id (&folder->settle_source, g_source_remove);
  if (folder->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (folder->monitor, folder);
      (void) g_file_monitor_cancel (folder->monitor);
      g_object_unref (folder->monitor);
    }
  g_free (folder->path);
  g_free (folder->suffix);
  g_free (folder);
}

/* ---- reading ---- */

/* NULL, or why what it is about cannot be believed. */
static const char *
find_fault (const struct stat *status, mode_t type)
{
  if ((status->st_mode & S_IFMT) != type)
    return type == S_IFDIR ? "is no folder" : "is no regular file";
  if (status->st_uid != 0 && status->st_uid != geteuid ())
    return "does not belong to root";
  if (status->st_mode & (S_IWGRP | S_IWOTH))
    return "can be written by others than its owner";
  if (type == S_IFREG && status->st_size > BROKER_FOLDER_FILE_MAX)
    return "is too large";
  return NULL;
}

/* Reads the whole of @handle, which may have grown since it was looked at. */
static char *
read_text (int handle, gsize *ret_length)
{
  g_autofree char *text = (char *) g_malloc (BROKER_FOLDER_FILE_MAX + 1);
  gsize length = 0;
  ssize_t n;

  do
    {
      n = read (handle, text + length, BROKER_FOLDER_FILE_MAX + 1 - length);
      length += n > 0 ? (gsize) n : 0;
    }
  while (length <= BROKER_FOLDER_FILE_MAX && (n > 0 || (n < 0 && errno == EINTR)));
  if (n != 0)
    return NULL;
  *ret_length = length;
  return g_steal_pointer (&text);
}

static gboolean
read_file (const BrokerFolder *folder,
           int parent,
           const char *name,
           BrokerFolderFileFunc func,
           gpointer user_data)
{
  struct stat status;
  gsize length = 0;
  g_autofree char *text = NULL;
  const char *fault = NULL;
  /* Not blocking: a fifo would otherwise be waited for. */
  int handle = openat (parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (handle < 0 || fstat (handle, &status) != 0)
    fault = errno == ELOOP ? "is a symbolic link" : "cannot be opened";
  else
    fault = find_fault (&status, S_IFREG);
  if (fault == NULL && (text = read_text (handle, &length)) == NULL)
    fault = "cannot be read";
  if (handle >= 0)
    close (handle);
  if (fault != NULL)
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                        "%s/%s %s, so it is not heeded", folder->path, name, fault);
      return FALSE;
    }
  func (name, text, length, user_data);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Takes @handle. */
static GPtrArray *
list_names (const BrokerFolder *folder, int handle)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  DIR *stream = fdopendir (handle);
  const struct dirent *entry;

  if (stream == NULL)
    {
      close (handle);
      return names;
    }
  while (names->len < BROKER_FOLDER_FILES_MAX && (entry = readdir (stream)) != NULL)
    {
      if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, folder->suffix))
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  closedir (stream);
  g_ptr_array_sort (names, compare_names);
  return names;
}

guint
broker_folder_read (BrokerFolder *folder, BrokerFolderFileFunc func, gpointer user_data)
{
  struct stat status;
  const char *fault;
  guint n_left_out = 0;
  int parent = open (folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (parent < 0 && errno == ENOENT)
    return 0;
  fault = parent < 0 || fstat (parent, &status) != 0 ? "cannot be opened"
                                                     : find_fault (&status, S_IFDIR);
  if (fault != NULL)
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                        "%s %s, so nothing in it is heeded", folder->path, fault);
      if (parent >= 0)
        close (parent);
      return 1;
    }

  g_autoptr (GPtrArray) names = list_names (folder, fcntl (parent, F_DUPFD_CLOEXEC, 3));
  for (guint i = 0; i < names->len; i++)
    {
      if (!read_file (folder, parent, g_ptr_array_index (names, i), func, user_data))
        n_left_out++;
    }
  close (parent);
  return n_left_out;
}
