/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-advertisement.h"

#include <string.h>

#include "tests/lab/virtual-accessory-management.h"
#include "tests/lab/virtual-accessory-report.h"

/* Real straps take 100 ms to a second; each time costs emulated CPU. And btvirt makes no link with who does not
 * advertise at that very moment: on a busy machine half a second after the scanner heard of it. */
#define REPEAT_MS 1500

#define DATA_MAX 31 /* octets: Core Specification 5.3, Vol 6, Part B, 2.3.1.1 */

/* Assigned Numbers, 2.3 */
typedef enum
{
  FIELD_FLAGS = 0x01,
  FIELD_UUIDS16 = 0x03,
  FIELD_SHORTENED_NAME = 0x08,
  FIELD_NAME = 0x09,
  FIELD_SERVICE_DATA16 = 0x16,
  FIELD_APPEARANCE = 0x19,
  FIELD_MANUFACTURER = 0xff,
} FieldType;

/* General discoverable, no BR/EDR: Core Specification Supplement 10, Part A, 1.3. */
#define FLAGS 0x06

struct _AccessoryAdvertisement
{
  guint index;
  GByteArray *data;     /* of the advertisement */
  GByteArray *response; /* to a scan */
  gboolean wanted;
  gboolean linked;
  guint repeat;
};

static void
add_field (GByteArray *data, FieldType type, const void *octets, gsize length)
{
  const guint8 head[] = { (guint8) (length + 1), type };

  g_byte_array_append (data, head, sizeof head);
  g_byte_array_append (data, octets, (guint) length);
}

static void
add_number (GByteArray *data, FieldType type, guint16 number)
{
  const guint16 little = GUINT16_TO_LE (number);

  add_field (data, type, &little, sizeof little);
}

/* A payload that a number precedes: company or service. */
static void
add_keyed (GByteArray *data, FieldType type, guint16 key, GBytes *payload)
{
  g_autoptr (GByteArray) octets = g_byte_array_new ();
  const guint16 little = GUINT16_TO_LE (key);
  gsize length;
  const guint8 *start = g_bytes_get_data (payload, &length);

  g_byte_array_append (octets, (const guint8 *) &little, sizeof little);
  g_byte_array_append (octets, start, (guint) length);
  add_field (data, type, octets->data, octets->len);
}

static void
add_name (GByteArray *data, const char *name)
{
  const gsize room = DATA_MAX - 2;
  gsize length = strlen (name);

  if (length > room)
    add_field (data, FIELD_SHORTENED_NAME, name, room);
  else if (length > 0)
    add_field (data, FIELD_NAME, name, length);
}

static void
fill_data (GByteArray *data, const AccessoryWords *words)
{
  const guint8 flags = FLAGS;

  add_field (data, FIELD_FLAGS, &flags, sizeof flags);
  add_number (data, FIELD_UUIDS16, words->services[0]);
  if (words->appearance != 0)
    add_number (data, FIELD_APPEARANCE, words->appearance);
  if (words->manufacturer != NULL)
    add_keyed (data, FIELD_MANUFACTURER, words->company, words->manufacturer);
  if (words->service_data != NULL)
    add_keyed (data, FIELD_SERVICE_DATA16, words->service_data_uuid, words->service_data);
}

AccessoryAdvertisement *
accessory_advertisement_new (const AccessoryWords *words, GError **error)
{
  AccessoryAdvertisement *advertisement = g_new0 (AccessoryAdvertisement, 1);

  advertisement->index = words->adapters[0];
  advertisement->data = g_byte_array_new ();
  advertisement->response = g_byte_array_new ();
  fill_data (advertisement->data, words);
  add_name (advertisement->response, words->name);
  if (advertisement->data->len > DATA_MAX)
    {
      g_set_error (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD,
                   "%u octets to advertise, only %d fit: less manufacturer= or "
                   "service-data=",
                   advertisement->data->len, DATA_MAX);
      g_clear_pointer (&advertisement, accessory_advertisement_free);
    }
  return advertisement;
}

void
accessory_advertisement_free (AccessoryAdvertisement *advertisement)
{
  if (advertisement == NULL)
    return;
  g_clear_handle_id (&advertisement->repeat, g_source_remove);
  g_byte_array_unref (advertisement->data);
  g_byte_array_unref (advertisement->response);
  g_free (advertisement);
}

/* To add it again is to begin again. */
static gboolean
on_repeat (gpointer user_data)
{
  AccessoryAdvertisement *advertisement = user_data;
  g_autoptr (GError) error = NULL;

  if (!accessory_management_advertise (advertisement->index, advertisement->data,
                                       advertisement->response, &error))
    accessory_report_error ("advertise", error->message);
  return G_SOURCE_CONTINUE;
}

static void
start_or_stop (AccessoryAdvertisement *advertisement)
{
  gboolean active = advertisement->wanted && !advertisement->linked;

  if (active == (advertisement->repeat != 0))
    return;
  g_clear_handle_id (&advertisement->repeat, g_source_remove);
  if (!active)
    return;
  on_repeat (advertisement);
  advertisement->repeat = g_timeout_add (REPEAT_MS, on_repeat, advertisement);
}

void
accessory_advertisement_set_wanted (AccessoryAdvertisement *advertisement,
                                    gboolean wanted)
{
  g_autoptr (GError) error = NULL;

  if (advertisement->wanted && !wanted &&
      !accessory_management_hide (advertisement->index, &error))
    accessory_report_error ("hide", error->message);
  advertisement->wanted = wanted;
  start_or_stop (advertisement);
}

void
accessory_advertisement_set_linked (AccessoryAdvertisement *advertisement,
                                    gboolean linked)
{
  advertisement->linked = linked;
  start_or_stop (advertisement);
}
