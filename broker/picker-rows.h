/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/picker-rows.h: the rows of one picker: what the person sees of what is
 * around. None ever changes its place; one goes only where there are too many: what has been away longest makes
 * room for what is new, never what was chosen. No addresses leave this file. */

#pragma once

#include "ble/match.h"
#include "ble/names.h"
#include "ble/sightings.h"

/* More than anybody looks through; what comes later waits until one of them is away. */
#define BROKER_PICKER_ROWS_MAX 256

typedef struct
{
  char *id; /* random */
  BleDeviceId device;
  guint item; /* index of the item that it satisfies first */
  const BleDescriptor *descriptor;
  char *name; /* sanitised */
  gboolean unnamed;
  BleKind kind;
  BleSignal signal;
  gboolean heard;     /* on the air now */
  gboolean connected; /* in use by this computer */
  gboolean bonded;    /* set up on this computer */
  gboolean yours;     /* the app has it already */
  char *tail;         /* tells equal names apart; "" where there is no need */
  gboolean shown;     /* to the person: where the app filters, once it said so */
  char *app_name;     /* the app's words for it; or NULL */
  GVariant *image;    /* likewise */
  BleSignal told;     /* to the app that filters */
  gboolean is_told;
  gboolean changed; /* not sent yet */
  gboolean sent;    /* at least once */
  gboolean kept;    /* chosen: it stays, whatever comes */
  guint64 away; /* bluetoothd forgot it: the how-manieth that it did; 0: it is there */
} BrokerPickerRow;

typedef struct BrokerPickerRows BrokerPickerRows;

/* @filtered: the app says which are shown. */
BrokerPickerRows *broker_picker_rows_new (gboolean filtered);
void broker_picker_rows_free (BrokerPickerRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPickerRows, broker_picker_rows_free)

/* Returns the row, or NULL when there are too many and none is away. May free the row of something that is away. Adds or refreshes the row of what was heard. An accessory that satisfies several items stays with its first. */
BrokerPickerRow *broker_picker_rows_take (BrokerPickerRows *rows,
                                          guint item,
                                          const BleDescriptor *descriptor,
                                          const BleSighting *sighting,
                                          gboolean yours);

/* The device is not there any more: its row says so, and may go. Returns: whether something has found no room before, and does now: take again
 * what is around. */
gboolean broker_picker_rows_take_gone (BrokerPickerRows *rows, BleDeviceId device);

/* The row of @id was chosen: it stays. */
void broker_picker_rows_keep (BrokerPickerRows *rows, const char *id);

/* The app wants the row shown, under these words of its own. @image: or NULL. */
void broker_picker_rows_show (BrokerPickerRows *rows,
                              BrokerPickerRow *row,
                              const char *app_name,
                              GVariant *image);

/* NULL when there is no such row. */
BrokerPickerRow *broker_picker_rows_find (const BrokerPickerRows *rows, const char *id);
/* Those that are shown. */
guint broker_picker_rows_count (const BrokerPickerRows *rows);

/* Returns: (transfer full): what has changed since the last call, as Presenter1.UpdateRows takes it (aa{sv}), rows that are no more first; NULL for nothing. */
GVariant *broker_picker_rows_drain (BrokerPickerRows *rows);
