/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* write-version PATH: a small store of the present version, with a row of every kind. When a
 * step is added to perms/store-schema.c, the one that was there before it is kept:
 *
 *   write-version tests/data/stores/version-N.db
 *
 * and test-perms-store-versions brings it up to date ever after. */

#include <stdio.h>

#include "perms/store.h"
#include "tests/store/rows.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PermsChanges) changes = perms_changes_new ();

  if (argc != 2)
    {
      fputs ("usage: write-version PATH\n", stderr);
      return 2;
    }
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "link",
                      rows_make_device (ROWS_UID, ROWS_WATCH, 3));
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "prompt",
                      rows_make_install (ROWS_APP, PERMS_BLUETOOTH_ALLOWED, 5));
  perms_changes_take (changes, PERMS_CHANGE_GRANT, "pick",
                      rows_make_grant (ROWS_APP, rows_accessory (1), PERMS_GRANT_ACTIVE,
                                       1));
  perms_changes_take (changes, PERMS_CHANGE_GRANT, "revoke",
                      rows_make_grant (ROWS_APP, rows_accessory (2), PERMS_GRANT_REVOKED,
                                       2));
  perms_changes_take (changes, PERMS_CHANGE_BOND, "pair",
                      rows_make_bond (rows_accessory (1), 1));
  perms_changes_take (changes, PERMS_CHANGE_PENDING, "pair",
                      rows_make_pending (rows_accessory (3)));

  PermsStore *store = perms_store_open (argv[1], NULL, NULL, &error);
  if (store == NULL || !perms_store_apply (store, changes, &error))
    {
      g_printerr ("write-version: %s\n", error->message);
      return 1;
    }
  perms_store_close (store);
  return 0;
}
