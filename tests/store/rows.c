/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/store/rows.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define TIME_S 1700000000

PermsAccessory
rows_accessory (guint number)
{
  return G_GUINT64_CONSTANT (0x2c464e3000000) + number;
}

static void
decide (PermsDecision *decision, PermsReason reason, guint64 revision)
{
  decision->reason = reason;
  decision->time_s = TIME_S;
  decision->revision = revision;
  perms_string_set (&decision->device, PERMS_DEVICE_LOCAL);
}

PermsGrant *
rows_make_grant (const char *app,
                 PermsAccessory accessory,
                 PermsGrantState state,
                 guint64 revision)
{
  PermsGrant *grant = g_new0 (PermsGrant, 1);

  perms_string_set (&grant->app, app);
  perms_string_set (&grant->device, PERMS_DEVICE_LOCAL);
  perms_string_set (&grant->name, "Strap 🫀");
  grant->accessory = accessory;
  memcpy (grant->id.bytes, &accessory, sizeof accessory);
  grant->id.bytes[15] = 1;
  grant->kind = 832;
  grant->scope = perms_scope_parse ("0000180d-0000-1000-8000-00805f9b34fb=rn", NULL);
  grant->lifetime = PERMS_LIFETIME_UNTIL;
  grant->until_s = TIME_S + 3600;
  grant->state = state;
  grant->pairing = PERMS_PAIRING_PASSKEY;
  decide (&grant->decision, PERMS_REASON_USER_PICKER, revision);
  return grant;
}

PermsInstall *
rows_make_install (const char *app, PermsBluetooth bluetooth, guint64 revision)
{
  PermsInstall *install = g_new0 (PermsInstall, 1);

  perms_string_set (&install->app, app);
  perms_string_set (&install->device, PERMS_DEVICE_LOCAL);
  perms_string_set (&install->fingerprint, "flathub:0123");
  perms_string_set (&install->changed_to, "elsewhere:4567");
  install->installed = TRUE;
  install->asks = PERMS_ACCESS_ALL;
  install->strength = PERMS_STRENGTH_VERIFIED;
  install->bluetooth = bluetooth;
  install->managed = PERMS_MANAGED_ALLOW;
  install->waiting = TRUE;
  install->snapshot = PERMS_BLUETOOTH_ALLOWED;
  install->conflict = TRUE;
  decide (&install->decision, PERMS_REASON_USER_PROMPT, revision);
  return install;
}

PermsDevice *
rows_make_device (guint32 uid, const char *name, guint64 revision)
{
  PermsDevice *device = g_new0 (PermsDevice, 1);

  device->uid = uid;
  perms_string_set (&device->name, name);
  perms_string_set (&device->kind, "watch");
  device->order = 1;
  device->sync = PERMS_SYNC_COPY_ONCE;
  device->consent = PERMS_CONSENT_ALLOW;
  device->floor = 7;
  decide (&device->decision, PERMS_REASON_USER_SETTINGS, revision);
  return device;
}

PermsBond *
rows_make_bond (PermsAccessory accessory, guint64 revision)
{
  PermsBond *bond = g_new0 (PermsBond, 1);

  bond->accessory = accessory;
  bond->pairing = PERMS_PAIRING_COMPARISON;
  bond->bonded_by_us = TRUE;
  decide (&bond->decision, PERMS_REASON_USER_PICKER, revision);
  return bond;
}

PermsPending *
rows_make_pending (PermsAccessory accessory)
{
  PermsPending *pending = g_new0 (PermsPending, 1);

  perms_string_set (&pending->app, ROWS_APP);
  perms_string_set (&pending->device, PERMS_DEVICE_LOCAL);
  pending->accessory = accessory;
  pending->was_bonded = TRUE;
  pending->time_s = TIME_S;
  return pending;
}

PermsChanges *
rows_change_grant (const char *app,
                   PermsAccessory accessory,
                   PermsGrantState state,
                   guint64 revision)
{
  PermsChanges *changes = perms_changes_new ();

  perms_changes_take (changes, PERMS_CHANGE_GRANT,
                      perms_grant_state_is_live (state) ? "pick" : "revoke",
                      rows_make_grant (app, accessory, state, revision));
  return changes;
}

const PermsGrant *
rows_find_grant (const PermsUserRows *rows, PermsAccessory accessory)
{
  for (guint i = 0; i < rows->grants->len; i++)
    {
      const PermsGrant *grant = &g_array_index (rows->grants, PermsGrant, i);
      if (grant->accessory == accessory)
        return grant;
    }
  return NULL;
}

char *
rows_make_folder (void)
{
  const char *memory =
    "/dev/shm"; /* hier(7): faster than any disk, and no disk is tried */
  const char *parent = g_access (memory, W_OK) == 0 ? memory : g_get_tmp_dir ();
  char *folder = g_mkdtemp (g_build_filename (parent, "blepick-store-XXXXXX", NULL));

  g_assert (folder != NULL);
  return folder;
}

void
rows_remove_folder (char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (folder);
  g_free (folder);
}
