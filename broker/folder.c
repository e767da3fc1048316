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

static void
leave_out (const char *folder, const char *name, const char *fault)
{
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                    "%s%s%s %s, so it is not heeded", folder, name[0] != '\0' ? "/" : "",
                    name, fault);
}

static gboolean
fail (GError **error, const char *folder, const char *name, const char *problem)
{
  if (error != NULL && *error == NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s%s%s: %s", folder,
                 name[0] != '\0' ? "/" : "", name, problem);
  return FALSE;
}

/* A file that is gone by now, or a link, is none of those that count. */
static gboolean
read_file (const char *folder,
           int handle,
           const char *name,
           BrokerFolderFileFunc func,
           gpointer user_data,
           GError **error)
{
  g_autoptr (GBytes) text = NULL;
  struct stat status;
  const char *fault = NULL;
  const char *data = NULL;

  if (handle < 0 && errno == ENOENT)
    return TRUE;
  if (handle < 0 && errno == ELOOP)
    fault = "is a symbolic link";
  else if (handle < 0 || fstat (handle, &status) != 0)
    return fail (error, folder, name, g_strerror (errno));
  else
    fault = find_fault (&status, S_IFREG);
  if (fault != NULL)
    {
      leave_out (folder, name, fault);
      return TRUE;
    }
  text = broker_folder_read_handle (handle, BROKER_FOLDER_FILE_MAX);
  if (text == NULL)
    return fail (error, folder, name, g_strerror (errno));
  if (g_bytes_get_size (text) > BROKER_FOLDER_FILE_MAX)
    return fail (error, folder, name, "is too large");
  data = g_bytes_get_data (text, NULL);
  func (name, data != NULL ? data : "", g_bytes_get_size (text), user_data);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Takes @handle. Returns: NULL with errno; one more than BROKER_FOLDER_FILES_MAX for too many. */
static GPtrArray *
list_names (int handle, const char *suffix)
{
  DIR *stream = fdopendir (handle);
  const struct dirent *entry;
  GPtrArray *names;

  if (stream == NULL)
    {
      close (handle);
      return NULL;
    }
  names = g_ptr_array_new_with_free_func (g_free);
  while (names->len <= BROKER_FOLDER_FILES_MAX && (entry = readdir (stream)) != NULL)
    {
      if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, suffix))
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  closedir (stream);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
read_files (const char *folder,
            int parent,
            const char *suffix,
            BrokerFolderFileFunc func,
            gpointer user_data,
            GError **error)
{
  g_autoptr (GPtrArray) names = list_names (fcntl (parent, F_DUPFD_CLOEXEC, 3), suffix);
  gboolean is_good = TRUE;

  if (names == NULL)
    return fail (error, folder, "", g_strerror (errno));
  if (names->len > BROKER_FOLDER_FILES_MAX)
    return fail (error, folder, "", "has too many files");
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      /* Not blocking: a fifo would otherwise be waited for. */
      int handle = openat (parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

      is_good = read_file (folder, handle, name, func, user_data, error) && is_good;
      if (handle >= 0)
        close (handle);
    }
  return is_good;
}

gboolean
broker_folder_read (const char *folder,
                    const char *suffix,
                    BrokerFolderFileFunc func,
                    gpointer user_data,
                    GError **error)
{
  struct stat status;
  const char *fault;
  gboolean is_good = TRUE;
  int parent = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (parent < 0 && errno == ENOENT)
    return TRUE;
  if (parent < 0 || fstat (parent, &status) != 0)
    {
      is_good = fail (error, folder, "", g_strerror (errno));
      if (parent >= 0)
        close (parent);
      return is_good;
    }
  fault = find_fault (&status, S_IFDIR);
  if (fault != NULL)
    leave_out (folder, "", fault);
  else
    is_good = read_files (folder, parent, suffix, func, user_data, error);
  close (parent);
  return is_good;
}
