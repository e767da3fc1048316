/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/manifest.h"

#include <string.h>

#include "perms/error.h"
#include "perms/key-file.h"

struct _PermsManifest
{
  gatomicrefcount references;
  PermsAccess supports; /* NONE: not said */
  guint flags;          /* PermsManifestFlag */
  GArray *services;     /* PermsUuid */
  GArray *blocklisted;  /* PermsUuid */
  GArray *companies;    /* guint16 */
  GPtrArray *names;     /* char *, and a NULL at the end when it was read */
};

PermsManifest *
perms_manifest_ref (PermsManifest *manifest)
{
  g_atomic_ref_count_inc (&manifest->references);
  return manifest;
}

void
perms_manifest_unref (PermsManifest *manifest)
{
  if (manifest == NULL || !g_atomic_ref_count_dec (&manifest->references))
    return;
  g_array_unref (manifest->services);
  g_array_unref (manifest->blocklisted);
  g_array_unref (manifest->companies);
  g_ptr_array_unref (manifest->names);
  g_free (manifest);
}

/* ---- reading: each parser returns NULL, or what was expected ---- */

static const char *
parse_supports (gpointer record, const char *value)
{
  PermsManifest *manifest = record;
  g_auto (GStrv) items = perms_key_file_split (value, 2);

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      PermsAccess access = g_str_equal (items[i], "accessory-setup")
                             ? PERMS_ACCESS_ACCESSORY_SETUP
                           : g_str_equal (items[i], "bluetooth") ? PERMS_ACCESS_BLUETOOTH
                                                                 : PERMS_ACCESS_NONE;
      if (access == PERMS_ACCESS_NONE || manifest->supports & access)
        return "supports= with accessory-setup, bluetooth or both";
      manifest->supports |= access;
    }
  return items != NULL ? NULL : "supports= with accessory-setup, bluetooth or both";
}

static gboolean
parse_uuids (GArray *uuids, const char *value)
{
  g_auto (GStrv) items = perms_key_file_split (value, PERMS_MANIFEST_ITEMS_MAX);

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      PermsUuid uuid;
      if (!perms_key_file_parse_uuid (items[i], &uuid))
        return FALSE;
      g_array_append_val (uuids, uuid);
    }
  return items != NULL;
}

static const char *
parse_services (gpointer record, const char *value)
{
  PermsManifest *manifest = record;

  return parse_uuids (manifest->services, value)
           ? NULL
           : "services= with 1 to 64 UUIDs, as 180d;180f";
}

static const char *
parse_blocklisted (gpointer record, const char *value)
{
  PermsManifest *manifest = record;

  return parse_uuids (manifest->blocklisted, value)
           ? NULL
           : "blocklisted= with 1 to 64 UUIDs of characteristics, as 2a25";
}

/* Decimal, or hexadecimal with 0x. */
static gboolean
parse_company (const char *text, guint16 *ret_company)
{
  gboolean is_hex = g_ascii_strncasecmp (text, "0x", 2) == 0;
  guint64 company = 0;

  if (!g_ascii_string_to_unsigned (is_hex ? text + 2 : text, is_hex ? 16 : 10, 0,
                                   G_MAXUINT16, &company, NULL))
    return FALSE;
  *ret_company = (guint16) company;
  return TRUE;
}

static const char *
parse_companies (gpointer record, const char *value)
{
  PermsManifest *manifest = record;
  g_auto (GStrv) items = perms_key_file_split (value, PERMS_MANIFEST_ITEMS_MAX);

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      guint16 company = 0;
      if (!parse_company (items[i], &company))
        return "companies= with numbers from 0 to 65535, as 0x006b;107";
      g_array_append_val (manifest->companies, company);
    }
  return items != NULL ? NULL : "companies= with 1 to 64 items";
}

static const char *
parse_names (gpointer record, const char *value)
{
  PermsManifest *manifest = record;
  g_auto (GStrv) items = perms_key_file_split (value, PERMS_MANIFEST_ITEMS_MAX);

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      if (items[i][0] == '\0' || strlen (items[i]) > PERMS_MANIFEST_NAME_MAX)
        return "names= with items of 1 to 248 bytes";
      g_ptr_array_add (manifest->names, g_strdup (items[i]));
    }
  return items != NULL ? NULL : "names= with 1 to 64 items";
}

static const char *
parse_flag (PermsManifest *manifest, PermsManifestFlag flag, const char *value)
{
  if (g_str_equal (value, "true"))
    manifest->flags |= flag;
  else if (!g_str_equal (value, "false"))
    return "true or false";
  return NULL;
}

static const char *
parse_accept_all (gpointer record, const char *value)
{
  return parse_flag (record, PERMS_MANIFEST_ACCEPT_ALL, value);
}

static const char *
parse_hid (gpointer record, const char *value)
{
  return parse_flag (record, PERMS_MANIFEST_HID, value);
}

static const char *
parse_verified (gpointer record, const char *value)
{
  return parse_flag (record, PERMS_MANIFEST_VERIFIED, value);
}

static const char *
parse_discovery (gpointer record, const char *value)
{
  return parse_flag (record, PERMS_MANIFEST_DISCOVERY, value);
}

static const char *
parse_background (gpointer record, const char *value)
{
  return parse_flag (record, PERMS_MANIFEST_BACKGROUND, value);
}

static const PermsKeyFileKey keys[] = {
  { "supports", parse_supports },
  { "services", parse_services },
  { "companies", parse_companies },
  { "names", parse_names },
  { "blocklisted", parse_blocklisted },
  { "accept-all", parse_accept_all },
  { "hid", parse_hid },
  { "verified", parse_verified },
  { "discovery", parse_discovery },
  { "background", parse_background },
};

static gpointer
begin_manifest (gpointer user_data)
{
  PermsManifest **manifest = user_data;

  if (*manifest != NULL)
    return NULL;
  *manifest = g_new0 (PermsManifest, 1);
  g_atomic_ref_count_init (&(*manifest)->references);
  (*manifest)->services = g_array_new (FALSE, FALSE, sizeof (PermsUuid));
  (*manifest)->blocklisted = g_array_new (FALSE, FALSE, sizeof (PermsUuid));
  (*manifest)->companies = g_array_new (FALSE, FALSE, sizeof (guint16));
  (*manifest)->names = g_ptr_array_new_with_free_func (g_free);
  return *manifest;
}

static const char *
finish_manifest (gpointer record)
{
  PermsManifest *manifest = record;

  if (manifest->supports == PERMS_ACCESS_NONE)
    manifest->supports = PERMS_ACCESS_ACCESSORY_SETUP;
  return NULL;
}

static const PermsKeyFileForm form = {
  .group = "[Accessory Setup]",
  .keys = keys,
  .n_keys = G_N_ELEMENTS (keys),
  .key_list =
    "one of supports, services, companies, names, blocklisted, accept-all, hid, "
    "verified, discovery, background",
  .begin = begin_manifest,
  .finish = finish_manifest,
};

PermsManifest *
perms_manifest_read (const char *name, const char *text, gsize length, GError **error)
{
  g_autoptr (PermsManifest) manifest = NULL;

  if (!perms_key_file_read (&form, name, text, length, &manifest, error))
    return NULL;
  if (manifest == NULL)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID, "%s:1: expected the group %s",
                   name, form.group);
      return NULL;
    }
  g_ptr_array_add (manifest->names, NULL);
  return g_steal_pointer (&manifest);
}

/* ---- answering ---- */

PermsAccess
perms_manifest_get_supports (const PermsManifest *manifest)
{
  return manifest->supports;
}

guint
perms_manifest_get_flags (const PermsManifest *manifest)
{
  return manifest->flags;
}

const PermsUuid *
perms_manifest_get_services (const PermsManifest *manifest, guint *ret_n)
{
  *ret_n = manifest->services->len;
  return (const PermsUuid *) (gpointer) manifest->services->data;
}

const PermsUuid *
perms_manifest_get_blocklisted (const PermsManifest *manifest, guint *ret_n)
{
  *ret_n = manifest->blocklisted->len;
  return (const PermsUuid *) (gpointer) manifest->blocklisted->data;
}

const guint16 *
perms_manifest_get_companies (const PermsManifest *manifest, guint *ret_n)
{
  *ret_n = manifest->companies->len;
  return (const guint16 *) (gpointer) manifest->companies->data;
}

const char *const *
perms_manifest_get_names (const PermsManifest *manifest)
{
  return (const char *const *) manifest->names->pdata;
}

static gboolean
contains_uuid (const GArray *uuids, const PermsUuid *uuid)
{
  for (guint i = 0; i < uuids->len; i++)
    {
      if (perms_uuid_equal (&g_array_index (uuids, PermsUuid, i), uuid))
        return TRUE;
    }
  return FALSE;
}

gboolean
perms_manifest_has_service (const PermsManifest *manifest, const PermsUuid *service)
{
  return contains_uuid (manifest->services, service);
}

gboolean
perms_manifest_has_blocklisted (const PermsManifest *manifest,
                                const PermsUuid *characteristic)
{
  return contains_uuid (manifest->blocklisted, characteristic);
}

gboolean
perms_manifest_has_company (const PermsManifest *manifest, guint16 company)
{
  for (guint i = 0; i < manifest->companies->len; i++)
    {
      if (g_array_index (manifest->companies, guint16, i) == company)
        return TRUE;
    }
  return FALSE;
}

gboolean
perms_manifest_has_name (const PermsManifest *manifest, const char *part)
{
  g_autofree char *wanted = g_ascii_strdown (part, -1);

  for (guint i = 0; i + 1 < manifest->names->len; i++)
    {
      g_autofree char *declared =
        g_ascii_strdown (g_ptr_array_index (manifest->names, i), -1);
      if (strstr (wanted, declared) != NULL)
        return TRUE;
    }
  return FALSE;
}
