/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions.h: the broker's side of perms/: the cache that answers at memory
 * speed and the store behind it, whose answers come when they are durable. Turns callers, addresses and wanted services into the words of
 * perms/ and its verdicts into errors of the contract. Decides nothing itself. */

#pragma once

#include <gio/gio.h>

#include "ble/address.h"
#include "ble/blocklist.h"
#include "ble/descriptor.h"
#include "ble/names.h"
#include "ble/radio.h"
#include "broker/caller.h"
#include "perms/managed.h"
#include "perms/types.h"

typedef struct BrokerPermissions BrokerPermissions;

typedef enum
{
  BROKER_LIFETIME_ALWAYS = 0,
  BROKER_LIFETIME_UNTIL, /* until_s */
  BROKER_LIFETIME_ONCE,  /* until the session that picked ends */
} BrokerLifetime;

/* A grant as it is handed to the store. Everything is borrowed for the call. */
typedef struct
{
  BleAddress address;         /* identity address */
  BleAddress pending_address; /* the one that was said before Pair() */
  const char *name;           /* sanitised */
  BleKind kind;
  const BleWantedService *services;
  guint n_services;
  BrokerLifetime lifetime;
  gint64 until_s;           /* seconds since 1970 */
  const char *session_path; /* of the session that picked */
  BlePairMethod method;     /* how the bond came to be; NONE: there is none */
  gboolean bonded_by_us;
  gboolean awaiting; /* until the app has finished, or its session ends */
  gboolean migrated; /* the app brought it along */
} BrokerGrantRequest;

/* A grant as it is stored. Valid until the main loop runs again. */
typedef struct
{
  const char *id; /* opaque: 32 hexadecimal digits */
  const char *app;
  uid_t uid;
  BleAddress address;
  const char *name;
  BleKind kind;
  BlePairMethod method;
  gboolean bonded_by_us;
  gboolean awaiting; /* authorization by the app */
  BrokerLifetime lifetime;
  gint64 until_s;
  gint64 granted_at_s;
  const BleWantedService *services;
  guint n_services;
} BrokerGrant;

#define BROKER_PERMISSIONS_FILE "permissions.db" /* in the state directory */

/* What made access to a grant end; the cause word of event 31. */
typedef void (*BrokerRevokedFunc) (const BrokerGrant *grant,
                                   const char *cause,
                                   gpointer user_data);
/* @paired: with it a pairing of ours has ended. */
typedef void (*BrokerGrantedFunc) (const BrokerGrant *grant,
                                   gboolean paired,
                                   gpointer user_data);

/* Opens the store in @directory. A store from a newer version, or one that cannot be written, is an error; a damaged one
 * is put aside, and broker_permissions_store_state() says so. @blocklist: taken over. */
BrokerPermissions *broker_permissions_new (const char *directory,
                                           BleBlocklist *blocklist,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void broker_permissions_free (BrokerPermissions *permissions);

/* As Broker1.StoreState: "ok", "behind", "read-only" or "moved-aside". */
const char *broker_permissions_store_state (BrokerPermissions *permissions);

/* One more than before when the store was put aside: everybody's apps are unknown then. */
guint broker_permissions_store_generation (BrokerPermissions *permissions);

/* @revoked is called before the store is written, when the memory already denies: shut the sockets there.
 * @granted is called when a grant is durable and in force. */
void broker_permissions_set_observer (BrokerPermissions *permissions,
                                      BrokerGrantedFunc granted,
                                      BrokerRevokedFunc revoked,
                                      gpointer user_data);

/* @changed is called once for many changes of rows of any kind or of the store's state, from the
 * main loop. */
typedef void (*BrokerChangedFunc) (gpointer user_data);
void broker_permissions_set_changed (BrokerPermissions *permissions,
                                     BrokerChangedFunc changed,
                                     gpointer user_data);

/* Whether rows of @uid are among those that changed. Within BrokerChangedFunc only. */
gboolean broker_permissions_has_changed (BrokerPermissions *permissions, uid_t uid);

/* Loads and verifies the rows of @caller's user; at once when they are there. To be awaited before anything else is asked for
 * that user. The caller's app is known from then on, with what it declares (@asks). */
void broker_permissions_load_async (BrokerPermissions *permissions,
                                    BrokerCaller *caller,
                                    PermsAccess asks,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean broker_permissions_load_finish (BrokerPermissions *permissions,
                                         GAsyncResult *result,
                                         GError **error);

/* Loads every user who has rows: for questions that are about all of them. Users that cannot be loaded are
 * left out, and nothing is known of them. */
void broker_permissions_load_all_async (BrokerPermissions *permissions,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean broker_permissions_load_all_finish (BrokerPermissions *permissions,
                                             GAsyncResult *result,
                                             GError **error);

/* The managed policies from now on, taken over; in force when this returns, and the observer has been
 * told of every grant that they close or open again. Sockets of single services are for the caller to
 * check. */
void
broker_permissions_take_managed (BrokerPermissions *permissions, PermsManagedSet *set);

/* Checks the whole store in the worker; what is damaged is put aside then. After the start. */
void broker_permissions_verify (BrokerPermissions *permissions);

/* Whether the picker may be used at all by @caller, by policy and model: FALSE with PickerRestricted and its cause. */
gboolean broker_permissions_check_picker (BrokerPermissions *permissions,
                                          const BrokerCaller *caller,
                                          GError **error);

/* Of a service that repeats: the first that has the characteristic. */
#define BROKER_INSTANCE_ANY G_MAXUINT32

/* What of an accessory is asked for. */
typedef struct
{
  BleUuid service;
  BleUuid characteristic;
  BleUuid descriptor; /* of the characteristic, where @has_descriptor says so */
  gboolean has_descriptor;
  guint32
    service_instance; /* which of several, or BROKER_INSTANCE_ANY: the grant covers all */
  guint32 instance;
} BrokerAttribute;

/* Whether @caller may do @access (exactly one BleAccess) to an attribute now. A memory look-up. FALSE with NotPermitted and its cause; an accessory that is
 * not granted and one that does not exist answer alike. The descriptors that configure notifications are never writable,
 * whatever the grant and the blocklist say. */
gboolean broker_permissions_check (BrokerPermissions *permissions,
                                   const BrokerCaller *caller,
                                   const char *accessory_id,
                                   const BrokerAttribute *attribute,
                                   BleAccess access,
                                   GError **error);

/* The same for the accessory as a whole: to connect, to list. */
gboolean broker_permissions_check_accessory (BrokerPermissions *permissions,
                                             const BrokerCaller *caller,
                                             const char *accessory_id,
                                             GError **error);

/* Whether @caller's app has or had a grant under that id: its Accessory1 is there, if only to say that it is over. */
gboolean broker_permissions_knows (BrokerPermissions *permissions,
                                   const BrokerCaller *caller,
                                   const char *accessory_id);

/* NULL when @caller has no grant in force under that id, or of that address. */
const BrokerGrant *broker_permissions_find (BrokerPermissions *permissions,
                                            const BrokerCaller *caller,
                                            const char *accessory_id);
const BrokerGrant *broker_permissions_find_address (BrokerPermissions *permissions,
                                                    const BrokerCaller *caller,
                                                    const BleAddress *address);
void
broker_permissions_foreach (BrokerPermissions *permissions,
                            const BrokerCaller *caller,
                            void (*func) (const BrokerGrant *grant, gpointer user_data),
                            gpointer user_data);
/* How many grants in force anybody has on @address, of the users that are loaded (see
 * broker_permissions_load_all_async()). */
guint broker_permissions_count_address (BrokerPermissions *permissions,
                                        const BleAddress *address);

/* Says before Pair() what we are about to do, durably: after a crash only a bond that we made is undone. */
void broker_permissions_begin_pairing_async (BrokerPermissions *permissions,
                                             BrokerCaller *caller,
                                             const BleAddress *address,
                                             gboolean was_bonded,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
gboolean broker_permissions_begin_pairing_finish (BrokerPermissions *permissions,
                                                  GAsyncResult *result,
                                                  GError **error);
/* Takes that back when the pairing came to nothing and its bond is undone. @caller: NULL for what a crash cut off. */
void broker_permissions_end_pairing_async (BrokerPermissions *permissions,
                                           BrokerCaller *caller,
                                           const BleAddress *address,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean broker_permissions_end_pairing_finish (BrokerPermissions *permissions,
                                                GAsyncResult *result,
                                                GError **error);
/* Notes, in memory and in the store, a bond of ours that came to nothing and could not be removed yet. */
void broker_permissions_keep_pairing (BrokerPermissions *permissions,
                                      BrokerCaller *caller,
                                      const BleAddress *address);
/* Whether a person verified the bond with @address when it was made: not by Just Works, and not by we know not what. */
gboolean broker_permissions_is_verified (BrokerPermissions *permissions,
                                         const BleAddress *address);
/* Addresses (BleAddress) of bonds that are left half-made: not bonded before, no grant stored. */
GArray *broker_permissions_dup_pending (BrokerPermissions *permissions);

/* Stores a grant and clears the pending row in one transaction. Finish returns (transfer full) the accessory id, which is the one that @caller's
 * app had for this accessory before, if it had one; only when the grant is on disk and in memory. */
void broker_permissions_grant_async (BrokerPermissions *permissions,
                                     BrokerCaller *caller,
                                     const BrokerGrantRequest *request,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
char *broker_permissions_grant_finish (BrokerPermissions *permissions,
                                       GAsyncResult *result,
                                       GError **error);

/* Memory and observers first, then the store. @cause: "app" or "user". */
void broker_permissions_revoke_async (BrokerPermissions *permissions,
                                      BrokerCaller *caller,
                                      const char *accessory_id,
                                      const char *cause,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean broker_permissions_revoke_finish (BrokerPermissions *permissions,
                                           GAsyncResult *result,
                                           GError **error);

/* Ends every grant in force on @address, whoever's it is: cause "policy". Memory and observers first; not waited for. */
void broker_permissions_end_address (BrokerPermissions *permissions,
                                     const BleAddress *address);

/* Of a revocation or denial of @address for @caller's app: a number that grows with every one; 0: there is none. */
guint64 broker_permissions_get_denial (BrokerPermissions *permissions,
                                       const BrokerCaller *caller,
                                       const BleAddress *address);

/* Whether @address was paired once by a stronger method than @method. */
gboolean broker_permissions_is_downgrade (BrokerPermissions *permissions,
                                          const BleAddress *address,
                                          BlePairMethod method);

/* @name: sanitised. */
void broker_permissions_rename_async (BrokerPermissions *permissions,
                                      BrokerCaller *caller,
                                      const char *accessory_id,
                                      const char *name,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean broker_permissions_rename_finish (BrokerPermissions *permissions,
                                           GAsyncResult *result,
                                           GError **error);

/* The bond with @address is removed: what comes later is not ours to undo. Not waited for. */
void broker_permissions_take_unbonded (BrokerPermissions *permissions,
                                       const BleAddress *address);

/* The session is over: its grants of lifetime "once" end. */
void broker_permissions_end_session (BrokerPermissions *permissions,
                                     const BrokerCaller *caller,
                                     const char *session_path);

/* Waits until everything that was asked for is on disk. Before leaving. */
void broker_permissions_flush (BrokerPermissions *permissions);
