/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-gatt.h: the GATT application, as objects on the bus that
 * bluetoothd calls. It reports reads, writes and subscriptions, and does not register
 * itself with bluetoothd (virtual-accessory-adapter.h does). */

#pragma once

#include "tests/fakes/words.h"

#include <gio/gio.h>

#define ACCESSORY_GATT_PATH "/org/blepick/accessory/gatt"

typedef struct _AccessoryGatt AccessoryGatt;

/* What the owner wants to know; both may be called at any time. */
typedef struct
{
  void (*subscribed) (guint16 uuid, gboolean subscribed, gpointer user_data);
  void (*written) (guint16 uuid, GBytes *value, gpointer user_data);
} AccessoryGattEvents;

/* Puts the services of @words on @bus. Fails when one of them is not in the profile, or with the errors of
 * g_dbus_connection_register_object(). @events must outlive the application. */
AccessoryGatt *accessory_gatt_new (GDBusConnection *bus,
                                   const AccessoryWords *words,
                                   const AccessoryGattEvents *events,
                                   gpointer user_data,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void accessory_gatt_free (AccessoryGatt *gatt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AccessoryGatt, accessory_gatt_free)

/* A central has connected or gone. Subscriptions end with the link; bluetoothd keeps
 * those of a bonded central, and they are back with the next one. */
void accessory_gatt_set_linked (AccessoryGatt *gatt, gboolean linked);

/* Forgets all subscriptions: bluetoothd has gone. */
void accessory_gatt_forget_subscriptions (AccessoryGatt *gatt);

/* Sends @value to whoever has subscribed. FALSE: there is no characteristic @uuid. */
gboolean accessory_gatt_notify (AccessoryGatt *gatt, guint16 uuid, GBytes *value);

/* Sets the value that the next reads get. FALSE: there is no characteristic @uuid. */
gboolean accessory_gatt_set_value (AccessoryGatt *gatt, guint16 uuid, GBytes *value);
