/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-report.h: the events that the virtual accessory writes
 * on standard output, one a line, flushed at once. It decides nothing. */

#pragma once

#include <glib.h>

/* Writes one event, such as `passkey-shown 123456`; the line end is added. */
void accessory_report (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Writes `error TEXT`: what was tried, and why it failed. Octets that would break the line are escaped. */
void accessory_report_error (const char *what, const char *why);
