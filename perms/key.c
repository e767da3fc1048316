/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/key.h"

#include <string.h>

#include "perms/error.h"

static const char *const kind_names[] = {
  [PERMS_APP_KIND_NONE] = "none", [PERMS_APP_KIND_FLATPAK] = "flatpak",
  [PERMS_APP_KIND_SNAP] = "snap", [PERMS_APP_KIND_UNIT] = "unit",
  [PERMS_APP_KIND_PATH] = "path", [PERMS_APP_KIND_SCOPE] = "scope",
  [PERMS_APP_KIND_HOST] = "host",
};

const char *
perms_app_kind_to_string (PermsAppKind kind)
{
  return (guint) kind < G_N_ELEMENTS (kind_names) ? kind_names[kind] : "unknown";
}

gboolean
perms_app_kind_from_string (const char *text, PermsAppKind *ret_kind)
{
  for (guint i = PERMS_APP_KIND_FLATPAK; i < G_N_ELEMENTS (kind_names); i++)
    {
      if (g_str_equal (kind_names[i], text))
        {
          *ret_kind = (PermsAppKind) i;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
has_only (const char *text, const char *punctuation)
{
  for (const char *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr (punctuation, *c) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Two or more elements of letters, digits, '_' and '-', separated by dots, none of them
 * empty or beginning with a digit (D-Bus specification, "Valid Names: Bus names", which
 * Flatpak's application ids follow). */
static gboolean
is_reverse_dns (const char *id)
{
  guint dots = 0;
  char previous = '.';

  for (const char *c = id; *c != '\0'; c++)
    {
      if (previous == '.' && !g_ascii_isalpha (*c) && *c != '_')
        return FALSE;
      if (*c == '.')
        dots++;
      previous = *c;
    }
  return dots > 0 && previous != '.' && has_only (id, "._-");
}

/* An absolute path in its shortest form, without control characters. */
static gboolean
is_plain_path (const char *id)
{
  if (id[0] != '/' || !g_utf8_validate (id, -1, NULL) || g_str_has_suffix (id, "/"))
    return FALSE;
  for (const char *c = id; *c != '\0'; c = g_utf8_next_char (c))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (c)))
        return FALSE;
    }

  g_auto (GStrv) parts = g_strsplit (id + 1, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (parts[i][0] == '\0' || g_str_equal (parts[i], ".") ||
          g_str_equal (parts[i], ".."))
        return FALSE;
    }
  return TRUE;
}

gboolean
perms_app_id_is_valid (PermsAppKind kind, const char *id)
{
  if (strlen (id) > PERMS_APP_ID_MAX)
    return FALSE;
  switch (kind)
    {
    case PERMS_APP_KIND_FLATPAK:
      return is_reverse_dns (id);
    case PERMS_APP_KIND_SNAP:
      return g_ascii_isalnum (id[0]) && has_only (id, "-_+");
    case PERMS_APP_KIND_UNIT:
      /* systemd.unit(5): the characters of a unit name */
      return g_str_has_suffix (id, ".service") && id[0] != '.' &&
             has_only (id, ":-_.\\@");
    case PERMS_APP_KIND_PATH:
      return is_plain_path (id);
    case PERMS_APP_KIND_SCOPE:
      return g_ascii_isalnum (id[0]) && has_only (id, ":-_.\\@");
    case PERMS_APP_KIND_HOST:
      return id[0] == '\0';
    case PERMS_APP_KIND_NONE:
    default:
      return FALSE;
    }
}

/* Decimal digits without sign or leading zero. (uid_t) -1 is nobody's uid. */
static gboolean
parse_uid (const char *text, gsize length, guint32 *ret_uid)
{
  guint64 uid = 0;

  if (length == 0 || length > 10 || (length > 1 && text[0] == '0'))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      uid = uid * 10 + (guint64) (text[i] - '0');
    }
  if (uid >= G_MAXUINT32)
    return FALSE;
  *ret_uid = (guint32) uid;
  return TRUE;
}

static gboolean
split_key (const char *text, PermsAppKey *key)
{
  const char *uid = strchr (text, ':');

  if (uid == NULL || strlen (text) > PERMS_APP_KEY_MAX)
    return FALSE;
  g_autofree char *kind = g_strndup (text, (gsize) (uid - text));
  if (!perms_app_kind_from_string (kind, &key->kind))
    return FALSE;

  uid++;
  const char *id = strchr (uid, ':');
  gboolean is_host = key->kind == PERMS_APP_KIND_HOST;
  if ((id == NULL) != is_host)
    return FALSE;
  gsize uid_length = is_host ? strlen (uid) : (gsize) (id - uid);
  const char *id_text = is_host ? "" : id + 1;
  return parse_uid (uid, uid_length, &key->uid) &&
         perms_app_id_is_valid (key->kind, id_text) &&
         g_strlcpy (key->id, id_text, sizeof key->id) < sizeof key->id;
}

gboolean
perms_app_key_parse (const char *text, PermsAppKey *ret_key, GError **error)
{
  PermsAppKey key = { 0 };

  if (!split_key (text, &key))
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "An app is KIND:UID:ID, or host:UID");
      return FALSE;
    }
  *ret_key = key;
  return TRUE;
}

char *
perms_app_key_format (const PermsAppKey *key, GError **error)
{
  if (!perms_app_id_is_valid (key->kind, key->id) || key->uid == G_MAXUINT32)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                   "This is not an app's id of kind %s",
                   perms_app_kind_to_string (key->kind));
      return NULL;
    }
  if (key->kind == PERMS_APP_KIND_HOST)
    return g_strdup_printf ("host:%u", key->uid);
  return g_strdup_printf ("%s:%u:%s", perms_app_kind_to_string (key->kind), key->uid,
                          key->id);
}

guint32
perms_app_key_uid (const char *text)
{
  const char *uid = strchr (text, ':');

  g_return_val_if_fail (uid != NULL, G_MAXUINT32);
  return (guint32) g_ascii_strtoull (uid + 1, NULL, 10);
}

gboolean
perms_device_is_valid (const char *name)
{
  return g_ascii_isalnum (name[0]) && strlen (name) <= PERMS_DEVICE_NAME_MAX &&
         has_only (name, "._-");
}

#define ADDRESS_MASK  G_GUINT64_CONSTANT (0xffffffffffff)
#define ADDRESS_BITS  48
#define STATIC_BITS   G_GUINT64_CONSTANT (0xc00000000000)
#define TYPE_PUBLIC   1
#define TYPE_RANDOM   2
#define ADDRESS_CHARS 17

gboolean
perms_accessory_is_valid (PermsAccessory accessory)
{
  guint64 address = accessory & ADDRESS_MASK;

  switch (accessory >> ADDRESS_BITS)
    {
    case TYPE_PUBLIC:
      return address != 0;
    case TYPE_RANDOM:
      return (address & STATIC_BITS) == STATIC_BITS;
    default:
      return FALSE;
    }
}

/* "C4:64:E3:01:02:03", upper case. */
static gboolean
parse_address (const char *text, guint64 *ret_address)
{
  guint64 address = 0;

  if (strlen (text) != ADDRESS_CHARS)
    return FALSE;
  for (guint i = 0; i < ADDRESS_CHARS; i++)
    {
      if (i % 3 == 2)
        {
          if (text[i] != ':')
            return FALSE;
          continue;
        }
      if (!g_ascii_isxdigit (text[i]) || g_ascii_islower (text[i]))
        return FALSE;
      address = address << 4 | (guint64) g_ascii_xdigit_value (text[i]);
    }
  *ret_address = address;
  return TRUE;
}

gboolean
perms_accessory_parse (const char *text, PermsAccessory *ret_accessory, GError **error)
{
  guint64 type = 0;
  guint64 address = 0;

  if (g_str_has_prefix (text, "public:"))
    type = TYPE_PUBLIC;
  else if (g_str_has_prefix (text, "random:"))
    type = TYPE_RANDOM;
  if (type == 0 || !parse_address (strchr (text, ':') + 1, &address) ||
      !perms_accessory_is_valid (type << ADDRESS_BITS | address))
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "An accessory is public:ADDRESS, or random:ADDRESS of a "
                           "static address");
      return FALSE;
    }
  *ret_accessory = type << ADDRESS_BITS | address;
  return TRUE;
}

void
perms_accessory_format (PermsAccessory accessory,
                        char ret_text[PERMS_ACCESSORY_TEXT_SIZE])
{
  const char *type = accessory >> ADDRESS_BITS == TYPE_PUBLIC ? "public" : "random";
  guint octets[6];

  for (guint i = 0; i < G_N_ELEMENTS (octets); i++)
    octets[i] = (guint) (accessory >> (40 - 8 * i)) & 0xff;
  g_snprintf (ret_text, PERMS_ACCESSORY_TEXT_SIZE, "%s:%02X:%02X:%02X:%02X:%02X:%02X",
              type, octets[0], octets[1], octets[2], octets[3], octets[4], octets[5]);
}

gboolean
perms_id_parse (const char *text, PermsId *ret_id, GError **error)
{
  PermsId id = { { 0 } };
  gboolean is_good = strlen (text) == PERMS_ID_TEXT_SIZE - 1;

  for (guint i = 0; is_good && text[i] != '\0'; i++)
    {
      is_good = g_ascii_isxdigit (text[i]) && !g_ascii_isupper (text[i]);
      id.bytes[i / 2] =
        (guint8) (id.bytes[i / 2] << 4 | (g_ascii_xdigit_value (text[i]) & 0xf));
    }
  if (!is_good || perms_id_is_null (&id))
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "An accessory id is 32 hexadecimal digits");
      return FALSE;
    }
  *ret_id = id;
  return TRUE;
}

void
perms_id_format (const PermsId *id, char ret_text[PERMS_ID_TEXT_SIZE])
{
  for (guint i = 0; i < sizeof id->bytes; i++)
    g_snprintf (ret_text + (gsize) 2 * i, 3, "%02x", id->bytes[i]);
}

gboolean
perms_id_equal (const PermsId *a, const PermsId *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

gboolean
perms_id_is_null (const PermsId *id)
{
  static const PermsId null = { { 0 } };

  return perms_id_equal (id, &null);
}
