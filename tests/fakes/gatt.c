/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/gatt.h"

#include <string.h>

#include "tests/fakes/notify.h"

#define CCC_UUID         0x2902
#define DESCRIPTION_UUID 0x2901
#define CLAIMED_HANDLES  8

typedef struct
{
  FakesDevice *device;
  guint16 uuid;
  char *path;
} Service;

typedef struct
{
  FakesCharacteristic *characteristic;
  guint16 uuid;
  char *path;
} Descriptor;

/* In the order of their handles; the arrays own. */
struct FakesGatt
{
  FakesDevice *device;
  GPtrArray *services;        /* of Service */
  GPtrArray *characteristics; /* of FakesCharacteristic */
  GPtrArray *descriptors;     /* of Descriptor */
};

static GVariant *
get_service_uuid (gpointer data)
{
  const Service *service = data;

  return g_variant_new_take_string (fakes_profile_uuid_text (service->uuid));
}

static GVariant *
get_service_device (gpointer data)
{
  const Service *service = data;

  return g_variant_new_object_path (service->device->path);
}

static GVariant *
get_service_primary (gpointer data)
{
  return g_variant_new_boolean (TRUE);
}

static GVariant *
get_service_includes (gpointer data)
{
  return g_variant_new ("ao", NULL);
}

static const FakesMethod no_methods[] = {
  { NULL, NULL, NULL },
};

static const FakesProperty service_properties[] = {
  { "UUID", "s", get_service_uuid, NULL },
  { "Device", "o", get_service_device, NULL },
  { "Primary", "b", get_service_primary, NULL },
  { "Includes", "ao", get_service_includes, NULL },
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface service_interface = { "org.bluez.GattService1", no_methods,
                                                  service_properties };

static void
handle_read_descriptor (FakesCall *call, gpointer data)
{
  const Descriptor *descriptor = data;
  const FakesCharacteristic *characteristic = descriptor->characteristic;
  g_autoptr (GVariant) options = g_variant_get_child_value (call->args, 0);
  g_autoptr (GBytes) value = NULL;
  const char *type;
  guint16 offset;

  if (!characteristic->device->resolved)
    {
      fakes_call_fail (call, "Failed", "Not connected");
      return;
    }
  if (!fakes_characteristic_parse_options (options, &offset, &type))
    {
      fakes_call_fail (call, "InvalidArguments", "Invalid arguments in method call");
      return;
    }
  if (descriptor->uuid == CCC_UUID)
    {
      gboolean notify = (characteristic->row->flags & FAKES_GATT_NOTIFY) != 0;
      guint8 ccc[2] = { characteristic->subscribed ? (notify ? 1 : 2) : 0, 0 };

      value = g_bytes_new (ccc, sizeof ccc);
    }
  else
    value = g_bytes_new (characteristic->row->description,
                         strlen (characteristic->row->description));
  fakes_characteristic_return (call, value, offset);
}

static void
handle_write_descriptor (FakesCall *call, gpointer data)
{
  const Descriptor *descriptor = data;
  const FakesCharacteristic *characteristic = descriptor->characteristic;

  if (!characteristic->device->resolved)
    fakes_call_fail (call, "Failed", "Not connected");
  else if (descriptor->uuid == DESCRIPTION_UUID &&
           (characteristic->row->flags & FAKES_GATT_DESCRIBABLE) != 0)
    {
      fakes_accessory_event (characteristic->device->accessory, "wrote", "2901");
      fakes_call_return (call, NULL);
    }
  else /* the one is StartNotify's business, the other is read-only */
    fakes_call_fail (call, "NotPermitted", "Write not permitted");
}

static GVariant *
get_descriptor_uuid (gpointer data)
{
  const Descriptor *descriptor = data;

  return g_variant_new_take_string (fakes_profile_uuid_text (descriptor->uuid));
}

static GVariant *
get_descriptor_characteristic (gpointer data)
{
  const Descriptor *descriptor = data;

  return g_variant_new_object_path (descriptor->characteristic->path);
}

static const FakesMethod descriptor_methods[] = {
  { "ReadValue", "(a{sv})", handle_read_descriptor },
  { "WriteValue", "(aya{sv})", handle_write_descriptor },
  { NULL, NULL, NULL },
};

static GVariant *
get_descriptor_value (gpointer data)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1);
}

static const FakesProperty descriptor_properties[] = {
  { "UUID", "s", get_descriptor_uuid, NULL },
  { "Characteristic", "o", get_descriptor_characteristic, NULL },
  { "Value", "ay", get_descriptor_value, NULL },
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface descriptor_interface = {
  "org.bluez.GattDescriptor1",
  descriptor_methods,
  descriptor_properties,
};
static Service *
add_service (FakesGatt *gatt, guint16 uuid, guint16 handle)
{
  Service *service = g_new0 (Service, 1);

  service->device = gatt->device;
  service->uuid = uuid;
  service->path = g_strdup_printf ("%s/service%04x", gatt->device->path, handle);
  g_ptr_array_add (gatt->services, service);
  return service;
}

static void
add_descriptor (FakesGatt *gatt,
                FakesCharacteristic *characteristic,
                guint16 uuid,
                guint16 handle)
{
  Descriptor *descriptor = g_new0 (Descriptor, 1);

  descriptor->characteristic = characteristic;
  descriptor->uuid = uuid;
  descriptor->path = g_strdup_printf ("%s/desc%04x", characteristic->path, handle);
  g_ptr_array_add (gatt->descriptors, descriptor);
}

/* A declaration, the value, and the descriptors: each has a handle. */
static void
add_characteristic (FakesGatt *gatt,
                    const Service *service,
                    const FakesProfileCharacteristic *row,
                    guint16 *handle)
{
  FakesCharacteristic *characteristic =
    fakes_characteristic_new (gatt->device, row, service->path, (*handle)++);

  g_ptr_array_add (gatt->characteristics, characteristic);
  (*handle)++;
  if (row->flags & (FAKES_GATT_NOTIFY | FAKES_GATT_INDICATE))
    add_descriptor (gatt, characteristic, CCC_UUID, (*handle)++);
  if (row->description != NULL)
    add_descriptor (gatt, characteristic, DESCRIPTION_UUID, (*handle)++);
}

/* A service that bluetoothd claims has handles, but no objects. */
static void
add_profile (FakesGatt *gatt, guint16 uuid, guint16 *handle)
{
  FakesProfileService profile = fakes_profile_find (uuid);
  const Service *service;

  if (profile.claimed)
    {
      *handle += CLAIMED_HANDLES;
      return;
    }
  service = add_service (gatt, uuid, (*handle)++);
  for (const FakesProfileCharacteristic *row = profile.characteristics; row->uuid != 0;
       row++)
    add_characteristic (gatt, service, row, handle);
}

static void
free_service (gpointer data)
{
  Service *service = data;

  g_free (service->path);
  g_free (service);
}

static void
free_descriptor (gpointer data)
{
  Descriptor *descriptor = data;

  g_free (descriptor->path);
  g_free (descriptor);
}

FakesGatt *
fakes_gatt_new (FakesDevice *device)
{
  const AccessoryWords *words = device->accessory->words;
  FakesGatt *gatt = g_new0 (FakesGatt, 1);
  guint16 handle = 1;

  gatt->device = device;
  gatt->services = g_ptr_array_new_with_free_func (free_service);
  gatt->characteristics =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fakes_characteristic_free);
  gatt->descriptors = g_ptr_array_new_with_free_func (free_descriptor);
  add_profile (gatt, 0x1800, &handle);
  add_profile (gatt, 0x1801, &handle);
  for (guint i = 0; i < words->n_services; i++)
    add_profile (gatt, words->services[i], &handle);
  return gatt;
}

void
fakes_gatt_free (FakesGatt *gatt)
{
  if (gatt == NULL)
    return;
  g_ptr_array_unref (gatt->descriptors);
  g_ptr_array_unref (gatt->characteristics);
  g_ptr_array_unref (gatt->services);
  g_free (gatt);
}

static FakesObjects *
objects_of (const FakesGatt *gatt)
{
  return gatt->device->adapter->world->objects;
}

void
fakes_gatt_export (FakesGatt *gatt)
{
  for (guint i = 0; i < gatt->services->len; i++)
    {
      Service *service = g_ptr_array_index (gatt->services, i);

      fakes_objects_add (objects_of (gatt), service->path, &service_interface, service);
    }
  for (guint i = 0; i < gatt->characteristics->len; i++)
    fakes_characteristic_export (g_ptr_array_index (gatt->characteristics, i));
  for (guint i = 0; i < gatt->descriptors->len; i++)
    {
      Descriptor *descriptor = g_ptr_array_index (gatt->descriptors, i);

      fakes_objects_add (objects_of (gatt), descriptor->path, &descriptor_interface,
                         descriptor);
    }
}

static void
unexport_path (const FakesGatt *gatt, const char *path, gboolean announce)
{
  if (announce)
    fakes_objects_remove (objects_of (gatt), path);
  else
    fakes_objects_drop (objects_of (gatt), path);
}

void
fakes_gatt_unexport (FakesGatt *gatt, gboolean announce)
{
  for (guint i = gatt->descriptors->len; i-- > 0;)
    unexport_path (gatt, ((Descriptor *) gatt->descriptors->pdata[i])->path, announce);
  for (guint i = gatt->characteristics->len; i-- > 0;)
    {
      FakesCharacteristic *characteristic = gatt->characteristics->pdata[i];

      fakes_characteristic_reset (characteristic);
      unexport_path (gatt, characteristic->path, announce);
    }
  for (guint i = gatt->services->len; i-- > 0;)
    unexport_path (gatt, ((Service *) gatt->services->pdata[i])->path, announce);
}

void
fakes_gatt_link_up (FakesGatt *gatt)
{
  for (guint i = 0; i < gatt->characteristics->len; i++)
    fakes_characteristic_link_up (g_ptr_array_index (gatt->characteristics, i));
}

void
fakes_gatt_link_down (FakesGatt *gatt)
{
  for (guint i = 0; i < gatt->characteristics->len; i++)
    fakes_notify_release (g_ptr_array_index (gatt->characteristics, i));
}

void
fakes_gatt_client_gone (FakesGatt *gatt, const char *client)
{
  for (guint i = 0; i < gatt->characteristics->len; i++)
    fakes_notify_client_gone (g_ptr_array_index (gatt->characteristics, i), client);
}

FakesCharacteristic *
fakes_gatt_find (FakesGatt *gatt, guint16 uuid)
{
  for (guint i = 0; i < gatt->characteristics->len; i++)
    {
      FakesCharacteristic *characteristic = g_ptr_array_index (gatt->characteristics, i);

      if (characteristic->row->uuid == uuid)
        return characteristic;
    }
  return NULL;
}

guint
fakes_gatt_count_subscriptions (const FakesGatt *gatt)
{
  guint count = 0;

  for (guint i = 0; i < gatt->characteristics->len; i++)
    {
      const FakesCharacteristic *characteristic =
        g_ptr_array_index (gatt->characteristics, i);

      count += fakes_characteristic_has_clients (characteristic) ? 1 : 0;
    }
  return count;
}
