/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/picker-request.h"

#include <string.h>

#include "ble/names.h"
#include "dbus/errors.h"

#define ITEM_NAME_MAX     248
#define ICON_NAME_MAX     128
#define TITLE_COLUMNS_MAX 60
#define ADAPTER_NAME_MAX  17 /* "hci0", or an address */

static const struct
{
  const char *word;
  guint seconds;
} timeouts[] = {
  { "default", 30 }, { "short", 60 },    { "medium", 120 },
  { "long", 300 },   { "unbounded", 0 },
};

static void
free_item (gpointer data)
{
  BrokerPickerItem *item = data;

  g_free (item->name);
  g_clear_pointer (&item->image, g_variant_unref);
  ble_descriptor_free (item->descriptor);
  g_free (item);
}

void
broker_picker_request_free (BrokerPickerRequest *request)
{
  if (request == NULL)
    return;
  g_ptr_array_unref (request->items);
  g_ptr_array_unref (request->migrations);
  g_free (request->adapter);
  g_free (request->title);
  g_free (request);
}

static gboolean
refuse_item (GError **error, guint index, const char *text)
{
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor",
                     "item %u: %s", index + 1, text);
  return FALSE;
}

static gboolean
is_png_or_svg (const char *bytes, gsize length)
{
  static const char png[] = "\x89PNG\r\n\x1a\n";

  return (length > sizeof png - 1 && memcmp (bytes, png, sizeof png - 1) == 0) ||
         (length > 5 &&
          (memcmp (bytes, "<?xml", 5) == 0 || memcmp (bytes, "<svg ", 5) == 0));
}

/* An icon of the presenter's own theme; never a path. */
static gboolean
is_icon_name (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= ICON_NAME_MAX && name[0] != '.' &&
         strspn (name, "abcdefghijklmnopqrstuvwxyz"
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == length;
}

gboolean
broker_picker_image_is_good (GVariant *image)
{
  if (g_variant_is_of_type (image, G_VARIANT_TYPE_STRING))
    return is_icon_name (g_variant_get_string (image, NULL));
  if (g_variant_is_of_type (image, G_VARIANT_TYPE_BYTESTRING))
    {
      gsize length;
      const char *bytes = g_variant_get_fixed_array (image, &length, sizeof (char));

      return length <= BROKER_PICKER_IMAGE_MAX && is_png_or_svg (bytes, length);
    }
  return FALSE;
}

static gboolean
parse_item_descriptor (BrokerPickerItem *item,
                       GVariant *value,
                       guint index,
                       GError **error)
{
  g_autoptr (GError) fault = NULL;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return refuse_item (error, index, "descriptor: has to be a{sv}");
  ble_descriptor_free (g_steal_pointer (&item->descriptor));
  item->descriptor = ble_descriptor_parse (value, &fault);
  if (item->descriptor != NULL)
    return TRUE;
  if (g_error_matches (fault, BLE_DESCRIPTOR_ERROR, BLE_DESCRIPTOR_ERROR_UNKNOWN_OPTION))
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "unknown-option",
                         "item %u: %s", index + 1, fault->message);
      return FALSE;
    }
  return refuse_item (error, index, fault->message);
}

static gboolean
parse_item_name (BrokerPickerItem *item, GVariant *value, guint index, GError **error)
{
  gsize length;
  const char *name;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return refuse_item (error, index, "name: has to be a string");
  name = g_variant_get_string (value, &length);
  if (length == 0 || length > ITEM_NAME_MAX)
    return refuse_item (error, index, "name: has to have 1 to 248 bytes");
  g_free (item->name);
  item->name = ble_name_sanitise (name, length);
  return TRUE;
}

static const struct
{
  const char *word;
  BrokerSetup bit;
} setups[] = {
  { "rename", BROKER_SETUP_RENAME },
  { "confirm-authorization", BROKER_SETUP_CONFIRM_AUTHORIZATION },
  { "finish-in-app", BROKER_SETUP_FINISH_IN_APP },
};

static guint
find_setup (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (setups); i++)
    if (strcmp (setups[i].word, word) == 0)
      return setups[i].bit;
  return 0;
}

static gboolean
parse_item_setup (BrokerPickerItem *item, GVariant *value, guint index, GError **error)
{
  g_autofree const char **words = NULL;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    return refuse_item (error, index, "setup-options: has to be a list of words");
  words = g_variant_get_strv (value, NULL);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint bit = find_setup (words[i]);

      if (bit == 0)
        return refuse_item (error, index, "setup-options: nobody knows one of the words");
      item->setup |= bit;
    }
  return TRUE;
}

static gboolean
parse_item_peripheral (BrokerPickerItem *item,
                       GVariant *value,
                       guint index,
                       GError **error)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
      !ble_address_parse (g_variant_get_string (value, NULL), BLE_ADDRESS_PUBLIC,
                          &item->peripheral))
    return refuse_item (error, index,
                        "peripheral: has to be an address, AA:BB:CC:DD:EE:FF");
  item->migrates = TRUE;
  return TRUE;
}

static gboolean
parse_item_field (BrokerPickerItem *item,
                  const char *key,
                  GVariant *value,
                  guint index,
                  GError **error)
{
  if (strcmp (key, "name") == 0)
    return parse_item_name (item, value, index, error);
  if (strcmp (key, "descriptor") == 0)
    return parse_item_descriptor (item, value, index, error);
  if (strcmp (key, "setup-options") == 0)
    return parse_item_setup (item, value, index, error);
  if (strcmp (key, "peripheral") == 0)
    return parse_item_peripheral (item, value, index, error);
  if (strcmp (key, "image") == 0)
    {
      if (!broker_picker_image_is_good (value))
        return refuse_item (
          error, index,
          "image: has to be an icon's name, or PNG or SVG of at most 64 KiB");
      g_clear_pointer (&item->image, g_variant_unref);
      item->image = g_variant_ref (value);
      return TRUE;
    }
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "unknown-option",
                     "item %u: nobody knows this key", index + 1);
  return FALSE;
}

static gboolean
parse_item (BrokerPickerItem *item, GVariant *dict, guint index, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!parse_item_field (item, key, owned, index, error))
        return FALSE;
    }
  if (item->name == NULL)
    return refuse_item (error, index, "name: is missing");
  if (item->descriptor == NULL)
    return refuse_item (error, index, "descriptor: is missing");
  return TRUE;
}

static gboolean
parse_items (BrokerPickerRequest *request, GVariant *items, GError **error)
{
  gsize n_items = g_variant_n_children (items);

  if (n_items == 0)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "empty-list",
                         "A picker needs at least one item.");
      return FALSE;
    }
  if (n_items > BROKER_PICKER_ITEMS_MAX)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor",
                         "A picker takes at most %d items.", BROKER_PICKER_ITEMS_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < n_items; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (items, i);

      BrokerPickerItem *item = g_new0 (BrokerPickerItem, 1);
      gboolean good = parse_item (item, dict, (guint) i, error);

      g_ptr_array_add (item->migrates ? request->migrations : request->items, item);
      if (!good)
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_timeout (BrokerPickerRequest *request, const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      if (strcmp (timeouts[i].word, word) != 0)
        continue;
      request->timeout_s = timeouts[i].seconds;
      return TRUE;
    }
  return FALSE;
}

static gboolean
parse_adapter (BrokerPickerRequest *request, const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > ADAPTER_NAME_MAX || !g_str_is_ascii (name))
    return FALSE;
  g_free (request->adapter);
  request->adapter = g_strdup (name);
  return TRUE;
}

static gboolean
parse_flag (gboolean *flag, GVariant *value)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return FALSE;
  *flag = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
parse_option (BrokerPickerRequest *request,
              const char *key,
              GVariant *value,
              GError **error)
{
  gboolean is_string = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
  gboolean good;

  if (strcmp (key, "timeout") == 0)
    {
      good = is_string && parse_timeout (request, g_variant_get_string (value, NULL));
    }
  else if (strcmp (key, "adapter") == 0)
    {
      good = is_string && parse_adapter (request, g_variant_get_string (value, NULL));
    }
  else if (strcmp (key, "title") == 0)
    {
      good = is_string;
      if (good)
        {
          gsize length;
          const char *title = g_variant_get_string (value, &length);

          g_free (request->title);
          request->title = ble_text_sanitise (title, length, TITLE_COLUMNS_MAX);
        }
    }
  else if (strcmp (key, "accept-unverified") == 0)
    {
      good = parse_flag (&request->accept_unverified, value);
    }
  else if (strcmp (key, "filter-discovery-results") == 0)
    {
      good = parse_flag (&request->filters, value);
    }
  else
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "unknown-option",
                         "Nobody knows one of the options.");
      return FALSE;
    }

  if (!good)
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-option",
                       "The option %s has a value that is not allowed.", key);
  return good;
}

static gboolean
parse_options (BrokerPickerRequest *request, GVariant *options, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!parse_option (request, key, owned, error))
        return FALSE;
    }
  return TRUE;
}

BrokerPickerRequest *
broker_picker_request_parse (GVariant *items, GVariant *options, GError **error)
{
  g_autoptr (BrokerPickerRequest) request = g_new0 (BrokerPickerRequest, 1);

  request->items = g_ptr_array_new_with_free_func (free_item);
  request->migrations = g_ptr_array_new_with_free_func (free_item);
  request->timeout_s = timeouts[0].seconds;
  request->title = g_strdup ("");
  request->accept_unverified = TRUE;
  if (!parse_items (request, items, error) || !parse_options (request, options, error))
    return NULL;
  return g_steal_pointer (&request);
}
