/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/pickers.h: every picker that runs. Wires the pure state machine of one run
 * (picker-fsm.h) to the scan, the radio, the presenters and the permissions. Knows no session: it speaks to a client through a small
 * table. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/caller.h"
#include "broker/permissions.h"
#include "broker/presenters.h"
#include "dbus/names.h"

typedef struct BrokerPickers BrokerPickers;
typedef struct BrokerPicker BrokerPicker;

/* The client's side of one picker. Neither function is called after broker_picker_close(), nor from inside a call of the client's. */
typedef struct
{
  /* Events 40, 50, 70, 80, 90: emit them on the session with request (o) added. @details: a{sv}, floating, or NULL. */
  void (*event) (BlepickEvent event, GVariant *details, gpointer user_data);
  /* The end: exactly once. @accessory_id with DONE, @error (BLEPICK_ERROR) otherwise. The picker is gone after it. */
  void (*done) (BlepickResponse response,
                const char *accessory_id,
                const GError *error,
                gpointer user_data);
} BrokerPickerClient;

BrokerPickers *broker_pickers_new (BleRadio *radio,
                                   BrokerPermissions *permissions,
                                   BrokerPresenters *presenters);
void broker_pickers_free (BrokerPickers *pickers);

/* Checks @items (aa{sv}) and @options (a{sv}; handle_token is the request's business and is left out by the caller), finds a
 * presenter and starts. NULL with an error at once: InvalidRequest, PickerAlreadyActive, PickerRestricted.
 * @session_path: for grants of lifetime "once". */
BrokerPicker *broker_pickers_show (BrokerPickers *pickers,
                                   BrokerCaller *caller,
                                   const char *session_path,
                                   GVariant *items,
                                   GVariant *options,
                                   const BrokerPickerClient *client,
                                   gpointer user_data,
                                   GError **error);

/* The client closed its request, ended its session or left the bus: everything is undone, nothing is told. */
void broker_picker_close (BrokerPicker *picker);

/* From the radio's listener. */
void broker_pickers_take_adverts (BrokerPickers *pickers,
                                  const BleAdvert *const *updates,
                                  guint n_updates);
void broker_pickers_take_device_gone (BrokerPickers *pickers, BleDeviceId device);
void broker_pickers_take_adapters_changed (BrokerPickers *pickers);

/* The bonds that a crash left half-made are undone, once bluetoothd and the adapters are there. */
void broker_pickers_undo_pending (BrokerPickers *pickers);
