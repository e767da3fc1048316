/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/picker.h: one run of a picker: does what the state machine (picker-fsm.h) says,
 * and tells it what happened. Decides nothing itself. Private to pickers.c. */

#pragma once

#include "broker/keyboards.h"
#include "broker/migrations.h"
#include "broker/picker-fsm.h"
#include "broker/picker-request.h"
#include "broker/picker-rows.h"
#include "broker/pickers.h"
#include "broker/scan.h"

/* The person has so long to answer a pairing question. The Security Manager gives up after 30 s
 * without a packet (Core Specification 5.3, Vol 3, Part H, 3.4), and so does the accessory. */
#define BROKER_PICKER_PROMPT_S 28

/* After so long without a match the presenter shows what usually helps. */
#define BROKER_PICKER_NO_MATCH_S 20

/* What waits for a row gets it so soon after one is free. */
#define BROKER_PICKER_ROOM_MS 100

/* What a run needs of the others. */
typedef struct
{
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerPresenters *presenters;
  BrokerScan *scan;
  BrokerMigrations *migrations;
  BrokerKeyboards *keyboards;
  gboolean broadcasts_closed; /* nobody else hears what bluetoothd broadcasts */
  /* Queue for the one pairing: BROKER_PICKER_PAIR_TURN comes when it is free. FALSE: another one runs. */
  gboolean (*join_pairing) (BrokerPickers *pickers, BrokerPicker *picker);
  void (*leave_pairing) (BrokerPickers *pickers, BrokerPicker *picker);
  /* The run is over; @picker is freed when its last call has come back. */
  void (*ended) (BrokerPickers *pickers, BrokerPicker *picker);
  BrokerPickers *pickers;
} BrokerPickerHost;

struct BrokerPicker
{
  grefcount refs; /* one for the run, one for each call under way */
  const BrokerPickerHost *host;
  guint token; /* names it in the scan */
  BrokerPickerFsm fsm;
  GQueue events; /* BrokerPickerEvent as pointers: taken one after the other */
  gboolean stepping;

  BrokerCaller *caller;
  char *session_path;
  BrokerPickerRequest *request;
  BleAdapterId adapter;
  const BrokerPickerClient *client; /* NULL once it has gone */
  gpointer client_data;

  BrokerPresentation *presentation;
  gboolean own_presenter;  /* it is drawn on the app's own connection */
  gboolean said_pairing;   /* the phase, once it is connected */
  gboolean said_presented; /* event 40 is out: event 50 has to follow */
  gboolean scanning;
  guint end_timer;
  guint no_match_timer;
  guint flush_timer;  /* rows that changed go out then */
  guint room_timer;   /* something is away, and something else waits for its row */
  guint prompt_timer; /* a question is open */
  guint name_timer;   /* a name is being typed */
  GCancellable *pairing;

  BrokerPickerRows *rows;
  const BrokerPickerRow *chosen;
  BleDeviceId device; /* what was chosen; bluetoothd may forget it and find it anew */
  BrokerLifetime lifetime;
  gint64 until_s;
  BleAddress pending_address;
  BlePairMethod method;
  gboolean was_asked;  /* the person, for this pairing */
  gboolean has_looked; /* for the accessory, once more */
  guint look_timer;    /* it is looked for */
  char *pair_cause;    /* why pairing failed, in a word */
  char *given_name;    /* by the person; or NULL */
  guint64 denial;      /* of what was chosen, when it was */
  gboolean discovery_finished;
  gboolean has_migrated;
  GVariant *migrated; /* ids; or NULL */
  char *accessory_id;
};

/* @request and @rows of the run; takes @request. */
BrokerPicker *broker_picker_new (const BrokerPickerHost *host,
                                 guint token,
                                 BrokerCaller *caller,
                                 const char *session_path,
                                 BrokerPickerRequest *request,
                                 BleAdapterId adapter);
void broker_picker_unref (BrokerPicker *picker);

/* Feeds the state machine, and does what comes out. */
void broker_picker_take (BrokerPicker *picker, BrokerPickerEvent event);

/* Something that matches was heard. */
void broker_picker_take_match (BrokerPicker *picker,
                               const BleDescriptor *descriptor,
                               const BleSighting *sighting);
void broker_picker_take_device_gone (BrokerPicker *picker, BleDeviceId device);

/* What is known of what was chosen has changed: it may have become a keyboard, or bonded. */
void broker_picker_check_chosen (BrokerPicker *picker);
/* The broker leaves. The app is told now; what has to be taken back or is being stored goes on. */
void broker_picker_stop (BrokerPicker *picker);
/* Ends the run where bluetoothd or its adapter has gone, or is off. */
void broker_picker_check_adapter (BrokerPicker *picker);
/* Rows of the permissions have changed: is the picker still allowed, and what was chosen? */
void broker_picker_check_allowed (BrokerPicker *picker);

/* Tells the presenter where it is: Presenter1.Progress. */
void broker_picker_say_progress (BrokerPicker *picker, const char *phase);
/* The phase in which there is a link: once. */
void broker_picker_say_linked (BrokerPicker *picker);
/* Sends the rows that have changed. */
void broker_picker_flush_rows (BrokerPicker *picker);
/* The same within BROKER_PICKER_ROOM_MS, however often it is asked for until then. */
void broker_picker_flush_rows_soon (BrokerPicker *picker);

/* In picker-about.c: what the presenter is told of who asks and for what. */
GVariant *broker_picker_describe_about (const BrokerPicker *picker);
GVariant *broker_picker_describe_items (const BrokerPicker *picker);

/* In picker-filter.c: tells an app that filters of @row, which satisfied @descriptor. */
void broker_picker_tell_candidate (BrokerPicker *picker,
                                   BrokerPickerRow *row,
                                   const BleDescriptor *descriptor,
                                   const BleAdvert *advert);

/* In picker-again.c. A pairing has failed with @error: TRUE where the accessory is looked for, to be paired once
 * more; BROKER_PICKER_PAIR_FAILED comes if it is not heard. */
gboolean broker_picker_look_again (BrokerPicker *picker, const GError *error);
/* It is not wanted any more: BROKER_PICKER_PAIR_FAILED comes where it was looked for. */
void broker_picker_stop_looking (BrokerPicker *picker);
void broker_picker_take_adverts (BrokerPicker *picker,
                                 const BleAdvert *const *updates,
                                 guint n_updates);

/* In picker-end.c. */
void broker_picker_dismiss (BrokerPicker *picker);
void broker_picker_respond (BrokerPicker *picker);

/* For the files of a picker. */
void
broker_picker_say_event (BrokerPicker *picker, BlepickEvent event, GVariant *details);
const BrokerPickerItem *broker_picker_get_chosen_item (const BrokerPicker *picker);

/* In picker-pairing.c. */
void broker_picker_store_pending (BrokerPicker *picker);
void broker_picker_clear_pending (BrokerPicker *picker);
/* Whether a bond that this run did not make is as good as the app and the person want it. */
gboolean broker_picker_is_bond_enough (const BrokerPicker *picker);
void broker_picker_keep_pending (BrokerPicker *picker);
void broker_picker_pair (BrokerPicker *picker);
void broker_picker_cancel_pair (BrokerPicker *picker);
void broker_picker_undo (BrokerPicker *picker);
void broker_picker_store_grant (BrokerPicker *picker);
void broker_picker_withdraw (BrokerPicker *picker);
/* Whether what was chosen is a keyboard that the app did not ask for. */
gboolean broker_picker_is_undeclared_keyboard (const BrokerPicker *picker,
                                               const BrokerPickerRow *row,
                                               const BleAdvert *advert);
void broker_picker_ask_name (BrokerPicker *picker);
/* Whether what the chosen accessory measures comes by broadcasts of bluetoothd that others hear, as far as its
 * descriptor tells. */
gboolean broker_picker_has_values_on_bus (const BrokerPicker *picker);
/* NULL keeps the name that is shown. FALSE with InvalidRequest no-prompt. */
gboolean broker_picker_take_name (BrokerPicker *picker, const char *name, GError **error);
/* What the person answered. FALSE with InvalidRequest no-prompt. */
gboolean broker_picker_answer (BrokerPicker *picker,
                               gboolean accept,
                               guint32 passkey,
                               GError **error);
/* What the cause of a failed pairing means to a person. */
const char *broker_picker_explain_pairing (const char *cause);
