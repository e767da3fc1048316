/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-controllers.h"

#include <string.h>

struct BleBluezControllers
{
  GPtrArray *all; /* of BleBluezController, the remembered ones included */
  GArray *shown;  /* of BleAdapter, by name */
};

static void
free_controller (gpointer data)
{
  BleBluezController *controller = data;

  g_free (controller->path);
  g_free (controller);
}

BleBluezControllers *
ble_bluez_controllers_new (void)
{
  BleBluezControllers *controllers = g_new0 (BleBluezControllers, 1);

  controllers->all = g_ptr_array_new_with_free_func (free_controller);
  controllers->shown = g_array_new (FALSE, FALSE, sizeof (BleAdapter));
  return controllers;
}

void
ble_bluez_controllers_free (BleBluezControllers *controllers)
{
  if (controllers == NULL)
    return;
  g_ptr_array_unref (controllers->all);
  g_array_unref (controllers->shown);
  g_free (controllers);
}

static void
take_properties (BleAdapter *adapter, GVariant *properties)
{
  const char *text, *type;
  BleAddressType kind = BLE_ADDRESS_PUBLIC;
  BleAddress address;

  if (g_variant_lookup (properties, "AddressType", "&s", &type) &&
      strcmp (type, "random") == 0)
    kind = BLE_ADDRESS_RANDOM;
  if (g_variant_lookup (properties, "Address", "&s", &text) &&
      ble_address_parse (text, kind, &address))
    adapter->address = address;
  g_variant_lookup (properties, "Powered", "b", &adapter->powered);
  g_variant_lookup (properties, "Discovering", "b", &adapter->discovering);
}

static BleBluezController *
find_present (BleBluezControllers *controllers, const char *path)
{
  for (guint i = 0; i < controllers->all->len; i++)
    {
      BleBluezController *controller = controllers->all->pdata[i];

      if (controller->present && strcmp (controller->path, path) == 0)
        return controller;
    }
  return NULL;
}

static BleBluezController *
find_absent (BleBluezControllers *controllers, const BleAddress *address)
{
  for (guint i = 0; i < controllers->all->len; i++)
    {
      BleBluezController *controller = controllers->all->pdata[i];

      if (!controller->present && ble_address_equal (&controller->shown.address, address))
        return controller;
    }
  return NULL;
}

/* Makes room by forgetting one that is away. */
static void
forget_one_absent (BleBluezControllers *controllers)
{
  for (guint i = 0; i < controllers->all->len; i++)
    if (!((BleBluezController *) controllers->all->pdata[i])->present)
      {
        g_ptr_array_remove_index (controllers->all, i);
        return;
      }
}

gboolean
ble_bluez_controllers_add (BleBluezControllers *controllers,
                           const char *path,
                           GVariant *properties,
                           BleAdapterId fresh_id)
{
  BleAdapter like = { 0 };
  BleBluezController *controller;
  const char *name = strrchr (path, '/');

  if (ble_bluez_controllers_change (controllers, path, properties))
    return FALSE;

  take_properties (&like, properties);
  controller = find_absent (controllers, &like.address);
  if (controller == NULL)
    {
      if (controllers->all->len >= BLE_BLUEZ_CONTROLLERS_MAX)
        forget_one_absent (controllers);
      if (controllers->all->len >= BLE_BLUEZ_CONTROLLERS_MAX)
        return FALSE;
      controller = g_new0 (BleBluezController, 1);
      controller->shown.id = fresh_id;
      g_ptr_array_add (controllers->all, controller);
    }
  like.id = controller->shown.id;
  g_strlcpy (like.name, name != NULL ? name + 1 : path, sizeof like.name);
  controller->shown = like;
  g_free (controller->path);
  controller->path = g_strdup (path);
  controller->present = TRUE;
  return like.id == fresh_id;
}

gboolean
ble_bluez_controllers_change (BleBluezControllers *controllers,
                              const char *path,
                              GVariant *properties)
{
  BleBluezController *controller = find_present (controllers, path);

  if (controller == NULL)
    return FALSE;
  take_properties (&controller->shown, properties);
  if (!controller->shown.powered)
    controller->downs++;
  return TRUE;
}

void
ble_bluez_controllers_remove (BleBluezControllers *controllers, const char *path)
{
  BleBluezController *controller = find_present (controllers, path);

  if (controller == NULL)
    return;
  controller->present = FALSE;
  controller->downs++;
}

void
ble_bluez_controllers_remove_all (BleBluezControllers *controllers)
{
  for (guint i = 0; i < controllers->all->len; i++)
    {
      BleBluezController *controller = controllers->all->pdata[i];

      controller->present = FALSE;
      controller->downs++;
    }
}

const BleBluezController *
ble_bluez_controllers_find (BleBluezControllers *controllers, BleAdapterId id)
{
  for (guint i = 0; i < controllers->all->len; i++)
    {
      const BleBluezController *controller = controllers->all->pdata[i];

      if (controller->present && controller->shown.id == id)
        return controller;
    }
  return NULL;
}

const BleBluezController *
ble_bluez_controllers_find_path (BleBluezControllers *controllers, const char *path)
{
  for (guint i = 0; i < controllers->all->len; i++)
    {
      const BleBluezController *controller = controllers->all->pdata[i];
      gsize length = strlen (controller->path);

      if (controller->present && strncmp (controller->path, path, length) == 0 &&
          (path[length] == '\0' || path[length] == '/'))
        return controller;
    }
  return NULL;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (((const BleAdapter *) a)->name, ((const BleAdapter *) b)->name);
}

const GArray *
ble_bluez_controllers_list (BleBluezControllers *controllers)
{
  g_array_set_size (controllers->shown, 0);
  for (guint i = 0; i < controllers->all->len; i++)
    {
      const BleBluezController *controller = controllers->all->pdata[i];

      if (controller->present)
        g_array_append_val (controllers->shown, controller->shown);
    }
  g_array_sort (controllers->shown, compare_names);
  return controllers->shown;
}
