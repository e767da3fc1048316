/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was taken away and could not be stored: the memory denies, and the store, which a
 * restart would believe, does not know it yet. It is tried again until it does. */

#include "broker/permissions-private.h"

#define TRY_AGAIN_S 10

static void try_next (BrokerPermissions *permissions);

static gboolean
on_time (gpointer user_data)
{
  BrokerPermissions *permissions = user_data;

  permissions->behind_source = 0;
  broker_permissions_catch_up (permissions);
  return G_SOURCE_REMOVE;
}

static void
arm (BrokerPermissions *permissions)
{
  if (permissions->behind_source == 0)
    permissions->behind_source =
      g_timeout_add_seconds (TRY_AGAIN_S, on_time, permissions);
}

static void
on_tried (BrokerPermissions *permissions,
          PermsUserRows *rows,
          const GError *error,
          gpointer user_data)
{
  gboolean is_stored =
    error == NULL || g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE);

  permissions->catching_up = FALSE;
  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_CLOSED))
    return;
  if (!is_stored)
    {
      arm (permissions);
      return;
    }
  /* A stale row was decided anew since: that is what holds. */
  g_ptr_array_remove_index (permissions->behind, 0);
  broker_permissions_note_store (permissions);
  try_next (permissions);
}

static void
try_next (BrokerPermissions *permissions)
{
  if (permissions->behind->len == 0)
    {
      g_clear_handle_id (&permissions->behind_source, g_source_remove);
      return;
    }
  permissions->catching_up = TRUE;
  broker_permissions_commit (permissions, g_ptr_array_index (permissions->behind, 0),
                             on_tried, NULL);
}

void
broker_permissions_catch_up (BrokerPermissions *permissions)
{
  if (!permissions->catching_up && permissions->queue != NULL)
    try_next (permissions);
}

void
broker_permissions_note_behind (BrokerPermissions *permissions, PermsChanges *changes)
{
  if (permissions->queue == NULL)
    return;
  g_ptr_array_add (permissions->behind, perms_changes_ref (changes));
  broker_permissions_note_store (permissions);
  arm (permissions);
}
