/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fill-store PATH UID GRANTS: a store with that many grants of one user, 1,000 an app; the
 * app "scope:UID:org.example.A" is one of them and has the first grant for itself. */

#include <stdio.h>
#include <stdlib.h>

#include "perms/store.h"
#include "tests/store/rows.h"

#define GRANTS_AN_APP 1000 /* the most that an app may have */

static PermsInstall *
make_install (const char *app)
{
  PermsInstall *install = rows_make_install (app, PERMS_BLUETOOTH_NOT_DETERMINED, 1);

  perms_string_set (&install->fingerprint, "");
  g_clear_pointer (&install->changed_to, g_ref_string_release);
  install->managed = PERMS_MANAGED_NONE;
  return install;
}

static PermsGrant *
make_grant (const char *app, guint number)
{
  PermsGrant *grant =
    rows_make_grant (app, rows_accessory (number), PERMS_GRANT_ACTIVE, 1);

  grant->lifetime = PERMS_LIFETIME_ALWAYS;
  grant->until_s = 0;
  return grant;
}

static void
apply (PermsStore *store, PermsChanges *take_changes)
{
  g_autoptr (PermsChanges) changes = take_changes;
  g_autoptr (GError) error = NULL;

  if (!perms_store_apply (store, changes, &error))
    g_error ("%s", error->message);
}

static void
add_app (PermsStore *store, const char *app, guint first, guint n)
{
  PermsChanges *changes = perms_changes_new ();

  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "install", make_install (app));
  for (guint i = first; i < first + n; i++)
    perms_changes_take (changes, PERMS_CHANGE_GRANT, "pick", make_grant (app, i));
  apply (store, changes);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 4)
    {
      fputs ("usage: fill-store PATH UID GRANTS\n", stderr);
      return 2;
    }
  PermsStore *store = perms_store_open (argv[1], NULL, NULL, &error);
  if (store == NULL)
    g_error ("%s", error->message);
  guint n_grants = (guint) strtoul (argv[3], NULL, 10);
  for (guint i = 0; i < n_grants;)
    {
      guint n = i == 0 ? 1 : MIN (GRANTS_AN_APP, n_grants - i);
      g_autofree char *app =
        i == 0 ? g_strdup_printf ("scope:%s:org.example.A", argv[2])
               : g_strdup_printf ("scope:%s:org.example.App%u", argv[2], i);
      add_app (store, app, i, n);
      i += n;
    }
  perms_store_close (store);
  return 0;
}
