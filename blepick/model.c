/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/model.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EXIT_OK    0
#define EXIT_OTHER 1
#define EXIT_USAGE 2

#define WIDTH_DEFAULT 100
#define WIDTH_MIN     72
#define WIDTH_MAX     132

const char *const blepick_model_report = "devices phone watch\n"
                                         "app org.example.HeartRate "
                                         "phone=accessory-setup watch=bluetooth\n"
                                         "install phone\n"
                                         "install watch\n"
                                         "prompt watch allow\n"
                                         "pick phone HRM-1\n"
                                         "uninstall phone\n"
                                         "launch watch\n"
                                         "uninstall watch\n"
                                         "install watch\n"
                                         "prompt watch allow\n"
                                         "set watch deny\n"
                                         "set watch allow\n"
                                         "install phone\n"
                                         "launch phone\n"
                                         "pick phone HRM-1\n";

static guint
get_width (void)
{
  struct winsize size = { 0 };

  if (isatty (STDOUT_FILENO) != 1 || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
      size.ws_col == 0)
    return WIDTH_DEFAULT;
  return CLAMP (size.ws_col, WIDTH_MIN, WIDTH_MAX);
}

static void
set_system_error (GError **error, const char *what, int number)
{
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (number), "%s: %s", what,
               g_strerror (number));
}

/* A reader that had enough of us (EPIPE) is no failure. */
static int
finish_output (GError **error)
{
  if (fflush (stdout) == 0 && ferror (stdout) == 0)
    return EXIT_OK;
  if (errno == EPIPE)
    return EXIT_OK;
  set_system_error (error, "cannot write the result", errno);
  return EXIT_OTHER;
}

static int
write_result (const PermsScript *const *scripts,
              guint n_scripts,
              gboolean json_lines,
              GError **error)
{
  if (json_lines)
    {
      for (guint i = 0; i < n_scripts; i++)
        blepick_model_write_json (stdout, scripts[i], n_scripts > 1);
    }
  else
    blepick_model_write_table (stdout, scripts, n_scripts, get_width (),
                               g_get_charset (NULL));
  return finish_output (error);
}

static gboolean
read_stream (FILE *stream, GString *text)
{
  char block[65536];
  gsize length = 0;

  while (text->len <= PERMS_SCRIPT_TEXT_MAX &&
         (length = fread (block, 1, sizeof block, stream)) > 0)
    g_string_append_len (text, block, (gssize) length);
  return ferror (stream) == 0;
}

static gboolean
read_script_file (const char *path, GString *text, GError **error)
{
  gboolean is_stdin = g_str_equal (path, "-");
  FILE *stream = is_stdin ? stdin : fopen (path, "re");
  gboolean is_read = stream != NULL && read_stream (stream, text);

  if (!is_read)
    {
      int number = errno;
      g_autofree char *what = g_strdup_printf ("cannot read %s", path);

      set_system_error (error, what, number);
    }
  if (stream != NULL && !is_stdin)
    fclose (stream);
  return is_read;
}

static int
run_file (const char *path, gboolean json_lines, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!read_script_file (path, text, error))
    return EXIT_OTHER;
  g_autoptr (PermsScript) script = perms_script_parse (text->str, text->len, error);
  if (script == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return EXIT_USAGE;
    }
  return write_result ((const PermsScript *const[]){ script }, 1, json_lines, error);
}

static int
run_report (gboolean json_lines, GError **error)
{
  const char *text = blepick_model_report;
  g_autoptr (PermsScript) mirrored = perms_script_parse (text, strlen (text), NULL);
  g_autoptr (PermsScript) independent = perms_script_parse (text, strlen (text), NULL);

  g_return_val_if_fail (mirrored != NULL && independent != NULL, EXIT_OTHER);
  perms_script_set_sync (mirrored, PERMS_SYNC_MIRRORED);
  perms_script_set_sync (independent, PERMS_SYNC_INDEPENDENT);
  return write_result ((const PermsScript *const[]){ mirrored, independent }, 2,
                       json_lines, error);
}

int
blepick_model_run (int argc, char **argv, gboolean json_lines, GError **error)
{
  if (argc == 2 && g_str_equal (argv[0], "run"))
    return run_file (argv[1], json_lines, error);
  if (argc == 1 && g_str_equal (argv[0], "fb18383742"))
    return run_report (json_lines, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "expected `blepick model run FILE` or `blepick model fb18383742`");
  return EXIT_USAGE;
}
