/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/names.h"

#include <stdlib.h>

/* Kinds */

typedef struct
{
  guint16 number;
  BleKind kind;
} KindRow;

/* Appearance categories: Assigned Numbers 2.6.2, the upper ten bits of an appearance. */
static const KindRow kinds_by_category[] = {
  { 0x001, BLE_KIND_PHONE },
  { 0x002, BLE_KIND_COMPUTER },
  { 0x003, BLE_KIND_WATCH },
  { 0x008, BLE_KIND_TAG },
  { 0x009, BLE_KIND_TAG }, /* keyring */
  { 0x00c, BLE_KIND_THERMOMETER },
  { 0x00d, BLE_KIND_HEART_RATE },
  { 0x00e, BLE_KIND_BLOOD_PRESSURE },
  { 0x00f, BLE_KIND_OTHER_INPUT }, /* human interface device */
  { 0x010, BLE_KIND_GLUCOSE },
  { 0x011, BLE_KIND_RUNNING },
  { 0x012, BLE_KIND_CYCLING },
  { 0x015, BLE_KIND_SENSOR },
  { 0x016, BLE_KIND_LIGHT }, /* light fixtures */
  { 0x01f, BLE_KIND_LIGHT }, /* light source */
  { 0x029, BLE_KIND_HEARING_AID },
  { 0x031, BLE_KIND_PULSE_OXIMETER },
  { 0x032, BLE_KIND_WEIGHT_SCALE },
  { 0x034, BLE_KIND_GLUCOSE }, /* continuous glucose monitor */
};

/* Whole appearances that say more than their category: Assigned Numbers 2.6.3. */
static const KindRow kinds_by_appearance[] = {
  { 0x03c1, BLE_KIND_KEYBOARD },
  { 0x03c2, BLE_KIND_MOUSE },
};

/* Services: Assigned Numbers 3.4.2. The first one that the accessory has decides;
 * input comes first, because a thing that can type is to be seen as one that can type. */
static const KindRow kinds_by_service[] = {
  { 0x1812, BLE_KIND_OTHER_INPUT },
  { 0x1816, BLE_KIND_CYCLING },
  { 0x1818, BLE_KIND_CYCLING },
  { 0x1814, BLE_KIND_RUNNING },
  { 0x1826, BLE_KIND_FITNESS_MACHINE },
  { 0x1822, BLE_KIND_PULSE_OXIMETER },
  { 0x1810, BLE_KIND_BLOOD_PRESSURE },
  { 0x1808, BLE_KIND_GLUCOSE },
  { 0x181f, BLE_KIND_GLUCOSE },
  { 0x181d, BLE_KIND_WEIGHT_SCALE },
  { 0x181b, BLE_KIND_WEIGHT_SCALE }, /* body composition */
  { 0x1809, BLE_KIND_THERMOMETER },
  { 0x180d, BLE_KIND_HEART_RATE },
  { 0x1854, BLE_KIND_HEARING_AID },
  { 0x181a, BLE_KIND_SENSOR }, /* environmental sensing */
};

static BleKind
find_kind (const KindRow *rows, gsize n_rows, guint16 number)
{
  for (gsize i = 0; i < n_rows; i++)
    if (rows[i].number == number)
      return rows[i].kind;
  return BLE_KIND_UNKNOWN;
}

static gboolean
contains_service (const BleUuid *services, guint n_services, guint16 number)
{
  BleUuid wanted = ble_uuid_from_u16 (number);

  for (guint i = 0; i < n_services; i++)
    if (ble_uuid_equal (&services[i], &wanted))
      return TRUE;
  return FALSE;
}

BleKind
ble_kind_guess (guint16 appearance, const BleUuid *services, guint n_services)
{
  BleKind kind;

  kind = find_kind (kinds_by_appearance, G_N_ELEMENTS (kinds_by_appearance), appearance);
  if (kind != BLE_KIND_UNKNOWN)
    return kind;
  kind = find_kind (kinds_by_category, G_N_ELEMENTS (kinds_by_category), appearance >> 6);
  if (kind != BLE_KIND_UNKNOWN)
    return kind;
  for (guint i = 0; i < G_N_ELEMENTS (kinds_by_service); i++)
    if (contains_service (services, n_services, kinds_by_service[i].number))
      return kinds_by_service[i].kind;
  return BLE_KIND_UNKNOWN;
}

typedef struct
{
  const char *word;
  const char *label;
} KindName;

static const KindName kind_names[] = {
  [BLE_KIND_UNKNOWN] = { "unknown", "Accessory" },
  [BLE_KIND_HEART_RATE] = { "heart-rate", "Heart-rate monitor" },
  [BLE_KIND_CYCLING] = { "cycling", "Cycling sensor" },
  [BLE_KIND_RUNNING] = { "running", "Running sensor" },
  [BLE_KIND_THERMOMETER] = { "thermometer", "Thermometer" },
  [BLE_KIND_WEIGHT_SCALE] = { "weight-scale", "Weight scale" },
  [BLE_KIND_BLOOD_PRESSURE] = { "blood-pressure", "Blood-pressure monitor" },
  [BLE_KIND_GLUCOSE] = { "glucose", "Glucose meter" },
  [BLE_KIND_PULSE_OXIMETER] = { "pulse-oximeter", "Pulse oximeter" },
  [BLE_KIND_FITNESS_MACHINE] = { "fitness-machine", "Fitness machine" },
  [BLE_KIND_KEYBOARD] = { "keyboard", "Keyboard" },
  [BLE_KIND_MOUSE] = { "mouse", "Mouse" },
  [BLE_KIND_OTHER_INPUT] = { "other-input", "Input device" },
  [BLE_KIND_WATCH] = { "watch", "Watch" },
  [BLE_KIND_PHONE] = { "phone", "Phone" },
  [BLE_KIND_COMPUTER] = { "computer", "Computer" },
  [BLE_KIND_TAG] = { "tag", "Tag" },
  [BLE_KIND_SENSOR] = { "sensor", "Sensor" },
  [BLE_KIND_HEARING_AID] = { "hearing-aid", "Hearing aid" },
  [BLE_KIND_LIGHT] = { "light", "Light" },
};

const char *
ble_kind_to_word (BleKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kind_names), NULL);

  return kind_names[kind].word;
}

const char *
ble_kind_to_label (BleKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kind_names), NULL);

  return kind_names[kind].label;
}

/* Services */

typedef struct
{
  guint16 number;
  const char *label;
} ServiceRow;

/* Assigned Numbers 3.4.2, "Services by UUID"; sorted by number. */
static const ServiceRow services_assigned[] = {
  { 0x1800, "Generic Access" },
  { 0x1801, "Generic Attribute" },
  { 0x1802, "Immediate Alert" },
  { 0x1803, "Link Loss" },
  { 0x1804, "Tx Power" },
  { 0x1805, "Current Time" },
  { 0x1806, "Reference Time Update" },
  { 0x1807, "Next DST Change" },
  { 0x1808, "Glucose" },
  { 0x1809, "Health Thermometer" },
  { 0x180a, "Device Information" },
  { 0x180d, "Heart Rate" },
  { 0x180e, "Phone Alert Status" },
  { 0x180f, "Battery" },
  { 0x1810, "Blood Pressure" },
  { 0x1811, "Alert Notification" },
  { 0x1812, "Human Interface Device" },
  { 0x1813, "Scan Parameters" },
  { 0x1814, "Running Speed and Cadence" },
  { 0x1815, "Automation IO" },
  { 0x1816, "Cycling Speed and Cadence" },
  { 0x1818, "Cycling Power" },
  { 0x1819, "Location and Navigation" },
  { 0x181a, "Environmental Sensing" },
  { 0x181b, "Body Composition" },
  { 0x181c, "User Data" },
  { 0x181d, "Weight Scale" },
  { 0x181e, "Bond Management" },
  { 0x181f, "Continuous Glucose Monitoring" },
  { 0x1820, "Internet Protocol Support" },
  { 0x1821, "Indoor Positioning" },
  { 0x1822, "Pulse Oximeter" },
  { 0x1823, "HTTP Proxy" },
  { 0x1824, "Transport Discovery" },
  { 0x1825, "Object Transfer" },
  { 0x1826, "Fitness Machine" },
  { 0x1827, "Mesh Provisioning" },
  { 0x1828, "Mesh Proxy" },
  { 0x1829, "Reconnection Configuration" },
  { 0x183a, "Insulin Delivery" },
  { 0x183b, "Binary Sensor" },
  { 0x183c, "Emergency Configuration" },
  { 0x183d, "Authorization Control" },
  { 0x183e, "Physical Activity Monitor" },
  { 0x183f, "Elapsed Time" },
  { 0x1840, "Generic Health Sensor" },
  { 0x1843, "Audio Input Control" },
  { 0x1844, "Volume Control" },
  { 0x1845, "Volume Offset Control" },
  { 0x1846, "Coordinated Set Identification" },
  { 0x1847, "Device Time" },
  { 0x1848, "Media Control" },
  { 0x1849, "Generic Media Control" },
  { 0x184a, "Constant Tone Extension" },
  { 0x184b, "Telephone Bearer" },
  { 0x184c, "Generic Telephone Bearer" },
  { 0x184d, "Microphone Control" },
  { 0x184e, "Audio Stream Control" },
  { 0x184f, "Broadcast Audio Scan" },
  { 0x1850, "Published Audio Capabilities" },
  { 0x1851, "Basic Audio Announcement" },
  { 0x1852, "Broadcast Audio Announcement" },
  { 0x1853, "Common Audio" },
  { 0x1854, "Hearing Access" },
  { 0x1855, "Telephony and Media Audio" },
  { 0x1856, "Public Broadcast Announcement" },
  { 0x1857, "Electronic Shelf Label" },
  { 0x1859, "Mesh Proxy Solicitation" },
};

static gint
compare_service_rows (gconstpointer a, gconstpointer b)
{
  const ServiceRow *x = a;
  const ServiceRow *y = b;

  return (gint) x->number - (gint) y->number;
}

const char *
ble_service_to_label (const BleUuid *service)
{
  ServiceRow wanted = { 0 };
  const ServiceRow *row;

  if (!ble_uuid_to_u16 (service, &wanted.number))
    return NULL;
  row = bsearch (&wanted, services_assigned, G_N_ELEMENTS (services_assigned),
                 sizeof wanted, compare_service_rows);
  return row != NULL ? row->label : NULL;
}
