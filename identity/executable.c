/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/executable.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Programs that run other people's programs: their path says nothing of who calls. By the
 * beginning of the file's name, so that "python3.11" is one. */
static const char *const interpreters[] = {
  "ash",    "awk",  "bash",   "bun",   "busybox", "bwrap",    "cjs",  "csh",    "dash",
  "deno",   "env",  "expect", "fish",  "gawk",    "gdb",      "gjs",  "guile",  "irb",
  "java",   "js",   "ksh",    "ld-",   "ld.so",   "lua",      "mawk", "mono",   "node",
  "nodejs", "perl", "php",    "pypy",  "pwsh",    "python",   "qemu", "racket", "rbash",
  "ruby",   "sh",   "socat",  "tclsh", "toybox",  "valgrind", "wish", "xonsh",  "zsh",
};

gboolean
identity_executable_is_interpreter (const char *path)
{
  const char *name = strrchr (path, '/') + 1;

  for (gsize i = 0; i < G_N_ELEMENTS (interpreters); i++)
    {
      gsize length = strlen (interpreters[i]);

      /* "sh" itself but not "shotwell"; "python3.11" and "ld-linux-x86-64.so.2". */
      if (strncmp (name, interpreters[i], length) == 0 &&
          (!g_ascii_isalpha (name[length]) || interpreters[i][length - 1] == '-'))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_roots_alone (const struct stat *info)
{
  return info->st_uid == 0 && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Whether root alone can say what is at @path (absolute): every folder above it is his. */
static gboolean
has_roots_folders (const IdentityHost *host, const char *path)
{
  g_autofree char *folder = g_strdup (path);
  char *slash;

  while ((slash = strrchr (folder, '/')) != folder)
    {
      struct stat info;
      int fd;
      gboolean is_good;

      *slash = '\0';
      fd = identity_host_open_file (host, folder, O_PATH | O_DIRECTORY);
      if (fd < 0)
        return FALSE;
      is_good = fstat (fd, &info) == 0 && is_roots_alone (&info);
      close (fd);
      if (!is_good)
        return FALSE;
    }
  return is_roots_alone (&host->root);
}

IdentityStep
identity_executable_find (const IdentityHost *host,
                          int proc_fd,
                          char ret_path[PERMS_APP_ID_MAX + 1],
                          struct stat *ret_info,
                          GError **error)
{
  char path[PATH_MAX];
  struct stat running, named;
  gssize length = readlinkat (proc_fd, "exe", path, sizeof path - 1);
  gboolean is_known;
  int fd;

  if (length <= 0 || length >= (gssize) sizeof path - 1 ||
      fstatat (proc_fd, "exe", &running, 0) != 0)
    return identity_refuse (error, "its executable cannot be read");
  path[length] = '\0';
  if (!is_roots_alone (&running))
    return IDENTITY_STEP_ABSENT;
  /* The text may come from another mount namespace, or name a file that was replaced. */
  fd = path[0] == '/' ? identity_host_open_file (host, path, O_PATH) : -1;
  is_known =
    fd >= 0 && fstat (fd, &named) == 0 && identity_stat_is_same (&named, &running);
  if (fd >= 0)
    close (fd);
  if (!is_known)
    return identity_refuse (error, "its executable is not the file of that name");
  if (identity_executable_is_interpreter (path) || !has_roots_folders (host, path))
    return IDENTITY_STEP_ABSENT;
  if (!perms_app_id_is_valid (PERMS_APP_KIND_PATH, path))
    return identity_refuse (error, "its executable's name is not understood");
  (void) g_strlcpy (ret_path, path, PERMS_APP_ID_MAX + 1);
  *ret_info = running;
  return IDENTITY_STEP_FOUND;
}
