/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/user-home.h"

#include "broker/user-helpers.h"
#include "perms/key-file.h"

void
broker_user_home_free (gpointer data)
{
  BrokerUserHome *home = data;

  g_hash_table_unref (home->starts);
  g_hash_table_unref (home->apps);
  g_hash_table_unref (home->removals);
  g_free (home->unique_name);
  g_free (home);
}

BrokerUserHome *
broker_user_home_new (guint32 uid, const char *unique_name)
{
  BrokerUserHome *home = g_new0 (BrokerUserHome, 1);

  home->uid = uid;
  home->unique_name = g_strdup (unique_name);
  home->apps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) g_bytes_unref);
  home->removals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  home->starts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return home;
}

char *
broker_user_home_make_key (gboolean is_flatpak, const char *id)
{
  return g_strconcat (is_flatpak ? "flatpak:" : "host:", id, NULL);
}

void
broker_user_home_drop (BrokerUserHome *home, const char *key)
{
  GBytes *text = g_hash_table_lookup (home->apps, key);

  if (text == NULL)
    return;
  home->n_octets -= g_bytes_get_size (text);
  g_hash_table_remove (home->apps, key);
}

gboolean
broker_user_home_has_room (const BrokerUserHome *home, const char *key, gsize length)
{
  GBytes *before = g_hash_table_lookup (home->apps, key);
  gsize n_octets = home->n_octets - (before != NULL ? g_bytes_get_size (before) : 0);

  return length <= PERMS_KEY_FILE_TEXT_MAX &&
         n_octets + length <= BROKER_HELPER_MANIFESTS_MAX &&
         (before != NULL || g_hash_table_size (home->apps) < BROKER_HELPER_APPS_MAX);
}
