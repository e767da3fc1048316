/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Managed policies come into force: what they take is gone at once, for every decision asks them; the
 * managed rows follow in the store, and what that gives is there then. */

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"

/* ---- what a change gives and takes ---- */

/* A grant and what it was worth before the change. */
typedef struct
{
  PermsGrant *row;
  gboolean allowed;
} Standing;

static void
clear_standing (gpointer data)
{
  perms_grant_free (((Standing *) data)->row);
}

/* Whether the app may use the accessory at all. */
static gboolean
is_allowed (const BrokerPermissions *permissions, const PermsGrant *row)
{
  const PermsInstall *install =
    perms_cache_lookup_install (permissions->cache, row->app, row->device);
  PermsRequest request = {
    .kind = PERMS_REQUEST_ACCESSORY,
    .app = row->app,
    .fingerprint = install != NULL ? install->fingerprint : "",
    .device = row->device,
    .accessory = row->accessory,
  };
  PermsCause cause;

  return perms_cache_decide (permissions->cache, &request, broker_permissions_now_s (),
                             &cause) == PERMS_VERDICT_ALLOW;
}

typedef struct
{
  const BrokerPermissions *permissions;
  GArray *standings;
} Survey;

static gboolean
on_survey (const PermsGrant *row, gpointer user_data)
{
  Survey *survey = user_data;

  if (g_str_equal (row->device, PERMS_DEVICE_LOCAL) &&
      perms_grant_is_in_force (row, broker_permissions_now_s ()))
    {
      Standing standing = { perms_grant_copy (row),
                            is_allowed (survey->permissions, row) };
      g_array_append_val (survey->standings, standing);
    }
  return TRUE;
}

static GArray *
survey_user (const BrokerPermissions *permissions, guint32 uid)
{
  Survey survey = { permissions, g_array_new (FALSE, FALSE, sizeof (Standing)) };

  g_array_set_clear_func (survey.standings, clear_standing);
  perms_cache_foreach_grant (permissions->cache, uid, NULL, on_survey, &survey);
  return survey.standings;
}

static void
tell_closed (BrokerPermissions *permissions, const GArray *standings)
{
  for (guint i = 0; permissions->revoked != NULL && i < standings->len; i++)
    {
      const Standing *standing = &g_array_index (standings, Standing, i);

      if (standing->allowed && !is_allowed (permissions, standing->row))
        permissions->revoked (broker_permissions_lend (permissions, standing->row),
                              "policy", permissions->observer_data);
    }
}

static void
tell_opened (BrokerPermissions *permissions, const GArray *standings)
{
  for (guint i = 0; permissions->granted != NULL && i < standings->len; i++)
    {
      const Standing *standing = &g_array_index (standings, Standing, i);

      if (!standing->allowed && is_allowed (permissions, standing->row))
        permissions->granted (broker_permissions_lend (permissions, standing->row), FALSE,
                              permissions->observer_data);
    }
}

/* ---- the rows of one user ---- */

typedef struct
{
  guint32 uid;
  guint attempts;
  PermsChanges *changes;
  GArray *standings; /* of Standing; NULL: nobody has used anything yet */
  BrokerUserFunc done;
} Following;

static void plan_following (BrokerPermissions *permissions, Following *following);

static void
finish_following (BrokerPermissions *permissions, Following *following)
{
  if (following->standings != NULL)
    tell_opened (permissions, following->standings);
  if (following->done != NULL)
    following->done (permissions, following->uid);
  g_clear_pointer (&following->standings, g_array_unref);
  g_clear_pointer (&following->changes, perms_changes_unref);
  g_free (following);
}

static void
on_following_stored (BrokerPermissions *permissions,
                     PermsUserRows *rows,
                     const GError *error,
                     gpointer user_data)
{
  Following *following = user_data;

  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) &&
      ++following->attempts < BROKER_CHANGE_ATTEMPTS_MAX)
    {
      plan_following (permissions, following);
      return;
    }
  if (error == NULL)
    broker_permissions_put (permissions, following->changes);
  finish_following (permissions, following);
}

static void
plan_following (BrokerPermissions *permissions, Following *following)
{
  PermsBy by = broker_change_by (PERMS_REASON_POLICY);

  g_clear_pointer (&following->changes, perms_changes_unref);
  following->changes = perms_changes_new ();
  if (perms_plan_policy (permissions->cache, following->uid, &by, following->changes) > 0)
    broker_permissions_commit (permissions, following->changes, on_following_stored,
                               following);
  else
    finish_following (permissions, following);
}

void
broker_permissions_follow_policies (BrokerPermissions *permissions,
                                    guint32 uid,
                                    BrokerUserFunc done)
{
  Following *following = g_new0 (Following, 1);

  following->uid = uid;
  following->done = done;
  plan_following (permissions, following);
}

void
broker_permissions_take_managed (BrokerPermissions *permissions, PermsManagedSet *set)
{
  g_autoptr (GPtrArray) all =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint i = 0; i < permissions->loaded_uids->len; i++)
    g_ptr_array_add (all,
                     survey_user (permissions,
                                  g_array_index (permissions->loaded_uids, guint32, i)));
  perms_cache_take_managed (permissions->cache, set);
  for (guint i = 0; i < all->len; i++)
    {
      Following *following = g_new0 (Following, 1);

      following->uid = g_array_index (permissions->loaded_uids, guint32, i);
      following->standings = g_array_ref (g_ptr_array_index (all, i));
      tell_closed (permissions, following->standings);
      plan_following (permissions, following);
    }
}
