/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick-enforce: puts an enforcement level in place, as root. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforce/service.h"

#define EXIT_USAGE 2

static int
print_usage (FILE *stream)
{
  (void) fprintf (
    stream,
    "Usage: blepick-enforce advisory|bus|strict\n"
    "       blepick-enforce --service | --boot | --version\n\n"
    "Puts in place how strictly Bluetooth is closed to whoever is not blepickd, as root. People\n"
    "say 'blepick enforce LEVEL', which asks polkit.\n\n"
    "  --service   serve org.blepick.Enforce1 on the system bus, and end when idle\n"
    "  --boot      close the sockets again, if that is the level; no file is changed\n");
  return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

static int
fail (const GError *error)
{
  (void) fprintf (stderr, "blepick-enforce: %s\n", error->message);
  return EXIT_FAILURE;
}

static int
set (EnforceLevel level)
{
  g_autoptr (GError) error = NULL;

  if (!enforce_change_set (&enforce_places, level, &error) ||
      !enforce_service_reload_bus (&error))
    return fail (error);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  EnforceLevel level;

  if (argc != 2)
    return print_usage (stderr);
  if (strcmp (argv[1], "--help") == 0)
    return print_usage (stdout);
  if (strcmp (argv[1], "--version") == 0)
    {
      (void) printf ("blepick-enforce %s\n", BLEPICK_VERSION);
      return EXIT_SUCCESS;
    }
  if (geteuid () != 0)
    {
      (void) fprintf (
        stderr, "blepick-enforce: only root may do that; see: blepick help enforce\n");
      return EXIT_FAILURE;
    }
  if (strcmp (argv[1], "--service") == 0)
    return enforce_service_run (&enforce_places);
  if (strcmp (argv[1], "--boot") == 0)
    return enforce_change_boot (&enforce_places, &error) ? EXIT_SUCCESS : fail (error);
  return enforce_level_from_word (argv[1], &level) ? set (level) : print_usage (stderr);
}
