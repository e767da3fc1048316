/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/permissions-broad.h"

#include <string.h>
#include <sys/random.h>

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

/* ---- the row ---- */

BrokerBroad
broker_permissions_get_broad (BrokerPermissions *permissions,
                              const BrokerCaller *caller,
                              GError **error)
{
  const PermsRequest request = {
    .kind = PERMS_REQUEST_BROAD,
    .app = caller->app,
    .fingerprint = caller->fingerprint,
    .device = PERMS_DEVICE_LOCAL,
  };
  PermsCause cause = PERMS_CAUSE_NO_GRANT;

  switch (perms_cache_decide (permissions->cache, &request, broker_permissions_now_s (),
                              &cause))
    {
    case PERMS_VERDICT_ALLOW:
      return BROKER_BROAD_ALLOWED;
    case PERMS_VERDICT_ASK:
      return BROKER_BROAD_UNDECIDED;
    case PERMS_VERDICT_DENY:
    default:
      break;
    }
  if (cause == PERMS_CAUSE_NOT_DECLARED)
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "not-declared",
                       "The app does not declare that it uses all of Bluetooth");
  else
    broker_words_set_refusal (error, cause);
  return BROKER_BROAD_REFUSED;
}

static void
settle_answer (GTask *task, BrokerChange *change)
{
  GError *error = NULL;

  switch (broker_permissions_get_broad (change->permissions, change->caller, &error))
    {
    case BROKER_BROAD_ALLOWED:
      g_task_return_boolean (task, TRUE);
      broker_change_finish (task);
      return;
    case BROKER_BROAD_UNDECIDED:
      broker_words_set_refusal (&error, PERMS_CAUSE_NO_GRANT);
      break;
    case BROKER_BROAD_REFUSED:
    default:
      break;
    }
  broker_change_return_error (task, error);
}

static void
on_answer_stored (BrokerPermissions *permissions,
                  PermsUserRows *rows,
                  const GError *error,
                  gpointer user_data)
{
  GTask *task = user_data;
  BrokerChange *change = g_task_get_task_data (task);

  if (!broker_change_is_stored (task, error))
    return;
  broker_permissions_put (permissions, change->changes);
  settle_answer (task, change);
}

/* Decided meanwhile, there is nothing to store: the row remembers. */
static void
start_answer (GTask *task, BrokerChange *change)
{
  PermsBy by = broker_change_by (PERMS_REASON_USER_PROMPT);
  PermsOutcome outcome;

  g_clear_pointer (&change->changes, perms_changes_unref);
  change->changes = perms_changes_new ();
  outcome =
    perms_plan_event (change->permissions->cache, change->caller->app, PERMS_DEVICE_LOCAL,
                      PERMS_EVENT_PROMPT,
                      change->allow ? PERMS_EVENT_VALUE_ALLOW : PERMS_EVENT_VALUE_DENY,
                      &by, change->changes);
  if (outcome.result == PERMS_RESULT_OK)
    broker_permissions_commit (change->permissions, change->changes, on_answer_stored,
                               task);
  else
    settle_answer (task, change);
}

void
broker_permissions_answer_broad_async (BrokerPermissions *permissions,
                                       BrokerCaller *caller,
                                       gboolean allow,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, cancellable, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);

  g_task_set_source_tag (task, broker_permissions_answer_broad_async);
  change->key = broker_permissions_make_rows_key (caller->uid);
  change->allow = allow;
  change->start = start_answer;
  broker_change_start (task);
}

gboolean
broker_permissions_answer_broad_finish (BrokerPermissions *permissions,
                                        GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- the central ---- */

const char *
broker_permissions_get_central (BrokerPermissions *permissions,
                                const BrokerCaller *caller)
{
  /* Of a user who is loaded later the cache knows no adapter yet. */
  perms_cache_set_adapter (permissions->cache, caller->uid, PERMS_DEVICE_LOCAL,
                           !permissions->power_off);
  return perms_central_to_string (perms_cache_derive (permissions->cache, caller->app,
                                                      PERMS_DEVICE_LOCAL,
                                                      broker_permissions_now_s ())
                                    .central);
}

void
broker_permissions_take_power (BrokerPermissions *permissions, gboolean on)
{
  permissions->power_off = !on;
}

/* ---- accessories that the row alone opens ---- */

static void
free_opened (gpointer data)
{
  BrokerOpened *opened = data;

  perms_grant_free (opened->row);
  broker_caller_unref (opened->caller);
  g_free (opened);
}

GPtrArray *
broker_permissions_make_opened (void)
{
  return g_ptr_array_new_with_free_func (free_opened);
}

const PermsGrant *
broker_permissions_find_opened (BrokerPermissions *permissions,
                                const BrokerCaller *caller,
                                const PermsId *id)
{
  for (guint i = 0; i < permissions->opened->len; i++)
    {
      const BrokerOpened *opened = g_ptr_array_index (permissions->opened, i);

      if (perms_id_equal (&opened->row->id, id) &&
          strcmp (opened->caller->unique_name, caller->unique_name) == 0)
        return opened->row;
    }
  return NULL;
}

static const PermsGrant *
find_opened_accessory (BrokerPermissions *permissions,
                       const BrokerCaller *caller,
                       PermsAccessory accessory)
{
  for (guint i = 0; i < permissions->opened->len; i++)
    {
      const BrokerOpened *opened = g_ptr_array_index (permissions->opened, i);

      if (opened->row->accessory == accessory &&
          strcmp (opened->caller->unique_name, caller->unique_name) == 0)
        return opened->row;
    }
  return NULL;
}

/* A row for this connection that is never stored: decisions about it find no grant, and go by the Bluetooth
 * row. NULL: there are no random numbers. */
static const PermsGrant *
add_opened (BrokerPermissions *permissions,
            const BrokerCaller *caller,
            PermsAccessory accessory,
            const char *name)
{
  PermsGrant *row = g_new0 (PermsGrant, 1);
  BrokerOpened *opened = g_new0 (BrokerOpened, 1);

  perms_string_set (&row->app, caller->app);
  perms_string_set (&row->device, PERMS_DEVICE_LOCAL);
  perms_string_set (&row->name, name);
  row->accessory = accessory;
  row->lifetime = PERMS_LIFETIME_ONCE;
  row->state = PERMS_GRANT_ACTIVE;
  row->scope = perms_scope_new (PERMS_OPERATION_ALL, NULL, 0, NULL, 0, NULL);
  row->decision.time_s = broker_permissions_now_s ();
  opened->row = row;
  opened->caller = broker_caller_ref ((BrokerCaller *) caller);
  if (getrandom (row->id.bytes, sizeof row->id.bytes, 0) != sizeof row->id.bytes)
    {
      free_opened (opened);
      return NULL;
    }
  g_ptr_array_add (permissions->opened, opened);
  return row;
}

const char *
broker_permissions_open (BrokerPermissions *permissions,
                         const BrokerCaller *caller,
                         const BleAddress *address,
                         const char *name,
                         GError **error)
{
  PermsAccessory accessory = broker_words_accessory (address);
  const PermsGrant *row;

  if (accessory == 0)
    {
      blepick_error_set (error, BLEPICK_ERROR_CONNECTION_FAILED, "no-identity-address",
                         "The accessory hides its address: pick it instead");
      return NULL;
    }
  row = perms_cache_lookup_grant (permissions->cache, caller->app, PERMS_DEVICE_LOCAL,
                                  accessory);
  if (row == NULL || !perms_grant_is_in_force (row, broker_permissions_now_s ()))
    row = find_opened_accessory (permissions, caller, accessory);
  if (row == NULL)
    row = add_opened (permissions, caller, accessory, name);
  if (row == NULL)
    {
      blepick_error_set (error, BLEPICK_ERROR_UNKNOWN, "internal", "No random numbers");
      return NULL;
    }
  return broker_permissions_lend (permissions, row)->id;
}

static gboolean
is_over (BrokerPermissions *permissions,
         const BrokerOpened *opened,
         const char *unique_name)
{
  if (unique_name != NULL)
    return strcmp (opened->caller->unique_name, unique_name) == 0;
  return broker_permissions_get_broad (permissions, opened->caller, NULL) !=
         BROKER_BROAD_ALLOWED;
}

void
broker_permissions_close_opened (BrokerPermissions *permissions,
                                 const char *unique_name,
                                 const char *cause)
{
  for (guint i = permissions->opened->len; i > 0; i--)
    {
      const BrokerOpened *opened = g_ptr_array_index (permissions->opened, i - 1);
      const BrokerGrant *grant;

      if (!is_over (permissions, opened, unique_name))
        continue;
      grant = broker_permissions_lend (permissions, opened->row);
      g_ptr_array_remove_index (permissions->opened, i - 1);
      if (permissions->revoked != NULL)
        permissions->revoked (grant, cause, permissions->observer_data);
    }
}
