/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-private.h: what the files permissions*.c share. Nobody else
 * includes it. */

#pragma once

#include "ble/blocklist.h"
#include "broker/permissions-apps.h"
#include "broker/permissions.h"
#include "perms/cache.h"
#include "perms/commit-queue.h"
#include "perms/plan.h"

struct BrokerPermissions
{
  grefcount refs; /* one of the owner, one of each job under way */
  GMainContext *context;
  PermsCommitQueue *queue; /* NULL after broker_permissions_flush() */
  PermsCache *cache;
  BleBlocklist *blocklist;
  gboolean moved_aside;
  gboolean unwritable; /* the last commit said so */
  GPtrArray *behind;   /* PermsChanges that took away and are not stored yet */
  guint behind_source;
  gboolean catching_up;
  GArray *stored_uids; /* guint32: users with rows at the start */
  GArray *loaded_uids; /* guint32 */
  guint generation;    /* of the store: one more whenever a fresh one is begun */
  GHashTable *loading; /* uid → GPtrArray of GTask */
  GHashTable *bonds;   /* PermsAccessory → PermsBond */
  GHashTable *pending; /* PermsAccessory → GPtrArray of PermsPending: what a crash left */
  GHashTable *busy;    /* key of a row → GQueue of jobs that wait for it */
  GHashTable *closing; /* key of a row that is being taken away */
  GHashTable *told;    /* the same, where the observer was told before its turn came */
  GHashTable *once;    /* path of a session → GPtrArray of keys of rows */
  GPtrArray *lent;     /* BrokerGrant: freed at the next turn of the loop */
  guint return_source;
  guint expiry_source;
  guint tidy_source;
  GPtrArray *opened;  /* BrokerOpened: reached by the Bluetooth row alone, never stored */
  gboolean power_off; /* Bluetooth is off here */
  GHashTable *changed_uids; /* uid: whose rows have changed */
  guint changed_source;     /* rows have changed, and nobody was told yet */
  BrokerChangedFunc changed;
  gpointer changed_data;
  BrokerGrantedFunc granted;
  BrokerRevokedFunc revoked;
  gpointer observer_data;
  BrokerSeenUserFunc loaded;
  gpointer loaded_data;
};

BrokerPermissions *broker_permissions_ref (BrokerPermissions *permissions);
void broker_permissions_unref (BrokerPermissions *permissions);

gint64 broker_permissions_now_s (void);

/* An accessory that one connection reaches without a grant. */
typedef struct
{
  PermsGrant *row; /* in the form of a grant; its id is all that counts */
  BrokerCaller *caller;
} BrokerOpened;

GPtrArray *broker_permissions_make_opened (void);
const PermsGrant *broker_permissions_find_opened (BrokerPermissions *permissions,
                                                  const BrokerCaller *caller,
                                                  const PermsId *id);

/* Makes @changes visible, here and to whoever watches rows: broker_permissions_set_changed(). */
void broker_permissions_put (BrokerPermissions *permissions, PermsChanges *changes);

/* Where a commit or a load comes back, on the main loop. @rows: of a load, taken over. Of a
 * store that was put aside meanwhile: PERMS_ERROR_STALE. */
typedef void (*BrokerStoredFunc) (BrokerPermissions *permissions,
                                  PermsUserRows *rows,
                                  const GError *error,
                                  gpointer user_data);

void broker_permissions_commit (BrokerPermissions *permissions,
                                PermsChanges *changes,
                                BrokerStoredFunc done,
                                gpointer user_data);

/* Ends @task (taken) when the rows of @uid are in memory. */
void
broker_permissions_load_user (BrokerPermissions *permissions, guint32 uid, GTask *task);

/* A grant for the rest of the broker, valid until the loop runs again. */
const BrokerGrant *
broker_permissions_lend (BrokerPermissions *permissions, const PermsGrant *row);

/* Key of the row of one grant; and whether it is being taken away. */
char *broker_permissions_make_key (const char *app, PermsAccessory accessory);
/* Of the Bluetooth rows, companions and links of a user: one change moves rows of several devices. */
char *broker_permissions_make_rows_key (uid_t uid);
gboolean
broker_permissions_is_closing (BrokerPermissions *permissions, const PermsGrant *row);

/* The row of @accessory_id if it is in force, else NULL. */
const PermsGrant *broker_permissions_find_row (BrokerPermissions *permissions,
                                               const BrokerCaller *caller,
                                               const char *accessory_id);

/* ---- changes that somebody waits for ---- */

/* How often a change is planned again because another one came first. */
#define BROKER_CHANGE_ATTEMPTS_MAX 4

typedef struct BrokerChange BrokerChange;
typedef void (*BrokerChangeFunc) (GTask *task, BrokerChange *change);

/* A change under way; the task data of its GTask. */
struct BrokerChange
{
  BrokerPermissions *permissions;
  BrokerCaller *caller;
  char *key; /* of the grant's row */
  PermsAccessory accessory;
  BrokerChangeFunc start;
  PermsChanges *changes;
  guint attempts;
  PermsId id;
  /* giving */
  PermsGrant *wanted;
  gboolean bonded_by_us;
  gboolean migrated;
  char *session_path; /* of a grant of lifetime "once" */
  /* extending */
  PermsScope *scope;
  /* answering */
  gboolean allow;
  /* renaming */
  char *name;
  /* taking away */
  PermsGrantState end;
  /* settings */
  guint verb; /* BrokerSettingVerb */
  char *app;
  char *device;
  gboolean takes; /* access away */
  gpointer about; /* what else its start() wants to know */
  GDestroyNotify free_about;
};

/* A task with its change. */
GTask *broker_change_new (BrokerPermissions *permissions,
                          BrokerCaller *caller,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* Calls start() when no other change of the same key is under way. */
void broker_change_start (GTask *task);
/* Ends the turn of @task, which is dropped, and lets the next one begin. */
void broker_change_finish (GTask *task);
void broker_change_return_error (GTask *task, GError *error);
/* When a commit has ended with @error or NULL. FALSE: the change is planned anew, as its rows had
 * changed meanwhile (one that takes access away is in force and is not), or @task has its error. */
gboolean broker_change_is_stored (GTask *task, const GError *error);
PermsBy broker_change_by (PermsReason reason);
/* A PermsPending of that accessory. */
/* Adds the end of the caller's pairing of the accessory, if there is a caller, and of those that a
 * crash cut off. */
void broker_change_end_pairings (BrokerChange *change, const char *event);

/* @row, which is in force, is closed from here on, although another change of it may have to end
 * first: then its sockets are shut before that. End it when the turn has come. */
void broker_permissions_begin_closing (BrokerPermissions *permissions,
                                       const PermsGrant *row,
                                       const char *cause);
void broker_permissions_end_closing (BrokerPermissions *permissions, const char *key);

/* @row is of a bond that is to be removed. */
void broker_pending_remember (BrokerPermissions *permissions, const PermsPending *row);

/* Ends in memory what @changes end, tells the observer, stores it. */
void broker_permissions_take_away (BrokerPermissions *permissions,
                                   PermsChanges *changes,
                                   const char *cause,
                                   BrokerStoredFunc done,
                                   gpointer user_data);

/* Sets the clock for the next grant that ends by itself. */
void broker_permissions_arm_expiry (BrokerPermissions *permissions);

/* To be called after every commit: the store is tidied when none follows for a moment. */
void broker_permissions_arm_tidy (BrokerPermissions *permissions);

typedef void (*BrokerUserFunc) (BrokerPermissions *permissions, guint32 uid);

/* The managed rows of @uid, who is loaded, follow the policies; @done when they are stored, or
 * cannot be (which was logged). @done: NULL for nobody. */
void broker_permissions_follow_policies (BrokerPermissions *permissions,
                                         guint32 uid,
                                         BrokerUserFunc done);

/* Whoever watches rows is told that @uid has others now; or that the state of the store may
 * be another. */
void broker_permissions_note_changed (BrokerPermissions *permissions, guint32 uid);
void broker_permissions_note_store (BrokerPermissions *permissions);

/* @changes took something away, in memory, and could not be stored: tried again by itself,
 * and by broker_permissions_catch_up () at once. */
void
broker_permissions_note_behind (BrokerPermissions *permissions, PermsChanges *changes);
void broker_permissions_catch_up (BrokerPermissions *permissions);

/* The store contradicts itself: everything is denied, and a fresh one begun. */
void broker_permissions_start_anew (BrokerPermissions *permissions, const GError *error);
