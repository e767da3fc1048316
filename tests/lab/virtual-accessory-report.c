/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-report.h"

#include <stdarg.h>
#include <stdio.h>

void
accessory_report (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  (void) fflush (stdout);
}

void
accessory_report_error (const char *what, const char *why)
{
  g_autofree char *one_line = g_strescape (why, NULL);

  accessory_report ("error %s: %s", what, one_line);
}
