/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A picker whose app says what is shown: the app hears of candidates, by the fields that its descriptor
 * declared and no others, and names those that the person is to see. */

#include "broker/picker.h"

#include <string.h>

#include "dbus/errors.h"

#define CANDIDATES_MAX 16
#define NAME_MAX_BYTES \
  248 /* as of a device: GAP, Core Specification 5.3, Vol 3, Part C, 12.1 */

/* ---- to the app ---- */

static GVariant *
make_octets (const BleAdvertData *data)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data->octets, data->length,
                                    sizeof (guint8));
}

static void
add_service (GVariantDict *dict, const BleDescriptor *descriptor, const BleAdvert *advert)
{
  char uuid[BLE_UUID_TEXT_SIZE];

  ble_uuid_format (&descriptor->service, uuid);
  g_variant_dict_insert (dict, "service-uuid", "s", uuid);
  for (guint i = 0; descriptor->service_data != NULL && i < advert->n_service_data; i++)
    if (ble_uuid_equal (&advert->service_data[i].service, &descriptor->service))
      g_variant_dict_insert_value (dict, "service-data",
                                   make_octets (&advert->service_data[i]));
}

static void
add_company (GVariantDict *dict, const BleDescriptor *descriptor, const BleAdvert *advert)
{
  g_variant_dict_insert (dict, "company-id", "q", descriptor->company);
  for (guint i = 0; i < advert->n_manufacturer; i++)
    if (advert->manufacturer[i].company == descriptor->company)
      g_variant_dict_insert_value (dict, "manufacturer-data",
                                   make_octets (&advert->manufacturer[i]));
}

void
broker_picker_tell_candidate (BrokerPicker *picker,
                              BrokerPickerRow *row,
                              const BleDescriptor *descriptor,
                              const BleAdvert *advert)
{
  GVariantDict dict;

  if (picker->discovery_finished || !picker->said_presented ||
      (row->is_told && row->told == row->signal))
    return;
  row->is_told = TRUE;
  row->told = row->signal;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "candidate", "s", row->id);
  g_variant_dict_insert (&dict, "item", "u", row->item);
  g_variant_dict_insert (&dict, "signal", "s", ble_signal_to_word (row->signal));
  if (descriptor->has_service)
    add_service (&dict, descriptor, advert);
  if (descriptor->has_company)
    add_company (&dict, descriptor, advert);
  if (descriptor->name_substring != NULL && !row->unnamed)
    g_variant_dict_insert (&dict, "name", "s", row->name);
  broker_picker_say_event (picker, BLEPICK_EVENT_ACCESSORY_DISCOVERED,
                           g_variant_dict_end (&dict));
}

/* ---- from the app ---- */

gboolean
broker_picker_filters (const BrokerPicker *picker)
{
  return picker->request->filters && picker->fsm.state != BROKER_PICKER_ENDED;
}

static gboolean
refuse (GError **error, const char *cause, const char *text)
{
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, cause, "%s", text);
  return FALSE;
}

typedef struct
{
  BrokerPickerRow *row;
  char *name;
  GVariant *image;
} Shown;

static void
clear_shown (gpointer data)
{
  Shown *shown = data;

  g_free (shown->name);
  g_clear_pointer (&shown->image, g_variant_unref);
}

static gboolean
take_field (BrokerPicker *picker,
            Shown *shown,
            const char *key,
            GVariant *value,
            GError **error)
{
  gboolean is_string = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
  const char *text = is_string ? g_variant_get_string (value, NULL) : "";
  gsize length = strlen (text);

  if (strcmp (key, "candidate") == 0)
    {
      shown->row = broker_picker_rows_find (picker->rows, text);
      if (shown->row == NULL || !shown->row->is_told)
        return refuse (error, "no-candidate", "There is no such candidate.");
    }
  else if (strcmp (key, "name") == 0)
    {
      if (length == 0 || length > NAME_MAX_BYTES)
        return refuse (error, "bad-descriptor", "name: has to have 1 to 248 bytes");
      g_free (shown->name);
      shown->name = ble_name_sanitise (text, length);
    }
  else if (strcmp (key, "image") == 0)
    {
      if (!broker_picker_image_is_good (value))
        return refuse (
          error, "bad-descriptor",
          "image: has to be an icon's name, or PNG or SVG of at most 64 KiB");
      g_clear_pointer (&shown->image, g_variant_unref);
      shown->image = g_variant_ref (value);
    }
  else
    return refuse (error, "unknown-option", "Nobody knows one of the keys.");
  return TRUE;
}

static gboolean
parse_candidate (BrokerPicker *picker, Shown *shown, GVariant *dict, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!take_field (picker, shown, key, owned, error))
        return FALSE;
    }
  if (shown->row == NULL)
    return refuse (error, "no-candidate", "A candidate is missing.");
  if (shown->name == NULL)
    return refuse (error, "bad-descriptor", "name: is missing");
  return TRUE;
}

/* All of them, or none. */
gboolean
broker_picker_update (BrokerPicker *picker, GVariant *candidates, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (Shown));
  gsize n_candidates = g_variant_n_children (candidates);

  g_array_set_clear_func (all, clear_shown);
  if (picker->discovery_finished)
    return refuse (error, "no-picker", "The discovery of this picker is finished.");
  if (n_candidates > CANDIDATES_MAX)
    return refuse (error, "bad-descriptor", "At most 16 candidates at once.");
  for (gsize i = 0; i < n_candidates; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (candidates, i);

      g_array_set_size (all, (guint) i + 1);
      if (!parse_candidate (picker, &g_array_index (all, Shown, i), dict, error))
        return FALSE;
    }
  for (guint i = 0; i < all->len; i++)
    {
      const Shown *shown = &g_array_index (all, Shown, i);

      broker_picker_rows_show (picker->rows, shown->row, shown->name, shown->image);
    }
  broker_picker_flush_rows_soon (picker);
  return TRUE;
}

gboolean
broker_picker_finish_discovery (BrokerPicker *picker, GError **error)
{
  if (picker->discovery_finished)
    return refuse (error, "no-picker", "The discovery of this picker is finished.");
  picker->discovery_finished = TRUE;
  if (broker_picker_rows_count (picker->rows) == 0)
    broker_picker_take (picker, BROKER_PICKER_TIMED_OUT_EMPTY);
  return TRUE;
}
