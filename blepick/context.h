/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/context.h: what the global options say, and how the command speaks: data on
 * standard output, everything else on standard error. */

#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "blepick/failure.h"

typedef enum
{
  BLEPICK_FORMAT_PEOPLE = 0,
  BLEPICK_FORMAT_JSON,       /* one value, indented */
  BLEPICK_FORMAT_JSON_LINES, /* one value a line */
} BlepickFormat;

typedef struct
{
  BlepickFormat format;
  gboolean plain; /* no cursor movement, no symbols beyond ASCII */
  gboolean
    lines; /* the picker as numbered lines: the terminal cannot do better, or shall not */
  gboolean no_input; /* nobody to ask */
  gboolean quiet;
  gboolean verbose;  /* tell what is asked of the broker */
  gboolean full_ids; /* of accessories, where people read them */
  gboolean color;    /* of standard output */
  guint timeout_ms;  /* 0: each verb's own */
  char *adapter;     /* "hci1", or NULL */
  char *bus;         /* address, "session", or NULL for the system bus */
} BlepickContext;

void blepick_context_clear (BlepickContext *context);

gboolean blepick_context_is_json (const BlepickContext *context);

/* Whether there is a person at a terminal whom we may ask. */
gboolean blepick_context_can_ask (const BlepickContext *context);

/* A line for people on standard error, unless they want quiet. */
void blepick_context_say (const BlepickContext *context, const char *format, ...)
  G_GNUC_PRINTF (2, 3);

/* The first 8 characters of an accessory's @id, or all of it (--ids full). Returns: (transfer full). */
char *blepick_context_show_id (const BlepickContext *context, const char *id);

/* Begins {"format":1,"type":@type,...}: add members, then blepick_context_print_json(). */
JsonBuilder *blepick_json_begin (const char *type);
/* Ends and prints the value on standard output, at once. @builder is freed. A stream is always one value a line. */
void blepick_json_print (const BlepickContext *context,
                         JsonBuilder *builder,
                         gboolean is_stream);

/* "2026-11-24T05:51:39Z" (RFC 3339). */
char *blepick_format_time (gint64 time_s);

/* Prints why a verb failed on standard error, as people or programs read it; returns the exit status. */
int blepick_context_fail (const BlepickContext *context,
                          const GError *error,
                          gboolean while_pairing);

/* Reads "10s", "500ms", "2m", "1h" or plain seconds; at most a day. */
gboolean blepick_parse_duration (const char *text, guint *ret_ms);

/* JSON as it may be printed: the same values, with escapes for what @blepick_escape() escapes. @json: valid UTF-8. */
char *blepick_json_escape (const char *json);

/* @text as it may be printed: control characters of whatever origin become escapes. */
char *blepick_escape (const char *text);
