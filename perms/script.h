/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads model scripts: a family of apps and what happens to it, one statement a line.
 * The whole text is checked before anything is returned. Must not run events (event.h)
 * nor print anything. */

#pragma once

#include <glib.h>

#include "perms/event.h"
#include "perms/family.h"

#define PERMS_SCRIPT_TEXT_MAX 67108864 /* bytes */

typedef struct
{
  PermsEvent event; /* its accessory is borrowed from the script */
  char *text;       /* the words joined by single spaces */
} PermsScriptStep;

typedef struct
{
  PermsSync sync;
  char *app;
  PermsFamily *family;   /* before the first step */
  GArray *steps;         /* PermsScriptStep */
  GStringChunk *strings; /* owns the words */
} PermsScript;

/* Error: PERMS_ERROR_INVALID or LIMIT with "line N: expected …". */
PermsScript *perms_script_parse (const char *text,
                                 gsize length,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void perms_script_free (PermsScript *script);

/* Runs the same steps under another policy from now on. */
void perms_script_set_sync (PermsScript *script, PermsSync sync);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsScript, perms_script_free)
