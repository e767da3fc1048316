/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-adapter.h: everything that the accessory asks of
 * bluetoothd: it prepares the controller, registers the objects that others have put
 * on the bus, and takes them away again. */

#pragma once

#include "tests/fakes/words.h"

#include <gio/gio.h>

typedef struct _AccessoryAdapter AccessoryAdapter;

typedef enum
{
  ACCESSORY_ADAPTER_FAILED = 0, /* reported already */
  ACCESSORY_ADAPTER_READY,      /* all is registered */
  ACCESSORY_ADAPTER_GONE,       /* bluetoothd has left; ready again when it is back */
  ACCESSORY_ADAPTER_LEFT,       /* after accessory_adapter_leave() */
} AccessoryAdapterState;

typedef void (*AccessoryAdapterFunc) (AccessoryAdapterState state, gpointer user_data);

/* Starts as soon as bluetoothd and the adapter are there. @words must outlive it. */
AccessoryAdapter *accessory_adapter_new (GDBusConnection *bus,
                                         const AccessoryWords *words,
                                         AccessoryAdapterFunc func,
                                         gpointer user_data);
void accessory_adapter_free (AccessoryAdapter *adapter);

/* "/org/bluez/hci1" */
char *accessory_adapter_path (const AccessoryWords *words);

/* Off the air at once: the controller loses its power, and with it every link. */
void accessory_adapter_vanish (AccessoryAdapter *adapter);

/* Gives the controller its power back. */
void accessory_adapter_power_on (AccessoryAdapter *adapter);

/* Takes everything away from bluetoothd, then says %ACCESSORY_ADAPTER_LEFT. */
void accessory_adapter_leave (AccessoryAdapter *adapter);
