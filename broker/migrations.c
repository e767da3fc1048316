/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/migrations.h"

#include <string.h>

#include "ble/names.h"

struct BrokerMigrations
{
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerMigratedFunc migrated;
  gpointer user_data;
};

BrokerMigrations *
broker_migrations_new (BleRadio *radio, BrokerPermissions *permissions)
{
  BrokerMigrations *self = g_new0 (BrokerMigrations, 1);

  self->radio = radio;
  self->permissions = permissions;
  return self;
}

void
broker_migrations_free (BrokerMigrations *self)
{
  g_free (self);
}

void
broker_migrations_set_observer (BrokerMigrations *self,
                                BrokerMigratedFunc migrated,
                                gpointer user_data)
{
  self->migrated = migrated;
  self->user_data = user_data;
}

/* ---- finding ---- */

typedef struct
{
  const BleAddress *wanted;
  const BleAdvert *found;
} Search;

static void
compare_device (const BleAdvert *advert, gpointer user_data)
{
  Search *search = user_data;

  if (advert->bonded &&
      memcmp (advert->address.octets, search->wanted->octets,
              sizeof search->wanted->octets) == 0 &&
      ble_address_is_identity (&advert->address))
    search->found = advert;
}

/* NULL when it is not bonded, or @caller's already. Whoever is not bonded answers nobody, so that an
 * app cannot find out what is around by guessing. */
static const BleAdvert *
find_bonded (BrokerMigrations *self,
             const BrokerCaller *caller,
             const BrokerPickerItem *item)
{
  Search search = { &item->peripheral, NULL };

  ble_radio_foreach_device (self->radio, compare_device, &search);
  if (search.found == NULL ||
      broker_permissions_find_address (self->permissions, caller,
                                       &search.found->address) != NULL)
    return NULL;
  return search.found;
}

/* The accessory's own name; where it has none, the app's words for it. */
static char *
dup_name (const BleAdvert *advert, const BrokerPickerItem *item)
{
  if (advert->name != NULL && advert->name[0] != '\0')
    return ble_name_sanitise (advert->name, strlen (advert->name));
  return g_strdup (item->name);
}

static const BrokerPickerItem *
get_item (const BrokerPickerRequest *request, guint index)
{
  return g_ptr_array_index (request->migrations, index);
}

GVariant *
broker_migrations_list_names (BrokerMigrations *self,
                              const BrokerCaller *caller,
                              const BrokerPickerRequest *request)
{
  GVariantBuilder names;

  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < request->migrations->len; i++)
    {
      const BleAdvert *advert = find_bonded (self, caller, get_item (request, i));

      if (advert != NULL)
        g_variant_builder_add_value (&names, g_variant_new_take_string (
                                               dup_name (advert, get_item (request, i))));
    }
  return g_variant_builder_end (&names);
}

/* ---- storing ---- */

typedef struct
{
  BrokerMigrations *migrations;
  BrokerCaller *caller;
  char *session_path;
  const BrokerPickerRequest *request;
  guint next;
  GPtrArray *ids;
} Run;

static void
free_run (gpointer data)
{
  Run *run = data;

  broker_caller_unref (run->caller);
  g_free (run->session_path);
  g_ptr_array_unref (run->ids);
  g_free (run);
}

static void run_on (GTask *task);

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;
  char *id =
    broker_permissions_grant_finish (run->migrations->permissions, result, &error);

  if (id == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (run->ids, id);
  run_on (task);
}

static void
store (GTask *task, const BleAdvert *advert, const BrokerPickerItem *item)
{
  Run *run = g_task_get_task_data (task);
  g_autofree char *name = dup_name (advert, item);
  const BrokerGrantRequest grant = {
    .address = advert->address,
    .pending_address = advert->address,
    .name = name,
    .kind = ble_kind_guess (advert->appearance, advert->services, advert->n_services),
    .services = item->descriptor->services,
    .n_services = item->descriptor->n_services,
    .lifetime = BROKER_LIFETIME_ALWAYS,
    .session_path = run->session_path,
    .method = BLE_PAIR_METHOD_NONE,
    .migrated = TRUE,
  };

  broker_permissions_grant_async (run->migrations->permissions, run->caller, &grant, NULL,
                                  on_stored, task);
}

static GVariant *
list_ids (const Run *run)
{
  return g_variant_new_strv ((const char *const *) run->ids->pdata,
                             (gssize) run->ids->len);
}

/* What was unbonded meanwhile is left out. */
static void
run_on (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  BrokerMigrations *self = run->migrations;

  while (run->next < run->request->migrations->len)
    {
      const BrokerPickerItem *item = get_item (run->request, run->next++);
      const BleAdvert *advert = find_bonded (self, run->caller, item);

      if (advert == NULL)
        continue;
      store (task, advert, item);
      return;
    }
  if (self->migrated != NULL)
    self->migrated (run->caller, run->ids->len, list_ids (run), self->user_data);
  g_task_return_pointer (task, g_variant_ref_sink (list_ids (run)),
                         (GDestroyNotify) g_variant_unref);
  g_object_unref (task);
}

void
broker_migrations_run_async (BrokerMigrations *self,
                             BrokerCaller *caller,
                             const char *session_path,
                             const BrokerPickerRequest *request,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Run *run = g_new0 (Run, 1);

  g_task_set_source_tag (task, broker_migrations_run_async);
  run->migrations = self;
  run->caller = broker_caller_ref (caller);
  run->session_path = g_strdup (session_path);
  run->request = request;
  run->ids = g_ptr_array_new_with_free_func (g_free);
  g_task_set_task_data (task, run, free_run);
  run_on (task);
}

GVariant *
broker_migrations_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
