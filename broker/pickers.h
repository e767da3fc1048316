/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/pickers.h: every picker that runs: who may start one, whose turn it is, which
 * of them pairs. One run is in picker.h. Knows no session: it speaks to a client through
 * a small table. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/caller.h"
#include "broker/keyboards.h"
#include "broker/manifests.h"
#include "broker/migrations.h"
#include "broker/permissions.h"
#include "broker/picker-request.h"
#include "broker/presenters.h"
#include "broker/scan.h"
#include "dbus/names.h"

/* Pickers of one user that wait for a presenter that is busy. */
#define BROKER_PICKERS_QUEUE_MAX 4

typedef struct BrokerPickers BrokerPickers;
typedef struct BrokerPicker BrokerPicker;

/* The client's side of one picker. Neither function is called after broker_picker_close(), nor from
 * inside a call of the client's. */
typedef struct
{
  /* Events 33 to 90: emit them on the session with request (o) added. @details: a{sv}, or NULL. */
  void (*event) (BlepickEvent event, GVariant *details, gpointer user_data);
  /* The end: exactly once. @results (a{sv}, floating) with DONE, @error (BLEPICK_ERROR) otherwise. The picker is
   * gone after it. */
  void (*done) (BlepickResponse response,
                GVariant *results,
                const GError *error,
                gpointer user_data);
} BrokerPickerClient;

/* What pickers work with. All must outlive them. */
typedef struct
{
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerPresenters *presenters;
  BrokerMigrations *migrations;
  BrokerKeyboards *keyboards;
} BrokerPickersRooms;

BrokerPickers *broker_pickers_new (const BrokerPickersRooms *rooms);
/* The scan that all pickers share, for whoever else wants one. */
BrokerScan *broker_pickers_get_scan (BrokerPickers *self);
/* The adapter of that name, else the first that is powered. FALSE with PickerRestricted: no-daemon, no-adapter,
 * bluetooth-off. */
gboolean broker_pickers_choose_adapter (BrokerPickers *self,
                                        const char *name,
                                        BleAdapterId *ret_adapter,
                                        GError **error);
/* Whether that one can be used now. The same errors. */
gboolean
broker_pickers_check_adapter (BrokerPickers *self, BleAdapterId id, GError **error);
void broker_pickers_free (BrokerPickers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPickers, broker_pickers_free)

/* What a client asks for. Everything is borrowed for the call. */
typedef struct
{
  BrokerCaller *caller;         /* whose rows are loaded */
  const char *session_path;     /* for grants of lifetime "once" */
  BrokerPickerRequest *request; /* with items; taken over */
} BrokerPickerAsk;

/* Finds a presenter and starts. NULL with an error at once: PickerAlreadyActive, PickerRestricted. */
BrokerPicker *broker_pickers_show (BrokerPickers *self,
                                   const BrokerPickerAsk *ask,
                                   const BrokerPickerClient *client,
                                   gpointer user_data,
                                   GError **error);

/* What an app that filters wants shown, and that it has shown all. Errors: InvalidRequest (no-picker, no-candidate,
 * bad-descriptor, unknown-option). */
gboolean broker_picker_filters (const BrokerPicker *picker);
gboolean
broker_picker_update (BrokerPicker *picker, GVariant *candidates, GError **error);
gboolean broker_picker_finish_discovery (BrokerPicker *picker, GError **error);

/* The client closed its request, ended its session or left the bus: everything is undone, nothing
 * is told. */
void broker_picker_close (BrokerPicker *picker);

/* Rows of the permissions have changed: a picker may not be allowed any more. */
void broker_pickers_take_rows_changed (BrokerPickers *self);

/* The computer goes to sleep: every picker that can ends. */
void broker_pickers_suspend (BrokerPickers *self);

/* The broker leaves: every picker ends with broker-stopping. */
void broker_pickers_stop (BrokerPickers *self);

/* From the radio's listener. */
void broker_pickers_take_adverts (BrokerPickers *self,
                                  const BleAdvert *const *updates,
                                  guint n_updates);
void broker_pickers_take_device_gone (BrokerPickers *self, BleDeviceId device);
/* Also undoes the bonds that a crash left half-made, once their adapter is there. */
void broker_pickers_take_adapters_changed (BrokerPickers *self);

/* Whether nobody else hears what bluetoothd broadcasts. Until this is said somebody may. */
void broker_pickers_take_broadcasts_closed (BrokerPickers *self, gboolean closed);
