/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys of the permission database and their one text form each: apps, devices,
 * accessories and the opaque ids that apps know accessories by. A key that is not in
 * canonical form is refused, so that two texts are the same key exactly when they are
 * the same bytes. Pure: keys come from the identity of the caller and from BlueZ,
 * never from an app's arguments; nothing here finds out who anybody is. */

#pragma once

#include <glib.h>

#include "perms/types.h"

/* ---- apps: "KIND:UID:ID", for kind host "host:UID" ---- */

typedef enum
{
  PERMS_APP_KIND_NONE = 0,
  PERMS_APP_KIND_FLATPAK, /* ID: application id, "org.example.Trainer" */
  PERMS_APP_KIND_SNAP,    /* ID: snap name, "trainer" */
  PERMS_APP_KIND_UNIT,    /* ID: system unit, "trainer.service" */
  PERMS_APP_KIND_PATH,    /* ID: absolute path of a root-owned executable */
  PERMS_APP_KIND_SCOPE,   /* ID: application id of a user scope, as its launcher says */
  PERMS_APP_KIND_HOST,    /* no ID: everything else that this uid runs */
} PermsAppKind;

#define PERMS_APP_ID_MAX      255 /* bytes, without the terminator */
#define PERMS_APP_KEY_MAX     280 /* bytes of a whole key, without the terminator */
#define PERMS_FINGERPRINT_MAX 256

typedef struct
{
  PermsAppKind kind;
  guint32 uid;
  char id[PERMS_APP_ID_MAX + 1]; /* "" for kind host */
} PermsAppKey;

const char *perms_app_kind_to_string (PermsAppKind kind);
gboolean perms_app_kind_from_string (const char *text, PermsAppKind *ret_kind);

/* TRUE if @id is a well-formed id of that kind ("" exactly for kind host). */
gboolean perms_app_id_is_valid (PermsAppKind kind, const char *id);

/* Reads "flatpak:1000:org.example.Trainer". Error: PERMS_ERROR_INVALID. */
gboolean perms_app_key_parse (const char *text,
                              PermsAppKey *ret_key,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The text form, to be freed by the caller. Error: PERMS_ERROR_INVALID when a field is
 * not what perms_app_key_parse () would accept. */
char *
perms_app_key_format (const PermsAppKey *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The uid in a valid key's text. Meant for texts that were checked before. */
guint32 perms_app_key_uid (const char *text);

/* ---- devices: "local", or the name of a companion ---- */

#define PERMS_DEVICE_LOCAL    "local"
#define PERMS_DEVICE_NAME_MAX 64

/* TRUE for 1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit. */
gboolean perms_device_is_valid (const char *name);

/* ---- accessories: identity address and its type ---- */

/* Bits 0 to 47: the address as a number (C4:64:E3:01:02:03 is 0xc464e3010203); bits 48
 * and 49: 1 public, 2 random static. 0 is no accessory. */
typedef guint64 PermsAccessory;

#define PERMS_ACCESSORY_TEXT_SIZE 25 /* "random:C4:64:E3:01:02:03" and a terminator */

/* Reads "public:" or "random:" and six upper-case octets. A random address must be
 * static (two most significant bits set; Bluetooth Core 5.3, Vol 6, Part B, 1.3.2.1):
 * a resolvable one is nobody's identity. Error: PERMS_ERROR_INVALID. */
gboolean perms_accessory_parse (const char *text,
                                PermsAccessory *ret_accessory,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean perms_accessory_is_valid (PermsAccessory accessory);
void perms_accessory_format (PermsAccessory accessory,
                             char ret_text[PERMS_ACCESSORY_TEXT_SIZE]);

/* ---- opaque accessory ids: what an app sees instead of an address ---- */

typedef struct
{
  guint8 bytes[16]; /* random, drawn by the caller; all zero is no id */
} PermsId;

#define PERMS_ID_TEXT_SIZE 33 /* 32 lower-case hexadecimal digits and a terminator */

gboolean perms_id_parse (const char *text,
                         PermsId *ret_id,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void perms_id_format (const PermsId *id, char ret_text[PERMS_ID_TEXT_SIZE]);
gboolean perms_id_equal (const PermsId *a, const PermsId *b);
gboolean perms_id_is_null (const PermsId *id);
