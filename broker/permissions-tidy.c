/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When nothing was stored for a moment the store's journal is brought into its file: a
 * journal that a crash leaves is worse protected, and takes time at the next start. */

#include "broker/permissions-private.h"

#define TIDY_AFTER_MS 1000

/* On the worker. A journal that cannot be brought in is as good as before: the next commit
 * says what is wrong with the disk. */
static void
on_tidied (const GError *error, gpointer user_data)
{
}

static gboolean
on_quiet (gpointer user_data)
{
  BrokerPermissions *permissions = user_data;

  permissions->tidy_source = 0;
  if (permissions->queue != NULL)
    perms_commit_queue_tidy (permissions->queue, on_tidied, NULL);
  return G_SOURCE_REMOVE;
}

void
broker_permissions_arm_tidy (BrokerPermissions *permissions)
{
  if (permissions->queue == NULL)
    return;
  g_clear_handle_id (&permissions->tidy_source, g_source_remove);
  permissions->tidy_source = g_timeout_add (TIDY_AFTER_MS, on_quiet, permissions);
}
