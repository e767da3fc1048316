/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-profile.h"

/* A string literal without its zero. */
#define OCTETS(literal) .value = (literal), .length = sizeof (literal) - 1

/* A keyboard of one key: Device Class Definition for HID 1.11, 6.2.2. */
#define REPORT_MAP                                                                   \
  "\x05\x01\x09\x06\xa1\x01\x05\x07\x19\x04\x29\x04\x15\x00\x25\x01\x75\x08\x95\x01" \
  "\x81\x02\xc0"

static const AccessoryProfileRow rows[] = {
  /* heart rate: measurement, body sensor location (chest), control point */
  { 0x180d, 0x2a37, "notify", .guarded = TRUE },
  { 0x180d, 0x2a38, "read", .guarded = TRUE, OCTETS ("\x01") },
  { 0x180d, 0x2a39, "write", .guarded = TRUE },
  /* battery: level in percent */
  { 0x180f, 0x2a19, "read notify", OCTETS ("\x5a") },
  /* device information: manufacturer, model, serial number, firmware */
  { 0x180a, 0x2a29, "read", OCTETS ("blepick") },
  { 0x180a, 0x2a24, "read", OCTETS ("Virtual strap") },
  { 0x180a, 0x2a25, "read", OCTETS ("VS-000001") },
  { 0x180a, 0x2a26, "read", OCTETS ("1.0") },
  /* health thermometer: measurement, type (body) */
  { 0x1809, 0x2a1c, "indicate", .guarded = FALSE },
  { 0x1809, 0x2a1d, "read", OCTETS ("\x02") },
  /* immediate alert: level */
  { 0x1802, 0x2a06, "write-without-response", .guarded = FALSE },
  /* environmental sensing: two temperatures */
  { 0x181a, 0x2a6e, "read", OCTETS ("\xf4\x01") },
  { 0x181a, 0x2a6e, "read", OCTETS ("\xc4\x09") },
  /* human interface device: information, report map, report, control point */
  { 0x1812, 0x2a4a, "read", OCTETS ("\x11\x01\x00\x02") },
  { 0x1812, 0x2a4b, "read", OCTETS (REPORT_MAP) },
  { 0x1812, 0x2a4d, "read notify", OCTETS ("\x00") },
  { 0x1812, 0x2a4c, "write-without-response", .guarded = FALSE },
};

const AccessoryProfileRow *
accessory_profile_rows (guint *ret_n_rows)
{
  *ret_n_rows = G_N_ELEMENTS (rows);
  return rows;
}

gboolean
accessory_profile_has_service (guint16 service)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].service == service)
      return TRUE;
  return FALSE;
}

char **
accessory_profile_flags (const AccessoryProfileRow *row, AccessorySecurity security)
{
  static const char *const prefixes[] = {
    [ACCESSORY_SECURITY_NONE] = NULL,
    [ACCESSORY_SECURITY_ENCRYPT] = "encrypt-",
    [ACCESSORY_SECURITY_AUTHENTICATED] = "encrypt-authenticated-",
  };
  g_auto (GStrv) plain = g_strsplit (row->flags, " ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_addv (builder, (const char **) plain);
  for (guint i = 0; row->guarded && prefixes[security] != NULL && plain[i] != NULL; i++)
    {
      g_autofree char *strict = g_strconcat (prefixes[security], plain[i], NULL);

      g_strv_builder_add (builder, strict);
    }
  return g_strv_builder_end (builder);
}

char *
accessory_profile_uuid (guint16 uuid)
{
  return g_strdup_printf ("%08x-0000-1000-8000-00805f9b34fb", uuid);
}
