/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

GBytes *
broker_folder_read_handle (int handle, gsize max)
{
  g_autofree char *text = (char *) g_malloc (max + 1);
  gsize length = 0;
  ssize_t n = 1;

  while (length <= max && n != 0)
    {
      n = read (handle, text + length, max + 1 - length);
      if (n < 0 && errno != EINTR)
        return NULL;
      length += n > 0 ? (gsize) n : 0;
    }
  return g_bytes_new_take (g_steal_pointer (&text), length);
}

static gboolean
read_file (const char *folder,
           int parent,
           const char *name,
           BrokerFolderFileFunc func,
           gpointer user_data)
{
  struct stat status;
  g_autoptr (GBytes) text = NULL;
  const char *fault = NULL;
  /* Not blocking: a fifo would otherwise be waited for. */
  int handle = openat (parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (handle < 0 || fstat (handle, &status) != 0)
    fault = errno == ELOOP ? "is a symbolic link" : "cannot be opened";
  else
    fault = find_fault (&status, S_IFREG);
  if (fault == NULL)
    {
      text = broker_folder_read_handle (handle, BROKER_FOLDER_FILE_MAX);
      if (text == NULL)
        fault = "cannot be read";
      else if (g_bytes_get_size (text) > BROKER_FOLDER_FILE_MAX)
        fault = "is too large";
    }
  if (handle >= 0)
    close (handle);
  if (fault != NULL)
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                        "%s/%s %s, so it is not heeded", folder, name, fault);
      return FALSE;
    }
  const char *data = g_bytes_get_data (text, NULL);
  func (name, data != NULL ? data : "", g_bytes_get_size (text), user_data);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Takes @handle. */
static GPtrArray *
list_names (int handle, const char *suffix)
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
      if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, suffix))
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  closedir (stream);
  g_ptr_array_sort (names, compare_names);
  return names;
}

guint
broker_folder_read (const char *folder,
                    const char *suffix,
                    BrokerFolderFileFunc func,
                    gpointer user_data)
{
  struct stat status;
  const char *fault;
  guint n_left_out = 0;
  int parent = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (parent < 0 && errno == ENOENT)
    return 0;
  fault = parent < 0 || fstat (parent, &status) != 0 ? "cannot be opened"
                                                     : find_fault (&status, S_IFDIR);
  if (fault != NULL)
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                        "%s %s, so nothing in it is heeded", folder, fault);
      if (parent >= 0)
        close (parent);
      return 1;
    }

  g_autoptr (GPtrArray) names = list_names (fcntl (parent, F_DUPFD_CLOEXEC, 3), suffix);
  for (guint i = 0; i < names->len; i++)
    {
      if (!read_file (folder, parent, g_ptr_array_index (names, i), func, user_data))
        n_left_out++;
    }
  close (parent);
  return n_left_out;
}
