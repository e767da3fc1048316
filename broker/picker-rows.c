/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/picker-rows.h"

#include <string.h>

#include "broker/random.h"

/* Digits of a tail: enough to tell a handful of equal names apart. */
#define TAIL_LENGTH 4

struct BrokerPickerRows
{
  GPtrArray *rows; /* of BrokerPickerRow, in the order in which they came */
  GPtrArray *gone; /* ids of rows that were sent and are no more */
  guint n_changed;
  guint64 n_departures;
  gboolean refused; /* something found no room */
  gboolean filtered;
};

static void
free_row (gpointer data)
{
  BrokerPickerRow *row = data;

  g_free (row->id);
  g_free (row->name);
  g_free (row->tail);
  g_free (row->app_name);
  g_clear_pointer (&row->image, g_variant_unref);
  g_free (row);
}

BrokerPickerRows *
broker_picker_rows_new (gboolean filtered)
{
  BrokerPickerRows *rows = g_new0 (BrokerPickerRows, 1);

  rows->rows = g_ptr_array_new_with_free_func (free_row);
  rows->gone = g_ptr_array_new_with_free_func (g_free);
  rows->filtered = filtered;
  return rows;
}

void
broker_picker_rows_free (BrokerPickerRows *rows)
{
  if (rows == NULL)
    return;
  g_ptr_array_unref (rows->rows);
  g_ptr_array_unref (rows->gone);
  g_free (rows);
}

static BrokerPickerRow *
find_device (const BrokerPickerRows *rows, BleDeviceId device)
{
  for (guint i = 0; i < rows->rows->len; i++)
    {
      BrokerPickerRow *row = g_ptr_array_index (rows->rows, i);

      if (row->device == device)
        return row;
    }
  return NULL;
}

static void
mark_changed (BrokerPickerRows *rows, BrokerPickerRow *row)
{
  if (!row->changed)
    rows->n_changed++;
  row->changed = TRUE;
}

static void
set_tail (BrokerPickerRows *rows, BrokerPickerRow *row)
{
  if (row->tail[0] != '\0')
    return;
  g_free (row->tail);
  row->tail = g_strndup (row->id, TAIL_LENGTH);
  mark_changed (rows, row);
}

/* Equal names get tails, both of them; a tail once given stays. */
static void
tell_apart (BrokerPickerRows *rows, BrokerPickerRow *row)
{
  for (guint i = 0; i < rows->rows->len; i++)
    {
      BrokerPickerRow *other = g_ptr_array_index (rows->rows, i);

      if (other == row || strcmp (other->name, row->name) != 0)
        continue;
      set_tail (rows, other);
      set_tail (rows, row);
    }
}

static void
take_name (BrokerPickerRows *rows, BrokerPickerRow *row, const BleAdvert *advert)
{
  g_autofree char *name = NULL;

  if ((advert->fields & BLE_ADVERT_HAS_NAME) != 0 && advert->name != NULL)
    name = ble_name_sanitise (advert->name, strlen (advert->name));
  else
    name = g_strdup (BLE_NAME_UNNAMED);

  if (g_strcmp0 (name, row->name) == 0)
    return;
  g_free (row->name);
  row->name = g_steal_pointer (&name);
  row->unnamed = strcmp (row->name, BLE_NAME_UNNAMED) == 0;
  mark_changed (rows, row);
  if (!row->unnamed)
    tell_apart (rows, row);
}

static void
take_flag (BrokerPickerRows *rows, BrokerPickerRow *row, gboolean *flag, gboolean value)
{
  if (*flag == value)
    return;
  *flag = value;
  mark_changed (rows, row);
}

/* The row of what has been away longest, or NULL. */
static BrokerPickerRow *
find_away (const BrokerPickerRows *rows)
{
  BrokerPickerRow *longest = NULL;

  for (guint i = 0; i < rows->rows->len; i++)
    {
      BrokerPickerRow *row = g_ptr_array_index (rows->rows, i);

      if (row->away != 0 && !row->kept && (longest == NULL || row->away < longest->away))
        longest = row;
    }
  return longest;
}

static gboolean
make_room (BrokerPickerRows *rows)
{
  BrokerPickerRow *away;

  if (rows->rows->len < BROKER_PICKER_ROWS_MAX)
    return TRUE;
  away = find_away (rows);
  if (away == NULL)
    return FALSE;
  if (away->changed)
    rows->n_changed--;
  if (away->sent)
    g_ptr_array_add (rows->gone, g_strdup (away->id));
  g_ptr_array_remove (rows->rows, away);
  return TRUE;
}

static BrokerPickerRow *
add_row (BrokerPickerRows *rows,
         BleDeviceId device,
         guint item,
         const BleDescriptor *descriptor)
{
  BrokerPickerRow *row;

  if (!make_room (rows))
    {
      rows->refused = TRUE;
      return NULL;
    }
  row = g_new0 (BrokerPickerRow, 1);
  row->id = broker_random_word ();
  row->device = device;
  row->item = item;
  row->descriptor = descriptor;
  row->tail = g_strdup ("");
  row->shown = !rows->filtered;
  g_ptr_array_add (rows->rows, row);
  mark_changed (rows, row);
  return row;
}

BrokerPickerRow *
broker_picker_rows_take (BrokerPickerRows *rows,
                         guint item,
                         const BleDescriptor *descriptor,
                         const BleSighting *sighting,
                         gboolean yours)
{
  const BleAdvert *advert = sighting->advert;
  BrokerPickerRow *row = find_device (rows, advert->device);
  BleKind kind =
    ble_kind_guess (advert->appearance, advert->services, advert->n_services);

  if (row == NULL)
    row = add_row (rows, advert->device, item, descriptor);
  if (row == NULL || row->item < item)
    return row;
  row->item = item;
  row->descriptor = descriptor;
  row->away = 0;

  take_name (rows, row, advert);
  if (row->kind != kind || row->signal != sighting->signal)
    {
      row->kind = kind;
      row->signal = sighting->signal;
      mark_changed (rows, row);
    }
  take_flag (rows, row, &row->heard, sighting->last_seen_us != 0);
  take_flag (rows, row, &row->connected, advert->connected);
  take_flag (rows, row, &row->bonded, advert->bonded);
  take_flag (rows, row, &row->yours, yours);
  return row;
}

void
broker_picker_rows_show (BrokerPickerRows *rows,
                         BrokerPickerRow *row,
                         const char *app_name,
                         GVariant *image)
{
  row->shown = TRUE;
  g_free (row->app_name);
  row->app_name = g_strdup (app_name);
  g_clear_pointer (&row->image, g_variant_unref);
  row->image = image != NULL ? g_variant_ref (image) : NULL;
  mark_changed (rows, row);
}

gboolean
broker_picker_rows_take_gone (BrokerPickerRows *rows, BleDeviceId device)
{
  BrokerPickerRow *row = find_device (rows, device);
  gboolean refused = rows->refused;

  if (row == NULL)
    return FALSE;
  if (row->away == 0)
    row->away = ++rows->n_departures;
  take_flag (rows, row, &row->heard, FALSE);
  take_flag (rows, row, &row->connected, FALSE);
  rows->refused = FALSE;
  return refused;
}

void
broker_picker_rows_keep (BrokerPickerRows *rows, const char *id)
{
  BrokerPickerRow *row = broker_picker_rows_find (rows, id);

  g_return_if_fail (row != NULL);

  row->kept = TRUE;
}

BrokerPickerRow *
broker_picker_rows_find (const BrokerPickerRows *rows, const char *id)
{
  for (guint i = 0; i < rows->rows->len; i++)
    {
      BrokerPickerRow *row = g_ptr_array_index (rows->rows, i);

      if (strcmp (row->id, id) == 0)
        return row;
    }
  return NULL;
}

guint
broker_picker_rows_count (const BrokerPickerRows *rows)
{
  guint n_shown = 0;

  for (guint i = 0; i < rows->rows->len; i++)
    n_shown +=
      ((const BrokerPickerRow *) g_ptr_array_index (rows->rows, i))->shown ? 1 : 0;
  return n_shown;
}

static GVariant *
describe_row (const BrokerPickerRow *row)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", row->id);
  g_variant_dict_insert (&dict, "item", "u", row->item);
  g_variant_dict_insert (&dict, "name", "s", row->name);
  g_variant_dict_insert (&dict, "unnamed", "b", row->unnamed);
  g_variant_dict_insert (&dict, "kind", "s", ble_kind_to_word (row->kind));
  g_variant_dict_insert (&dict, "signal", "s", ble_signal_to_word (row->signal));
  g_variant_dict_insert (&dict, "heard", "b", row->heard);
  g_variant_dict_insert (&dict, "connected", "b", row->connected);
  g_variant_dict_insert (&dict, "set-up", "b", row->bonded);
  g_variant_dict_insert (&dict, "yours", "b", row->yours);
  g_variant_dict_insert (&dict, "tail", "s", row->tail);
  if (row->app_name != NULL)
    g_variant_dict_insert (&dict, "app-name", "s", row->app_name);
  if (row->image != NULL)
    g_variant_dict_insert_value (&dict, "image", row->image);
  return g_variant_dict_end (&dict);
}

static void
describe_gone (GVariantBuilder *builder, const char *id)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", id);
  g_variant_dict_insert (&dict, "gone", "b", TRUE);
  g_variant_builder_add_value (builder, g_variant_dict_end (&dict));
}

GVariant *
broker_picker_rows_drain (BrokerPickerRows *rows)
{
  GVariantBuilder builder;
  guint n_gone = rows->gone->len, n_sent = 0;

  if (rows->n_changed == 0 && n_gone == 0)
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n_gone; i++)
    describe_gone (&builder, g_ptr_array_index (rows->gone, i));
  g_ptr_array_set_size (rows->gone, 0);
  for (guint i = 0; i < rows->rows->len; i++)
    {
      BrokerPickerRow *row = g_ptr_array_index (rows->rows, i);

      if (!row->changed || !row->shown)
        continue;
      g_variant_builder_add_value (&builder, describe_row (row));
      row->changed = FALSE;
      row->sent = TRUE;
      n_sent++;
    }
  rows->n_changed -= n_sent;
  if (n_sent == 0 && n_gone == 0)
    {
      g_variant_builder_clear (&builder);
      return NULL;
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
