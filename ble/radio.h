/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/radio.h: the broker's whole view of Bluetooth: adapters, one scan, pairing,
 * links and GATT, behind a table of functions. Says nothing of D-Bus, and decides
 * nothing: who may do what is not a radio's business.
 *
 * Everything runs on the thread-default main context of the thread that made the
 * radio. Every operation takes a cancellable, has a deadline of its own and ends
 * exactly once. All `_finish` functions set an error of %BLE_RADIO_ERROR whose message
 * is a cause word of the contract ("authentication-failed",
 * "le-connection-abort-by-local"): one word, for machines. */

#pragma once

#include <gio/gio.h>

#include "ble/advert.h"
#include "ble/gatt.h"

#define BLE_RADIO_ERROR (ble_radio_error_quark ())
GQuark ble_radio_error_quark (void);

typedef enum
{
  BLE_RADIO_ERROR_FAILED = 0,
  BLE_RADIO_ERROR_NO_DAEMON, /* bluetoothd is not on the bus, or went while we waited */
  BLE_RADIO_ERROR_NO_ADAPTER,
  BLE_RADIO_ERROR_ADAPTER_OFF,
  BLE_RADIO_ERROR_NO_DEVICE, /* the device or attribute is gone */
  BLE_RADIO_ERROR_BUSY,      /* in progress, or held by somebody else */
  BLE_RADIO_ERROR_TIMED_OUT,
  BLE_RADIO_ERROR_CANCELLED,      /* by our cancellable */
  BLE_RADIO_ERROR_CONNECTION,     /* no link, or lost */
  BLE_RADIO_ERROR_PAIRING_FAILED, /* wrong passkey, refused by the accessory, ... */
  BLE_RADIO_ERROR_PAIRING_CANCELLED,
  BLE_RADIO_ERROR_NOT_PERMITTED, /* by the accessory: attribute permissions */
  BLE_RADIO_ERROR_NOT_SUPPORTED,
  BLE_RADIO_ERROR_INVALID, /* offset or length */
} BleRadioError;

typedef struct
{
  BleAdapterId id;
  BleAddress address;
  char name[16]; /* "hci0" */
  gboolean powered;
  gboolean discovering; /* by anyone */
} BleAdapter;

/* How a pairing ran, weakest first. Two exchanges are known only by what our agent was
 * asked. */
typedef enum
{
  BLE_PAIR_METHOD_NONE = 0,   /* no pairing ran */
  BLE_PAIR_METHOD_JUST_WORKS, /* nothing was verified */
  BLE_PAIR_METHOD_WE_SHOW,    /* six digits typed on the accessory */
  BLE_PAIR_METHOD_THEY_SHOW,  /* six digits typed here */
  BLE_PAIR_METHOD_COMPARE,    /* six digits compared */
} BlePairMethod;

/* "none", "just-works", "we-show", "they-show", "compare". */
const char *ble_pair_method_to_word (BlePairMethod method);
gboolean ble_pair_method_from_word (const char *word, BlePairMethod *ret_method);

/* Core Specification 5.3, Vol 3, Part H, 2.3.5.3: six decimal digits. */
#define BLE_PASSKEY_MAX 999999

typedef struct
{
  BlePairMethod method; /* WE_SHOW, THEY_SHOW or COMPARE */
  guint32 passkey;      /* 0 to 999999; nothing for THEY_SHOW */
  guint entered;        /* WE_SHOW: keys typed on the accessory so far */
} BlePairPrompt;

/* What a pairing in progress asks of the person. Answer with ble_radio_pair_answer().
 * May be called again for WE_SHOW, when @entered grows. */
typedef void (*BlePairPromptFunc) (BleDeviceId device,
                                   const BlePairPrompt *prompt,
                                   gpointer user_data);

/* One value of a characteristic that can only be followed by StartNotify. */
typedef void (*BleValueFunc) (BleDeviceId device,
                              BleAttributeId characteristic,
                              GBytes *value,
                              gpointer user_data);

/* What the radio tells without being asked. Every function is called from the main
 * loop, never from inside a call of ours, with the user_data given to
 * ble_radio_set_listener(). */
typedef struct
{
  /* An adapter came, went or changed, or bluetoothd did: ask ble_radio_adapters(). */
  void (*adapters_changed) (gpointer user_data);
  /* News of devices, oldest first, at most one a device a batch: ten batches a second
   * for what comes from the air; changes of connected, bonded and resolved at once. */
  void (*adverts) (const BleAdvert *const *updates, guint n_updates, gpointer user_data);
  /* The device is forgotten by bluetoothd; its id is dead. Also for all devices when
   * bluetoothd goes. */
  void (*device_gone) (BleDeviceId device, gpointer user_data);
  /* Somebody's pairing that we did not start was refused by our agent. */
  void (*pairing_refused) (BleDeviceId device, gpointer user_data);
} BleRadioListener;

typedef struct BleRadio BleRadio;

/* What an acquire task returns: with ble_radio_socket_free() as its destroy function,
 * which also closes. */
typedef struct
{
  int descriptor;
  guint16 mtu;
} BleRadioSocket;

void ble_radio_socket_free (gpointer socket);

/* The table that a radio fills in. Semantics: see the functions of the same name
 * below. Every `_async` takes over @task, which returns: a boolean; for pair an int,
 * the BlePairMethod, or -1 with an error; for read a GBytes; for acquire a
 * BleRadioSocket. */
typedef struct
{
  void (*free) (BleRadio *radio);
  gboolean (*daemon_running) (BleRadio *radio);
  const GArray *(*adapters) (BleRadio *radio);
  void (*power_async) (BleRadio *radio, BleAdapterId adapter, gboolean on, GTask *task);
  void (*scan_async) (BleRadio *radio, BleAdapterId adapter, gboolean on, GTask *task);
  void (*foreach_device) (BleRadio *radio,
                          void (*func) (const BleAdvert *, gpointer),
                          gpointer user_data);
  const BleAdvert *(*lookup_device) (BleRadio *radio, BleDeviceId device);
  void (*pair_async) (BleRadio *radio,
                      BleDeviceId device,
                      BlePairPromptFunc prompt,
                      gpointer prompt_data,
                      GTask *task);
  void (*pair_answer) (BleRadio *radio,
                       BleDeviceId device,
                       gboolean accept,
                       guint32 passkey);
  void (*connect_async) (BleRadio *radio, BleDeviceId device, GTask *task);
  void (*disconnect_async) (BleRadio *radio, BleDeviceId device, GTask *task);
  void (*forget_async) (BleRadio *radio, BleDeviceId device, GTask *task);
  const BleGatt *(*gatt) (BleRadio *radio, BleDeviceId device);
  void (*read_async) (BleRadio *radio,
                      BleDeviceId device,
                      BleAttributeId attribute,
                      guint16 offset,
                      GTask *task);
  void (*write_async) (BleRadio *radio,
                       BleDeviceId device,
                       BleAttributeId attribute,
                       guint16 offset,
                       GBytes *value,
                       gboolean with_response,
                       GTask *task);
  void (*acquire_async) (BleRadio *radio,
                         BleDeviceId device,
                         BleAttributeId characteristic,
                         gboolean for_write,
                         GTask *task);
  void (*notify_async) (BleRadio *radio,
                        BleDeviceId device,
                        BleAttributeId characteristic,
                        gboolean on,
                        BleValueFunc value,
                        gpointer value_data,
                        GTask *task);
  void (*leave_async) (BleRadio *radio, GTask *task);
} BleRadioClass;

struct BleRadio
{
  const BleRadioClass *klass;
  const BleRadioListener *listener; /* static, or NULL */
  gpointer listener_data;
};

/* Operations still running end with %BLE_RADIO_ERROR_CANCELLED first. Not to be called
 * from inside a function of the listener or the callback of an operation. Takes NULL. */
void ble_radio_free (BleRadio *radio);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleRadio, ble_radio_free)

void ble_radio_set_listener (BleRadio *radio,
                             const BleRadioListener *listener,
                             gpointer user_data);

gboolean ble_radio_daemon_running (BleRadio *radio);

/* Elements: BleAdapter, by name. Valid until the main loop runs again. */
const GArray *ble_radio_adapters (BleRadio *radio);

/* bluetoothd runs, and an adapter of it is powered. */
gboolean ble_radio_is_on (BleRadio *radio);
const BleAdapter *ble_radio_find_adapter (BleRadio *radio, BleAdapterId id);

void ble_radio_power_async (BleRadio *radio,
                            BleAdapterId adapter,
                            gboolean on,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ble_radio_power_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* Starts or stops the scan of @adapter: LE, duplicates reported, no other filter. The
 * broker counts its users; the radio starts it again after a bluetoothd restart or a
 * power cycle until told to stop. */
void ble_radio_scan_async (BleRadio *radio,
                           BleAdapterId adapter,
                           gboolean on,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ble_radio_scan_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* Everything that bluetoothd knows, heard now or not. The adverts belong to the radio. */
void ble_radio_foreach_device (BleRadio *radio,
                               void (*func) (const BleAdvert *advert, gpointer user_data),
                               gpointer user_data);
const BleAdvert *ble_radio_lookup_device (BleRadio *radio, BleDeviceId device);

/* Pairs and bonds. One at a time: a second call while one runs fails with
 * %BLE_RADIO_ERROR_BUSY. The broker queues. Deadline 60 s (BlueZ gives up then).
 * Cancelling rejects what the agent was asked and calls CancelPairing. Finish returns
 * the method that ran; an already bonded device fails with cause "already-exists". */
void ble_radio_pair_async (BleRadio *radio,
                           BleDeviceId device,
                           BlePairPromptFunc prompt,
                           gpointer prompt_data,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ble_radio_pair_finish (BleRadio *radio,
                                GAsyncResult *result,
                                BlePairMethod *ret_method,
                                GError **error);

/* Answers the prompt of the pairing in progress: @accept for COMPARE; @accept and
 * @passkey (0 to 999999) for THEY_SHOW. Refusing ends the pairing. Nothing is asked:
 * nothing happens. */
void ble_radio_pair_answer (BleRadio *radio,
                            BleDeviceId device,
                            gboolean accept,
                            guint32 passkey);

/* Returns when the GATT database is known. A link without it after 10 s: cause
 * "services-not-resolved". */
void ble_radio_connect_async (BleRadio *radio,
                              BleDeviceId device,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ble_radio_connect_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* Cuts the link for everyone: the broker counts its users first. */
void ble_radio_disconnect_async (BleRadio *radio,
                                 BleDeviceId device,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean
ble_radio_disconnect_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* Drops link, bond and cache. Not for after a pairing that failed: there is no bond, and
 * BlueZ 5.66 may crash when a device is removed while its link is breaking. */
void ble_radio_forget_async (BleRadio *radio,
                             BleDeviceId device,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ble_radio_forget_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* The GATT database, or NULL while it is not known. Valid until the main loop runs
 * again. */
const BleGatt *ble_radio_gatt (BleRadio *radio, BleDeviceId device);

/* @attribute: a characteristic or a descriptor. @offset in octets. */
void ble_radio_read_async (BleRadio *radio,
                           BleDeviceId device,
                           BleAttributeId attribute,
                           guint16 offset,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* Returns: (transfer full): at most 512 octets (Core Specification 5.3, Vol 3, Part F,
 * 3.2.9), or NULL. */
GBytes *ble_radio_read_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* What is written, and where. */
typedef struct
{
  BleAttributeId attribute; /* a characteristic or a descriptor */
  guint16 offset;           /* octets */
  gboolean with_response;
  GBytes *value;
} BleWrite;

void ble_radio_write_async (BleRadio *radio,
                            BleDeviceId device,
                            const BleWrite *write,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ble_radio_write_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* A seqpacket socket, one value a packet: to read from (notifications), or to write to
 * (@for_write). bluetoothd gives one a characteristic. Shut it (shutdown()) to give it
 * back: the accessory then sees the end of the subscription. */
void ble_radio_acquire_async (BleRadio *radio,
                              BleDeviceId device,
                              BleAttributeId characteristic,
                              gboolean for_write,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Returns: a descriptor that the caller owns, or -1. @ret_mtu: largest packet in
 * octets, plus 3. */
int ble_radio_acquire_finish (BleRadio *radio,
                              GAsyncResult *result,
                              guint16 *ret_mtu,
                              GError **error);

/* Where values go. */
typedef struct
{
  BleValueFunc func;
  gpointer user_data;
} BleValueSink;

/* StartNotify and, without a @sink, StopNotify, for what cannot be acquired:
 * indications, or a characteristic that somebody else follows. */
void ble_radio_notify_async (BleRadio *radio,
                             BleDeviceId device,
                             BleAttributeId characteristic,
                             const BleValueSink *sink,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ble_radio_notify_finish (BleRadio *radio, GAsyncResult *result, GError **error);

/* Leaves the bus in order: scan stopped, agent unregistered, every acquired socket
 * given back and seen given back (NotifyAcquired false). The sockets are the caller's
 * and must be shut already. Never fails; at most 2 s. */
void
ble_radio_leave_async (BleRadio *radio, GAsyncReadyCallback callback, gpointer user_data);
void ble_radio_leave_finish (BleRadio *radio, GAsyncResult *result);
