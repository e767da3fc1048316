/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for libFuzzer in a normal build: gives every file of the folders named on
 * the command line to the fuzz target that it is linked with, so that what once crashed
 * is tried by every compiler and sanitizer. Prints TAP. */

#include "tests/fuzz/fuzz.h"

#include <glib.h>
#include <stdio.h>

static gboolean
replay_file (const char *path)
{
  g_autofree char *octets = NULL;
  gsize length;

  if (!g_file_get_contents (path, &octets, &length, NULL))
    return FALSE;
  LLVMFuzzerTestOneInput ((const uint8_t *) octets, length);
  return TRUE;
}

/* Returns how many files that were, numbered from @first. */
static guint
replay_folder (const char *path, guint first)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      printf ("%s %u - %s\n", replay_file (file) ? "ok" : "not ok", first + n, name);
      n++;
    }
  return n;
}

int
main (int argc, char **argv)
{
  guint n = 0;

  /* A target must hold without anything, too. */
  LLVMFuzzerTestOneInput ((const uint8_t *) "", 0);
  for (int i = 1; i < argc; i++)
    n += replay_folder (argv[i], n + 1);
  printf ("1..%u\n", n);
  return n > 0 ? 0 : 1;
}
