/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/settings.h"

#include <sys/random.h>

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

/* ---- changes ---- */

/* Refusals of the model, for somebody who may see every row of the user. */
static void
set_refusal (GError **error, const PermsOutcome *outcome)
{
  const char *text = "The permissions do not allow this change";

  if (outcome->cause == PERMS_CAUSE_LOCKED)
    text = "It is decided by a policy, or by the device that this one follows";
  else if (outcome->cause == PERMS_CAUSE_NO_GRANT)
    text = "The app has no such accessory there";
  else if (outcome->cause == PERMS_CAUSE_NOT_INSTALLED)
    text = "The app is not installed on that device";
  blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED,
                     perms_cause_to_string (outcome->cause), "%s", text);
}

typedef struct
{
  const PermsId *id;
  const char *device;
  PermsGrant *found; /* a copy */
} Search;

static gboolean
match_id (const PermsGrant *grant, gpointer user_data)
{
  Search *search = user_data;

  if (!perms_id_equal (&grant->id, search->id) ||
      (search->device != NULL && !g_str_equal (grant->device, search->device)))
    return TRUE;
  search->found = perms_grant_copy (grant);
  return FALSE;
}

PermsGrant *
broker_settings_find_accessory (BrokerPermissions *permissions,
                                uid_t uid,
                                const char *device,
                                const char *accessory,
                                GError **error)
{
  PermsId id;
  Search search = { &id, device, NULL };

  if (perms_id_parse (accessory, &id, NULL))
    perms_cache_foreach_grant (permissions->cache, uid, NULL, match_id, &search);
  if (search.found == NULL)
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-accessory",
                       "There is no such accessory");
  return search.found;
}

static gboolean
has_app (BrokerPermissions *permissions, const BrokerSetting *setting, GError **error)
{
  PermsAppKey key;

  if (perms_app_key_parse (setting->app, &key, NULL) && key.uid == setting->uid &&
      perms_device_is_valid (setting->device) &&
      perms_cache_lookup_install (permissions->cache, setting->app, setting->device) !=
        NULL)
    return TRUE;
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-app",
                     "There is no such app on that device");
  return FALSE;
}

static void
on_change_stored (BrokerPermissions *permissions,
                  PermsUserRows *rows,
                  const GError *error,
                  gpointer user_data)
{
  GTask *task = user_data;
  BrokerChange *change = g_task_get_task_data (task);
  const PermsGrant *row = NULL;

  if (!broker_change_is_stored (task, error))
    return;
  if (!change->takes)
    {
      broker_permissions_put (permissions, change->changes);
      broker_permissions_arm_expiry (permissions);
    }
  if (change->wanted != NULL)
    row = perms_cache_lookup_grant (permissions->cache, change->wanted->app,
                                    PERMS_DEVICE_LOCAL, change->accessory);
  if (row != NULL && permissions->granted != NULL)
    permissions->granted (broker_permissions_lend (permissions, row), FALSE,
                          permissions->observer_data);
  g_task_return_boolean (task, TRUE);
  broker_change_finish (task);
}

/* Stores what was planned, in the order that its kind asks for. */
static void
store (GTask *task, BrokerChange *change, const PermsOutcome *outcome)
{
  GError *error = NULL;

  if (outcome->result == PERMS_RESULT_REFUSED)
    {
      set_refusal (&error, outcome);
      broker_change_return_error (task, error);
    }
  else if (perms_changes_get_length (change->changes) == 0)
    {
      g_task_return_boolean (task, TRUE);
      broker_change_finish (task);
    }
  else if (change->takes)
    broker_permissions_take_away (change->permissions, change->changes, "user",
                                  on_change_stored, task);
  else
    broker_permissions_commit (change->permissions, change->changes, on_change_stored,
                               task);
}

typedef struct
{
  const BrokerChange *change;
  PermsBy by;
} EndAll;

static gboolean
end_grant (const PermsGrant *grant, gpointer user_data)
{
  const EndAll *end = user_data;

  if (g_str_equal (grant->device, end->change->device) &&
      perms_grant_state_is_live (grant->state))
    (void) perms_plan_end (end->change->permissions->cache,
                           &(PermsGrantKey){ grant->app, grant->device,
                                             grant->accessory },
                           PERMS_GRANT_REVOKED, NULL, &end->by, end->change->changes);
  return TRUE;
}

static void
start_row (GTask *task, BrokerChange *change)
{
  PermsBy by = broker_change_by (PERMS_REASON_USER_SETTINGS);
  PermsEventKind kind = PERMS_EVENT_SET;
  PermsEventValue value = PERMS_EVENT_VALUE_DENY;
  PermsOutcome outcome;

  if (change->verb == BROKER_SETTING_RESET)
    {
      kind = PERMS_EVENT_RESET;
      value = PERMS_EVENT_VALUE_NONE;
    }
  else if (change->verb == BROKER_SETTING_BLUETOOTH_ALLOW)
    value = PERMS_EVENT_VALUE_ALLOW;
  g_clear_pointer (&change->changes, perms_changes_unref);
  change->changes = perms_changes_new ();
  outcome = perms_plan_event (change->permissions->cache, change->app, change->device,
                              kind, value, &by, change->changes);
  if (change->verb == BROKER_SETTING_RESET && outcome.result != PERMS_RESULT_REFUSED)
    {
      EndAll end = { change, by };

      perms_cache_foreach_grant (change->permissions->cache,
                                 perms_app_key_uid (change->app), change->app, end_grant,
                                 &end);
    }
  store (task, change, &outcome);
}

static void
start_end (GTask *task, BrokerChange *change)
{
  PermsBy by = broker_change_by (PERMS_REASON_USER_SETTINGS);
  PermsGrantKey key = { change->app, change->device, change->accessory };
  PermsGrantState state =
    change->verb == BROKER_SETTING_DENY ? PERMS_GRANT_DENIED : PERMS_GRANT_REVOKED;
  const PermsGrant *row =
    perms_cache_lookup_grant (change->permissions->cache, change->app, change->device,
                              change->accessory);
  gboolean was_live = row != NULL && perms_grant_state_is_live (row->state);
  PermsOutcome outcome;

  broker_permissions_end_closing (change->permissions, change->key);
  change->changes = perms_changes_new ();
  outcome = perms_plan_end (change->permissions->cache, &key, state, &change->id, &by,
                            change->changes);
  if (outcome.result != PERMS_RESULT_OK || !was_live)
    g_hash_table_remove (change->permissions->told, change->key);
  /* An app that never had the accessory hears nothing of it. */
  if (outcome.result == PERMS_RESULT_OK && !was_live)
    {
      broker_permissions_put (change->permissions, change->changes);
      broker_permissions_commit (change->permissions, change->changes, on_change_stored,
                                 task);
    }
  else
    store (task, change, &outcome);
}

static void
start_allow (GTask *task, BrokerChange *change)
{
  PermsBy by = broker_change_by (PERMS_REASON_CLI);
  PermsOutcome outcome = { 0 };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&change->changes, perms_changes_unref);
  change->changes = perms_changes_new ();
  if (perms_plan_grant (change->permissions->cache, change->wanted, &by, change->changes,
                        &outcome, &change->id, &error))
    store (task, change, &outcome);
  else
    broker_change_return_error (task, broker_words_store_error (error));
}

/* A grant of @setting's app, as wide as the one that was found. */
static PermsGrant *
make_wanted (const BrokerSetting *setting, const PermsGrant *found)
{
  PermsGrant *wanted = perms_grant_copy (found);

  perms_string_set (&wanted->app, setting->app);
  perms_string_set (&wanted->device, setting->device);
  wanted->state = PERMS_GRANT_ACTIVE;
  wanted->lifetime = setting->lifetime == BROKER_LIFETIME_UNTIL  ? PERMS_LIFETIME_UNTIL
                     : setting->lifetime == BROKER_LIFETIME_ONCE ? PERMS_LIFETIME_ONCE
                                                                 : PERMS_LIFETIME_ALWAYS;
  wanted->until_s = setting->lifetime == BROKER_LIFETIME_UNTIL ? setting->until_s : 0;
  return wanted;
}

/* Fills in @change. FALSE: there is no such app or accessory. */
static gboolean
prepare (BrokerChange *change, const BrokerSetting *setting, GError **error)
{
  g_autoptr (PermsGrant) found = NULL;

  if (!has_app (change->permissions, setting, error))
    return FALSE;
  change->verb = setting->verb;
  change->app = g_strdup (setting->app);
  change->device = g_strdup (setting->device);
  change->takes = setting->verb != BROKER_SETTING_BLUETOOTH_ALLOW &&
                  setting->verb != BROKER_SETTING_ALLOW;
  if (setting->verb == BROKER_SETTING_BLUETOOTH_ALLOW ||
      setting->verb == BROKER_SETTING_BLUETOOTH_DENY ||
      setting->verb == BROKER_SETTING_RESET)
    {
      change->key = broker_permissions_make_rows_key (setting->uid);
      change->start = start_row;
      return TRUE;
    }
  found = broker_settings_find_accessory (change->permissions, setting->uid, NULL,
                                          setting->accessory, error);
  if (found == NULL)
    return FALSE;
  change->accessory = found->accessory;
  change->key = broker_permissions_make_key (setting->app, found->accessory);
  if (getrandom (change->id.bytes, sizeof change->id.bytes, 0) != sizeof change->id.bytes)
    {
      blepick_error_set (error, BLEPICK_ERROR_UNKNOWN, "internal", "No random numbers");
      return FALSE;
    }
  change->start = start_end;
  if (setting->verb == BROKER_SETTING_ALLOW)
    {
      change->start = start_allow;
      change->wanted = make_wanted (setting, found);
      change->wanted->id = change->id;
    }
  return TRUE;
}

static void
close_at_once (const BrokerChange *change)
{
  const PermsGrant *row =
    perms_cache_lookup_grant (change->permissions->cache, change->app, change->device,
                              change->accessory);

  if (row != NULL && g_str_equal (change->device, PERMS_DEVICE_LOCAL) &&
      perms_grant_is_in_force (row, broker_permissions_now_s ()))
    broker_permissions_begin_closing (change->permissions, row, "user");
}

void
broker_settings_change_async (BrokerPermissions *permissions,
                              const BrokerSetting *setting,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = broker_change_new (permissions, NULL, NULL, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);
  GError *error = NULL;

  g_task_set_source_tag (task, broker_settings_change_async);
  if (prepare (change, setting, &error))
    {
      if (change->start == start_end)
        close_at_once (change);
      broker_change_start (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
broker_settings_change_finish (BrokerPermissions *permissions,
                               GAsyncResult *result,
                               GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- history ---- */

static GVariant *
format_entry (const PermsCache *cache, const PermsHistoryEntry *entry)
{
  const PermsGrant *grant = NULL;
  GVariantDict row;

  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "sequence", "t", entry->sequence);
  g_variant_dict_insert (&row, "time", "x", entry->time_s);
  g_variant_dict_insert (&row, "event", "s", entry->event);
  g_variant_dict_insert (&row, "app", "s", entry->app);
  g_variant_dict_insert (&row, "device", "s", entry->device);
  g_variant_dict_insert (&row, "about", "s",
                         entry->accessory != 0   ? "accessory"
                         : entry->app[0] != '\0' ? "bluetooth"
                                                 : "device");
  if (entry->accessory != 0)
    grant = perms_cache_lookup_grant (cache, entry->app, entry->device, entry->accessory);
  if (grant != NULL)
    {
      char id[PERMS_ID_TEXT_SIZE];

      perms_id_format (&grant->id, id);
      g_variant_dict_insert (&row, "accessory", "s", id);
      g_variant_dict_insert (&row, "name", "s", grant->name != NULL ? grant->name : "");
    }
  g_variant_dict_insert (&row, "value", "s", entry->value);
  g_variant_dict_insert (&row, "reason", "s", perms_reason_to_string (entry->reason));
  g_variant_dict_insert (&row, "decided-on", "s", entry->decided_by);
  return g_variant_dict_end (&row);
}

/* Runs on the worker; the task comes back to its own loop. */
static void
on_worker_listed (GPtrArray *rows, const GError *error, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_pointer (task, rows, (GDestroyNotify) g_ptr_array_unref);
}

void
broker_settings_history_async (BrokerPermissions *permissions,
                               uid_t uid,
                               const char *app,
                               guint64 before,
                               guint limit,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, broker_settings_history_async);
  if (permissions->queue != NULL)
    perms_commit_queue_load_history (permissions->queue, uid, app, before, limit,
                                     on_worker_listed, task);
  else
    {
      g_task_return_new_error (task, PERMS_ERROR, PERMS_ERROR_CLOSED,
                               "the store is closed");
      g_object_unref (task);
    }
}

GVariant *
broker_settings_history_finish (BrokerPermissions *permissions,
                                GAsyncResult *result,
                                GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (GPtrArray) rows = g_task_propagate_pointer (G_TASK (result), &fault);
  GVariantBuilder list;

  if (rows == NULL)
    {
      g_propagate_error (error, broker_words_store_error (fault));
      return NULL;
    }
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < rows->len; i++)
    g_variant_builder_add_value (&list, format_entry (permissions->cache,
                                                      g_ptr_array_index (rows, i)));
  return g_variant_builder_end (&list);
}
