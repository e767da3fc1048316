/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/accessory-private.h: what the files accessory*.c share. Nobody else includes it. */

#pragma once

#include "broker/accessory.h"

struct BrokerAccessory
{
  grefcount refs; /* one of the owner, one of each operation */
  BrokerAccessoryRooms *rooms;
  BrokerCaller *caller;
  char *id;
  char *path;
  gboolean closed;
  GCancellable *cancellable; /* of everything under way */
  GCancellable *connecting;  /* of Connect(): Disconnect() ends it */
  BrokerHold *hold;          /* what Connect() got */
  GPtrArray *sockets;        /* of Socket (accessory-sockets.c) */
  GCancellable *refreshing;  /* of Refresh(), or NULL: none runs */
  gboolean watching;         /* @watched, by Watch() */
  BleAddress watched;
};

BrokerAccessory *broker_accessory_ref (BrokerAccessory *accessory);
void broker_accessory_unref (BrokerAccessory *accessory);

/* The grant if it is in force and the policy agrees, else NULL with an error. */
const BrokerGrant *
broker_accessory_require_grant (const BrokerAccessory *accessory, GError **error);

/* Shuts every socket of this client for this accessory. */
void broker_accessory_shut_sockets (BrokerAccessory *accessory);

/* How many of its sockets hold the link. */
guint broker_accessory_count_held_sockets (const BrokerAccessory *accessory);

/* Ends what Watch() began. */
void broker_accessory_stop_watching (BrokerAccessory *accessory);

/* ---- one call that needs the link ---- */

typedef struct BrokerOperation BrokerOperation;

/* The link is there and the permission holds: do it. */
typedef void (*BrokerOperationFunc) (BrokerOperation *operation,
                                     BleDeviceId device,
                                     BleAttributeId attribute);

/* What a method does. */
typedef struct
{
  BleAccess access;
  gboolean has_descriptor; /* the third parameter names one */
  BrokerOperationFunc run;
} BrokerOperationKind;

struct BrokerOperation
{
  BrokerAccessory *accessory; /* a reference */
  GDBusMethodInvocation *invocation;
  const BrokerOperationKind *kind;
  BrokerAttribute attribute;
  guint16 offset;
  gboolean without_response;
  gboolean reconnects;
  GBytes *value; /* to write */
  BrokerHold *hold;
  gboolean is_second; /* the link was lost under the first attempt */
};

/* Names the attribute by the first parameters and the options, checks the permission and the
 * bounds, gets the link and calls the @kind's function. Takes @value. Answers @invocation itself
 * where it comes to nothing. */
void broker_operation_start (BrokerAccessory *accessory,
                             GDBusMethodInvocation *invocation,
                             GVariant *options,
                             const BrokerOperationKind *kind,
                             GBytes *value);
/* Whether the permission holds still: to be asked after every wait. */
gboolean broker_operation_check (BrokerOperation *operation, GError **error);
/* The attribute in the accessory's database; 0: there is none. */
BleAttributeId broker_operation_find (BleRadio *radio,
                                      BleDeviceId device,
                                      const BrokerAttribute *attribute);
/* Answers, and frees the operation. A floating @reply is consumed. */
void broker_operation_finish (BrokerOperation *operation, GVariant *reply);
/* The same for an @error of the radio or of the contract; but where only the link had gone meanwhile, it is made
 * anew, once, and the function called again. */
void broker_operation_fail (BrokerOperation *operation, const GError *error);
/* Frees the operation, which was answered. */
void broker_operation_free (BrokerOperation *operation);

/* ---- methods that are elsewhere ---- */

void broker_accessory_handle_get_services (gpointer object,
                                           GDBusMethodInvocation *invocation,
                                           GVariant *parameters,
                                           GVariant *options);
void broker_accessory_handle_read_value (gpointer object,
                                         GDBusMethodInvocation *invocation,
                                         GVariant *parameters,
                                         GVariant *options);
void broker_accessory_handle_write_value (gpointer object,
                                          GDBusMethodInvocation *invocation,
                                          GVariant *parameters,
                                          GVariant *options);
void broker_accessory_handle_read_descriptor (gpointer object,
                                              GDBusMethodInvocation *invocation,
                                              GVariant *parameters,
                                              GVariant *options);
void broker_accessory_handle_write_descriptor (gpointer object,
                                               GDBusMethodInvocation *invocation,
                                               GVariant *parameters,
                                               GVariant *options);
void broker_accessory_handle_acquire_notify (gpointer object,
                                             GDBusMethodInvocation *invocation,
                                             GVariant *parameters,
                                             GVariant *options);
void broker_accessory_handle_acquire_write (gpointer object,
                                            GDBusMethodInvocation *invocation,
                                            GVariant *parameters,
                                            GVariant *options);
void broker_accessory_handle_refresh (gpointer object,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *parameters,
                                      GVariant *options);
void broker_accessory_handle_watch (gpointer object,
                                    GDBusMethodInvocation *invocation,
                                    GVariant *parameters,
                                    GVariant *options);
void broker_accessory_handle_unwatch (gpointer object,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *parameters,
                                      GVariant *options);
