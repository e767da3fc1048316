/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/characteristic.h"

#include <string.h>

#include "tests/fakes/notify.h"
#include "tests/fakes/pairing.h"

#define BATTERY_LEVEL 0x2a19

/* A read or a write that waits for the link to be secured. */
typedef struct
{
  FakesCharacteristic *characteristic;
  FakesCall *call;
  guint16 offset;
  GBytes *value; /* to write; NULL: a read */
} Operation;

/* Of a read: what was set, else what its row says. */
static GBytes *
get_current_value (const FakesCharacteristic *characteristic)
{
  GBytes *set = g_hash_table_lookup (characteristic->device->accessory->values,
                                     GUINT_TO_POINTER (characteristic->row->uuid));

  return set != NULL ? g_bytes_ref (set)
                     : accessory_words_hex (characteristic->row->value);
}

static GVariant *
new_octets (GBytes *bytes)
{
  gsize size;
  const void *octets = g_bytes_get_data (bytes, &size);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, octets, size, 1);
}

void
fakes_characteristic_event (const FakesCharacteristic *characteristic,
                            const char *event,
                            GBytes *value)
{
  g_autoptr (GString) arguments = g_string_new (NULL);
  gsize size = 0;
  const guint8 *octets = value != NULL ? g_bytes_get_data (value, &size) : NULL;

  g_string_printf (arguments, "%04x", characteristic->row->uuid);
  if (value != NULL)
    g_string_append_c (arguments, ' ');
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (arguments, "%02x", octets[i]);
  fakes_accessory_event (characteristic->device->accessory, event, arguments->str);
}

void
fakes_characteristic_cache (FakesCharacteristic *characteristic, GBytes *value)
{
  g_bytes_ref (value);
  g_clear_pointer (&characteristic->cached, g_bytes_unref);
  characteristic->cached = value;
  fakes_objects_changed (characteristic->device->adapter->world->objects,
                         characteristic->path, (const char *const[]){ "Value", NULL });
}

gboolean
fakes_characteristic_parse_options (GVariant *options,
                                    guint16 *ret_offset,
                                    const char **ret_type)
{
  g_autoptr (GVariant) offset = g_variant_lookup_value (options, "offset", NULL);
  g_autoptr (GVariant) type = g_variant_lookup_value (options, "type", NULL);

  if (offset != NULL && !g_variant_is_of_type (offset, G_VARIANT_TYPE_UINT16))
    return FALSE;
  if (type != NULL && !g_variant_is_of_type (type, G_VARIANT_TYPE_STRING))
    return FALSE;
  *ret_offset = offset != NULL ? g_variant_get_uint16 (offset) : 0;
  *ret_type = NULL;
  if (type != NULL)
    g_variant_lookup (options, "type", "&s", ret_type);
  return TRUE;
}

void
fakes_characteristic_return (FakesCall *call, GBytes *value, guint16 offset)
{
  g_autoptr (GBytes) rest = NULL;

  if (offset > g_bytes_get_size (value))
    {
      fakes_call_fail (call, "InvalidArguments", "Invalid offset");
      return;
    }
  rest = g_bytes_new_from_bytes (value, offset, g_bytes_get_size (value) - offset);
  fakes_call_return (call, g_variant_new ("(@ay)", new_octets (rest)));
}

static void
free_operation (Operation *operation)
{
  g_clear_pointer (&operation->value, g_bytes_unref);
  g_free (operation);
}

/* Heart Rate Service 1.0, 3.3: 0x01, "reset energy expended", is the only one there is. */
static gboolean
is_accepted (const FakesCharacteristic *characteristic, GBytes *value)
{
  g_autoptr (GBytes) reset = g_bytes_new_static ("\x01", 1);

  return characteristic->row->uuid != 0x2a39 || g_bytes_equal (value, reset);
}

static void
finish_write (FakesCharacteristic *characteristic, FakesCall *call, GBytes *value)
{
  fakes_characteristic_event (characteristic, "wrote", value);
  if (is_accepted (characteristic, value))
    fakes_call_return (call, NULL);
  else /* "Control Point Not Supported": Heart Rate Service 1.0, 1.6 */
    fakes_call_fail (call, "Failed", "Operation failed with ATT error: 0x80");
}

static void
on_secure (gboolean secure, gpointer user_data)
{
  Operation *operation = user_data;
  FakesCharacteristic *characteristic = operation->characteristic;

  if (!secure)
    fakes_call_fail (operation->call, "Failed", FAKES_CHARACTERISTIC_LINK_LOST);
  else if (operation->value != NULL)
    finish_write (characteristic, operation->call, operation->value);
  else
    {
      g_autoptr (GBytes) value = get_current_value (characteristic);

      fakes_characteristic_event (characteristic, "read", NULL);
      fakes_characteristic_cache (characteristic, value);
      fakes_characteristic_return (operation->call, value, operation->offset);
    }
  free_operation (operation);
}

/* Takes @call and @value. */
static void
start_operation (FakesCharacteristic *characteristic,
                 FakesCall *call,
                 guint16 offset,
                 GBytes *value)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->characteristic = characteristic;
  operation->call = call;
  operation->offset = offset;
  operation->value = value;
  if (characteristic->row->flags & FAKES_GATT_SECURED)
    fakes_pairing_secure (characteristic->device, on_secure, operation);
  else
    on_secure (TRUE, operation);
}

static void
handle_read (FakesCall *call, gpointer data)
{
  FakesCharacteristic *characteristic = data;
  g_autoptr (GVariant) options = g_variant_get_child_value (call->args, 0);
  const char *type;
  guint16 offset;

  if (!characteristic->device->resolved)
    fakes_call_fail (call, "Failed", "Not connected");
  else if (characteristic->device->gatt_stale)
    fakes_call_fail (call, "Failed", FAKES_CHARACTERISTIC_INVALID);
  else if (!fakes_characteristic_parse_options (options, &offset, &type))
    fakes_call_fail (call, "InvalidArguments", "Invalid arguments in method call");
  else if (!(characteristic->row->flags & FAKES_GATT_READ))
    fakes_call_fail (call, "NotPermitted", "Read not permitted");
  else
    start_operation (characteristic, call, offset, NULL);
}

/* Which of the two kinds of write @type ("request", "command", "reliable", or NULL: what fits) means. */
static gboolean
write_is_supported (guint flags, const char *type)
{
  if (type == NULL)
    return (flags & (FAKES_GATT_WRITE | FAKES_GATT_WRITE_COMMAND)) != 0;
  return g_ascii_strcasecmp (type, "request") == 0 ||
         g_ascii_strcasecmp (type, "command") == 0 ||
         g_ascii_strcasecmp (type, "reliable") == 0;
}

static GBytes *
get_octets (GVariant *args)
{
  g_autoptr (GVariant) array = g_variant_get_child_value (args, 0);
  gsize size;
  const void *octets = g_variant_get_fixed_array (array, &size, 1);

  return g_bytes_new (octets, size);
}

static void
handle_write (FakesCall *call, gpointer data)
{
  FakesCharacteristic *characteristic = data;
  guint flags = characteristic->row->flags;
  g_autoptr (GVariant) options = g_variant_get_child_value (call->args, 1);
  g_autoptr (GBytes) value = get_octets (call->args);
  const char *type;
  guint16 offset;

  if (!characteristic->device->resolved)
    fakes_call_fail (call, "Failed", "Not connected");
  else if (characteristic->device->gatt_stale)
    fakes_call_fail (call, "Failed", FAKES_CHARACTERISTIC_INVALID);
  else if (characteristic->write_fd >= 0)
    fakes_call_fail (call, "NotPermitted", "Write acquired");
  else if (!fakes_characteristic_parse_options (options, &offset, &type))
    fakes_call_fail (call, "InvalidArguments", "Invalid arguments in method call");
  else if (!write_is_supported (flags, type))
    fakes_call_fail (call, "NotSupported", "Operation is not supported");
  else if (g_bytes_get_size (value) + offset >
           512) /* Core Specification 5.3, 3.F.3.2.9 */
    fakes_call_fail (call, "InvalidArguments", "Invalid Length");
  else if (!(flags & (FAKES_GATT_WRITE | FAKES_GATT_WRITE_COMMAND)))
    fakes_call_fail (call, "NotPermitted", "Write not permitted");
  else
    start_operation (characteristic, call, offset, g_steal_pointer (&value));
}

static GVariant *
get_uuid (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  return g_variant_new_take_string (fakes_profile_uuid_text (characteristic->row->uuid));
}

static GVariant *
get_service (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  return g_variant_new_object_path (characteristic->service_path);
}

static GVariant *
get_value (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  return new_octets (characteristic->cached != NULL ? characteristic->cached : nothing);
}

static gboolean
can_be_followed (const FakesCharacteristic *characteristic)
{
  return (characteristic->row->flags & (FAKES_GATT_NOTIFY | FAKES_GATT_INDICATE)) != 0;
}

static GVariant *
get_notifying (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  return can_be_followed (characteristic)
           ? g_variant_new_boolean (characteristic->followers->len > 0)
           : NULL;
}

static GVariant *
get_flags (gpointer data)
{
  static const struct
  {
    guint flag;
    const char *word;
  } rows[] = {
    { FAKES_GATT_READ, "read" },
    { FAKES_GATT_WRITE_COMMAND, "write-without-response" },
    { FAKES_GATT_WRITE, "write" },
    { FAKES_GATT_NOTIFY, "notify" },
    { FAKES_GATT_INDICATE, "indicate" },
  };
  const FakesCharacteristic *characteristic = data;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (characteristic->row->flags & rows[i].flag)
      g_variant_builder_add (&builder, "s", rows[i].word);
  return g_variant_builder_end (&builder);
}

static GVariant *
get_write_acquired (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  return characteristic->row->flags & FAKES_GATT_WRITE_COMMAND
           ? g_variant_new_boolean (characteristic->write_fd >= 0)
           : NULL;
}

static GVariant *
get_notify_acquired (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  return characteristic->row->flags & FAKES_GATT_NOTIFY
           ? g_variant_new_boolean (characteristic->notify_fd >= 0)
           : NULL;
}

static GVariant *
get_mtu (gpointer data)
{
  const FakesCharacteristic *characteristic = data;

  return characteristic->device->resolved ? g_variant_new_uint16 (FAKES_NOTIFY_MTU)
                                          : NULL;
}

static const FakesMethod methods[] = {
  { "ReadValue", "(a{sv})", handle_read },
  { "WriteValue", "(aya{sv})", handle_write },
  { "StartNotify", "()", fakes_notify_handle_start },
  { "StopNotify", "()", fakes_notify_handle_stop },
  { "AcquireNotify", "(a{sv})", fakes_notify_handle_acquire },
  { "AcquireWrite", "(a{sv})", fakes_notify_handle_acquire_write },
  { NULL, NULL, NULL },
};

static const FakesProperty properties[] = {
  { "UUID", "s", get_uuid, NULL },
  { "Service", "o", get_service, NULL },
  { "Value", "ay", get_value, NULL },
  { "Notifying", "b", get_notifying, NULL },
  { "Flags", "as", get_flags, NULL },
  { "WriteAcquired", "b", get_write_acquired, NULL },
  { "NotifyAcquired", "b", get_notify_acquired, NULL },
  { "MTU", "q", get_mtu, NULL },
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface interface = {
  "org.bluez.GattCharacteristic1",
  methods,
  properties,
};

gboolean
fakes_characteristic_has_clients (const FakesCharacteristic *characteristic)
{
  return characteristic->followers->len > 0 || characteristic->notify_fd >= 0;
}

void
fakes_characteristic_link_up (FakesCharacteristic *characteristic)
{
  /* The battery plugin's own interest: measured on every link. */
  characteristic->followed_by_bluetoothd = characteristic->row->uuid == BATTERY_LEVEL;
  if (characteristic->followed_by_bluetoothd)
    fakes_characteristic_event (characteristic, "read", NULL);
  fakes_objects_changed (characteristic->device->adapter->world->objects,
                         characteristic->path, (const char *const[]){ "MTU", NULL });
  fakes_notify_update (characteristic);
}

void
fakes_characteristic_reset (FakesCharacteristic *characteristic)
{
  g_ptr_array_set_size (characteristic->followers, 0);
  g_clear_pointer (&characteristic->acquire_call, fakes_call_free);
  fakes_notify_release (characteristic);
}

FakesCharacteristic *
fakes_characteristic_new (FakesDevice *device,
                          const FakesProfileCharacteristic *row,
                          const char *service_path,
                          guint16 handle)
{
  FakesCharacteristic *characteristic = g_new0 (FakesCharacteristic, 1);

  characteristic->device = device;
  characteristic->row = row;
  characteristic->service_path = g_strdup (service_path);
  characteristic->path = g_strdup_printf ("%s/char%04x", service_path, handle);
  characteristic->followers = g_ptr_array_new_with_free_func (g_free);
  characteristic->notify_fd = -1;
  characteristic->write_fd = -1;
  return characteristic;
}

void
fakes_characteristic_free (FakesCharacteristic *characteristic)
{
  fakes_notify_release (characteristic);
  fakes_call_free (characteristic->acquire_call);
  g_ptr_array_unref (characteristic->followers);
  g_clear_pointer (&characteristic->cached, g_bytes_unref);
  g_free (characteristic->path);
  g_free (characteristic->service_path);
  g_free (characteristic);
}

void
fakes_characteristic_export (FakesCharacteristic *characteristic)
{
  fakes_objects_add (characteristic->device->adapter->world->objects,
                     characteristic->path, &interface, characteristic);
}
