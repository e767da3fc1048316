/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-leave.h"

#define LEAVE_MS 2000

/* Leaving: a number of things that are to end, and a deadline for all of them. */
typedef struct
{
  GTask *task; /* NULL: told */
  GSource *deadline;
  guint pending;
} Leave;

static void
finish_leave (Leave *leave)
{
  GTask *task = g_steal_pointer (&leave->task);

  if (task == NULL)
    return;
  g_source_destroy (leave->deadline);
  g_source_unref (leave->deadline);
  ble_bluez_task_succeed (task);
}

static gboolean
on_leave_deadline (gpointer user_data)
{
  g_warning ("bluetoothd has not let go of everything in time");
  finish_leave (user_data);
  return G_SOURCE_REMOVE;
}

static void
end_leave_step (Leave *leave)
{
  if (--leave->pending > 0)
    return;
  finish_leave (leave);
  g_free (leave);
}

static void
on_leave_reply (GVariant *reply,
                GUnixFDList *descriptors,
                const GError *error,
                gpointer user_data)
{
  end_leave_step (user_data);
}

static void
on_leave_released (const GError *error, gpointer user_data)
{
  end_leave_step (user_data);
}

void
ble_bluez_leave (const BleBluezLeavers *leavers, GTask *task)
{
  Leave *leave = g_new0 (Leave, 1);

  leave->task = task;
  leave->deadline = g_timeout_source_new (LEAVE_MS);
  g_source_set_callback (leave->deadline, on_leave_deadline, leave, NULL);
  g_source_attach (leave->deadline, g_task_get_context (task));
  leave->pending = 1; /* this function */

  ble_bluez_pairing_leave (leavers->pairing);
  leave->pending +=
    ble_bluez_gatt_leave (leavers->gatt, LEAVE_MS, on_leave_released, leave);
  leave->pending += ble_bluez_scans_leave (leavers->scans, on_leave_reply, leave);
  if (ble_bluez_agent_leave (leavers->agent, on_leave_reply, leave))
    leave->pending++;
  end_leave_step (leave);
}
