/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* perms/key-file.h: texts of groups and keys, read strictly: what is not known is refused, and
 * the message names the line. Must not open files: whoever calls passes texts in. */

#pragma once

#include <glib.h>

#include "perms/scope.h"

#define PERMS_KEY_FILE_TEXT_MAX 65536 /* bytes */

/* Takes one value into @record. Returns: NULL, or what was expected instead. */
typedef const char *(*PermsKeyFileParse) (gpointer record, const char *value);

typedef struct
{
  const char *key;
  PermsKeyFileParse parse;
} PermsKeyFileKey;

/* What a kind of file looks like. */
typedef struct
{
  const char *group; /* "[Policy]": the only one, any number of times */
  const PermsKeyFileKey *keys;
  guint n_keys;         /* at most 32 */
  const char *key_list; /* the keys in words, for messages */

  /* A new record for a group; lives in @user_data. NULL: no more of them. */
  gpointer (*begin) (gpointer user_data);

  /* What is still missing when the group ends, or NULL. */
  const char *(*finish) (gpointer record);
} PermsKeyFileForm;

/* Reads @text. Lines that begin with '#' are comments; spaces around keys and values are not
 * theirs; a key comes once in a group. @name is used in messages: "NAME:LINE: expected …".
 * After an error the records in @user_data are of no use. Errors: PERMS_ERROR_INVALID,
 * PERMS_ERROR_LIMIT. */
gboolean perms_key_file_read (const PermsKeyFileForm *form,
                              const char *name,
                              const char *text,
                              gsize length,
                              gpointer user_data,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A list "A;B;C", which may end with its separator, as items without the spaces around them.
 * Returns: (transfer full): 1 to @max items, or NULL. */
char **perms_key_file_split (const char *value, guint max) G_GNUC_WARN_UNUSED_RESULT;

/* A UUID as people write it: 16, 32 or 128 bits, any case. "180D" and "0000180D" stand for
 * themselves in the Bluetooth base UUID (Core 5.3, Vol 3, Part B, 2.5.1). */
gboolean perms_key_file_parse_uuid (const char *text, PermsUuid *ret_uuid);
