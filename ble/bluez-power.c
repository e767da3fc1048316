/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-power.h"

/* Time between bluetoothd's reply and its signal. */
#define SETTLE_MS 5000

typedef struct
{
  const BleBluezParts *parts;
  BleAdapterId adapter;
  gboolean on;
  GTask *task;
} Power;

static void
on_power_seen (const GError *error, gpointer user_data)
{
  g_autofree Power *power = user_data;

  if (error == NULL)
    ble_bluez_task_succeed (power->task);
  else
    ble_bluez_task_fail (power->task, error);
}

static void
on_power_set (GVariant *reply,
              GUnixFDList *descriptors,
              const GError *error,
              gpointer user_data)
{
  Power *power = user_data;

  if (error != NULL)
    on_power_seen (error, power);
  else
    ble_bluez_waits_add (power->parts->waits,
                         power->on ? ble_bluez_is_powered : ble_bluez_is_unpowered,
                         power->adapter, SETTLE_MS, g_task_get_cancellable (power->task),
                         on_power_seen, power);
}

void
ble_bluez_power_set (const BleBluezParts *parts,
                     BleAdapterId adapter,
                     gboolean on,
                     GTask *task)
{
  const BleBluezController *found = ble_bluez_tree_find_adapter (parts->tree, adapter);
  BleBluezRequest request = { .interface = "org.freedesktop.DBus.Properties",
                              .method = "Set",
                              .timeout_ms = BLE_BLUEZ_QUICK_MS };
  Power *power;

  if (found == NULL)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_ADAPTER, "no-adapter");
      return;
    }
  power = g_new0 (Power, 1);
  power->parts = parts;
  power->adapter = adapter;
  power->on = on;
  power->task = task;
  request.path = found->path;
  request.parameters =
    g_variant_new ("(ssv)", ble_bluez_adapter1, "Powered", g_variant_new_boolean (on));
  ble_bluez_calls_send (parts->calls, &request, g_task_get_cancellable (task),
                        on_power_set, power);
}
