/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/pickers.h: every picker that runs: who may start one, whose turn it is, which
 * of them pairs. One run is in picker.h. Knows no session: it speaks to a client through
 * a small table. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/caller.h"
#include "broker/manifests.h"
#include "broker/permissions.h"
#include "broker/presenters.h"
#include "dbus/names.h"

/* Pickers of one user that wait for a presenter that is busy. */
#define BROKER_PICKERS_QUEUE_MAX 4

typedef struct BrokerPickers BrokerPickers;
typedef struct BrokerPicker BrokerPicker;

/* The client's side of one picker. Neither function is called after broker_picker_close(), nor from
 * inside a call of the client's. */
typedef struct
{
  /* Events 40, 50, 70 and 80: emit them on the session with request (o) added. @cause: of 70, else NULL. */
  void (*event) (BlepickEvent event, const char *cause, gpointer user_data);
  /* The end: exactly once. @accessory_id with DONE, @error (BLEPICK_ERROR) otherwise. The picker is
   * gone after it. */
  void (*done) (BlepickResponse response,
                const char *accessory_id,
                const GError *error,
                gpointer user_data);
} BrokerPickerClient;

/* All must outlive the pickers. */
BrokerPickers *broker_pickers_new (BleRadio *radio,
                                   BrokerPermissions *permissions,
                                   BrokerManifests *manifests,
                                   BrokerPresenters *presenters);
void broker_pickers_free (BrokerPickers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPickers, broker_pickers_free)

/* What a client asks for. Everything is borrowed for the call. */
typedef struct
{
  BrokerCaller *caller;     /* whose rows are loaded */
  const char *session_path; /* for grants of lifetime "once" */
  GVariant *items;          /* aa{sv} of ShowPicker */
  GVariant *options;        /* a{sv} of ShowPicker, without handle_token */
} BrokerPickerAsk;

/* Checks what is asked, finds a presenter and starts. NULL with an error at once: InvalidRequest,
 * PickerAlreadyActive, PickerRestricted. */
BrokerPicker *broker_pickers_show (BrokerPickers *self,
                                   const BrokerPickerAsk *ask,
                                   const BrokerPickerClient *client,
                                   gpointer user_data,
                                   GError **error);

/* The client closed its request, ended its session or left the bus: everything is undone, nothing
 * is told. */
void broker_picker_close (BrokerPicker *picker);

/* The broker leaves: every picker ends with broker-stopping. */
void broker_pickers_stop (BrokerPickers *self);

/* From the radio's listener. */
void broker_pickers_take_adverts (BrokerPickers *self,
                                  const BleAdvert *const *updates,
                                  guint n_updates);
void broker_pickers_take_device_gone (BrokerPickers *self, BleDeviceId device);
/* Also undoes the bonds that a crash left half-made, once their adapter is there. */
void broker_pickers_take_adapters_changed (BrokerPickers *self);
