/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/names.h: what a person reads about an accessory: its sanitised name, the
 * kind of thing it is, the assigned names of services. The only place where a
 * string from the air becomes a string for a screen. */

#pragma once

#include "ble/uuid.h"

/* Columns that a sanitised name may take on a terminal. */
#define BLE_NAME_COLUMNS_MAX 48

/* What stands where nothing readable is left. */
#define BLE_NAME_UNNAMED "Unnamed"

typedef enum
{
  BLE_KIND_UNKNOWN = 0,
  BLE_KIND_HEART_RATE,
  BLE_KIND_CYCLING, /* speed, cadence, power */
  BLE_KIND_RUNNING,
  BLE_KIND_THERMOMETER,
  BLE_KIND_WEIGHT_SCALE,
  BLE_KIND_BLOOD_PRESSURE,
  BLE_KIND_GLUCOSE,
  BLE_KIND_PULSE_OXIMETER,
  BLE_KIND_FITNESS_MACHINE,
  BLE_KIND_KEYBOARD,
  BLE_KIND_MOUSE,
  BLE_KIND_OTHER_INPUT,
  BLE_KIND_WATCH,
  BLE_KIND_PHONE,
  BLE_KIND_COMPUTER,
  BLE_KIND_TAG,
  BLE_KIND_SENSOR,
  BLE_KIND_HEARING_AID,
  BLE_KIND_LIGHT,
} BleKind;

/* Makes @length hostile bytes readable: valid UTF-8 (other bytes become U+FFFD, runs
 * of it one), without the general categories Cc, Cf, Zl, Zp, Co, Cs and Cn and what
 * draws nothing (variation selectors, fillers), normalised to NFC, spaces trimmed and
 * folded, at most %BLE_NAME_COLUMNS_MAX columns cut at a grapheme boundary with "…". At
 * most two combining marks follow one base character. Nothing left: %BLE_NAME_UNNAMED.
 * Returns: (transfer full): a string that is safe on any terminal and in any journal. */
char *ble_name_sanitise (const char *bytes, gsize length);

/* The same rule for text that is longer than a name (an app's words): @columns_max
 * columns, at least the seven of %BLE_NAME_UNNAMED. */
char *ble_text_sanitise (const char *bytes, gsize length, guint columns_max);

/* Columns that @text (valid UTF-8) takes on a terminal: 0 for marks, 2 for wide
 * characters. */
guint ble_text_columns (const char *text);

/* The kind of an accessory by its GAP appearance (Assigned Numbers 2.6; 0: none) and,
 * where that says nothing, by its services. */
BleKind ble_kind_guess (guint16 appearance, const BleUuid *services, guint n_services);

/* "heart-rate": for machines, never localised. */
const char *ble_kind_to_word (BleKind kind);
/* "Heart-rate monitor": for people. */
const char *ble_kind_to_label (BleKind kind);

/* "Heart Rate" (Assigned Numbers 3.4), or NULL for a service without an assigned name. */
const char *ble_service_to_label (const BleUuid *service);
