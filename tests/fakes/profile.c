/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/profile.h"

static const FakesProfileCharacteristic generic_attribute[] = {
  { 0x2a05, FAKES_GATT_INDICATE, "", NULL },
  { 0, 0, NULL, NULL },
};

static const FakesProfileCharacteristic heart_rate[] = {
  { 0x2a37, FAKES_GATT_NOTIFY | FAKES_GATT_SECURED, "", NULL },
  { 0x2a38, FAKES_GATT_READ | FAKES_GATT_SECURED, "01", NULL }, /* chest */
  { 0x2a39, FAKES_GATT_WRITE | FAKES_GATT_SECURED, "", NULL },
  { 0, 0, NULL, NULL },
};

static const FakesProfileCharacteristic battery[] = {
  { 0x2a19, FAKES_GATT_READ | FAKES_GATT_NOTIFY, "57", "main" }, /* 87 % */
  { 0, 0, NULL, NULL },
};

static const FakesProfileCharacteristic device_information[] = {
  { 0x2a29, FAKES_GATT_READ, "626c657069636b", NULL },   /* manufacturer: blepick */
  { 0x2a24, FAKES_GATT_READ, "7374726170", NULL },       /* model: strap */
  { 0x2a25, FAKES_GATT_READ, "3030303031", NULL },       /* serial number: 00001 */
  { 0x2a26, FAKES_GATT_READ, "312e30", NULL },           /* firmware: 1.0 */
  { 0x2a23, FAKES_GATT_READ, "010203feff640000", NULL }, /* system id */
  { 0, 0, NULL, NULL },
};

static const FakesProfileCharacteristic health_thermometer[] = {
  { 0x2a1c, FAKES_GATT_INDICATE, "", NULL },
  { 0x2a1d, FAKES_GATT_READ, "02", NULL }, /* body */
  { 0, 0, NULL, NULL },
};

static const FakesProfileCharacteristic immediate_alert[] = {
  { 0x2a06, FAKES_GATT_WRITE_COMMAND, "", NULL },
  { 0, 0, NULL, NULL },
};

/* The same characteristic twice: 5.0 °C outside, 25.0 °C inside. */
static const FakesProfileCharacteristic environmental_sensing[] = {
  { 0x2a6e, FAKES_GATT_READ, "f401", "outside" },
  { 0x2a6e, FAKES_GATT_READ | FAKES_GATT_DESCRIBABLE, "c409", "inside" },
  { 0, 0, NULL, NULL },
};

static const FakesProfileCharacteristic nothing[] = {
  { 0, 0, NULL, NULL },
};

static const FakesProfileService services[] = {
  { 0x1800, TRUE, nothing },
  { 0x1801, FALSE, generic_attribute },
  { 0x1802, FALSE, immediate_alert },
  { 0x1809, FALSE, health_thermometer },
  { 0x180a, FALSE, device_information },
  { 0x180d, FALSE, heart_rate },
  { 0x180f, FALSE, battery },
  { 0x1812, TRUE, nothing },
  { 0x181a, FALSE, environmental_sensing },
};

FakesProfileService
fakes_profile_find (guint16 uuid)
{
  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    if (services[i].uuid == uuid)
      return services[i];
  return (FakesProfileService){ .uuid = uuid, .characteristics = nothing };
}

const FakesProfileCharacteristic *
fakes_profile_find_characteristic (guint16 uuid)
{
  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    for (const FakesProfileCharacteristic *row = services[i].characteristics;
         row->uuid != 0; row++)
      if (row->uuid == uuid)
        return row;
  return NULL;
}

char *
fakes_profile_uuid_text (guint16 uuid)
{
  return g_strdup_printf ("0000%04x-0000-1000-8000-00805f9b34fb", uuid);
}
