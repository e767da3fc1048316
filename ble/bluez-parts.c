/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-parts.h"

void
ble_bluez_task_succeed (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

void
ble_bluez_task_fail (GTask *task, const GError *error)
{
  g_task_return_error (task, g_error_copy (error));
  g_object_unref (task);
}

void
ble_bluez_task_refuse (GTask *task, BleRadioError code, const char *cause)
{
  g_task_return_error (task, g_error_new_literal (BLE_RADIO_ERROR, (gint) code, cause));
  g_object_unref (task);
}

gboolean
ble_bluez_need_device (const BleBluezParts *parts,
                       BleDeviceId device,
                       gboolean powered,
                       GTask *task,
                       BleBluezDevice *ret_device)
{
  if (parts->owner == NULL)
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon");
  else if (!ble_bluez_tree_find_device (parts->tree, device, ret_device))
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  else if (powered && !ret_device->adapter->powered)
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_ADAPTER_OFF, "not-ready");
  else
    return TRUE;
  return FALSE;
}
