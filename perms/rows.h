/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of the permission database as plain structs, and change sets of them. A row
 * is always written whole; its revision grows with every write, and the store refuses a
 * row whose revision is not greater than the stored one. Rows know how to be copied and
 * freed, nothing else: who may write which row is decided in plan.h. */

#pragma once

#include <glib.h>

#include "perms/key.h"
#include "perms/scope.h"
#include "perms/types.h"

#define PERMS_NAME_MAX \
  248 /* bytes of a display name (GAP device name, Core 5.3, Vol 3, Part C, 12.1) */
#define PERMS_KIND_MAX 32 /* bytes of a device kind */

/* Who decided: stored with every row. */
typedef struct
{
  PermsReason reason;
  gint64 time_s;      /* Unix time, seconds */
  GRefString *device; /* the deciding device: "local" or a companion */
  guint64 revision;   /* 1 and up; 0: not stored yet */
} PermsDecision;

/* A companion of this machine (the local device has no row). */
typedef struct
{
  guint32 uid;
  GRefString *name; /* the key, perms_device_is_valid () */
  GRefString *kind; /* "watch", "phone", …: a word for people */
  gboolean is_host; /* in this link the other side is the host */
  guint32 order;    /* of linking, 1 and up; 0: not linked */
  PermsSync sync;   /* of the link */
  PermsConsent consent;
  gboolean removed; /* gone; kept so that old reports stay old */
  guint64 floor;    /* reports with this revision or less are stale */
  PermsDecision decision;
} PermsDevice;

/* An app on a device: what it declared, who it is, and its Bluetooth row. */
typedef struct
{
  GRefString *app;
  GRefString *device;
  gboolean installed;
  PermsAccess asks;
  PermsStrength strength;
  GRefString *fingerprint; /* the accepted identity, "" for kinds without one */
  GRefString *changed_to;  /* seen and not confirmed; NULL: none */
  PermsBluetooth bluetooth;
  PermsManaged managed;
  gboolean waiting;        /* a snapshot waits for the install (copy-once) */
  PermsBluetooth snapshot; /* NOT_DETERMINED: an empty one */
  gboolean conflict;       /* this companion is in the conflict set (mirrored) */
  PermsDecision decision;  /* of the Bluetooth row; the revision covers all fields */
} PermsInstall;

/* An accessory grant, or the tombstone of one. */
typedef struct
{
  /* what decisions look at comes first: it fits into one or two lines of the processor's
   * cache */
  GRefString *app;
  GRefString *device;
  PermsAccessory accessory;
  PermsScope *scope;
  gint64 until_s; /* end of PERMS_LIFETIME_UNTIL, Unix time; else 0 */
  PermsLifetime lifetime : 8;
  PermsGrantState state : 8;
  PermsPairing pairing : 8;
  guint16 kind; /* of accessory, a number of the caller's; 0: unknown */
  PermsId id;   /* what the app knows the accessory by; stable for ever */
  GRefString *name;
  PermsDecision decision;
} PermsGrant;

/* What this machine knows of an accessory's bond, whoever's it is. */
typedef struct
{
  PermsAccessory accessory;
  PermsPairing pairing;  /* the strongest that ever ran: a weaker one is a downgrade */
  gboolean bonded_by_us; /* we made the bond, so we may undo it */
  PermsDecision decision;
} PermsBond;

/* A pairing that was begun: written before Pair (), removed with the grant. Found at
 * start, it says what to undo: a bond that was not there before. */
typedef struct
{
  GRefString *app;
  GRefString *device;
  PermsAccessory accessory;
  gboolean was_bonded;
  gint64 time_s;
} PermsPending;

/* ---- making, copying, freeing ---- */

PermsDevice *perms_device_copy (const PermsDevice *device);
void perms_device_free (PermsDevice *device);
PermsInstall *perms_install_copy (const PermsInstall *install);
void perms_install_free (PermsInstall *install);
PermsGrant *perms_grant_copy (const PermsGrant *grant);
void perms_grant_clear (PermsGrant *grant);
void perms_grant_free (PermsGrant *grant);
PermsPending *perms_pending_copy (const PermsPending *pending);
void perms_pending_free (PermsPending *pending);
PermsBond *perms_bond_copy (const PermsBond *bond);
void perms_bond_free (PermsBond *bond);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsDevice, perms_device_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsInstall, perms_install_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsGrant, perms_grant_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsPending, perms_pending_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsBond, perms_bond_free)

/* Replace a shared string that the row owns: perms_string_set (&grant->name, "Strap"). */
void perms_string_set (GRefString **field, const char *text);

/* The grant is in force at @now_s: its state is live and its time is not over. */
gboolean perms_grant_is_in_force (const PermsGrant *grant, gint64 now_s);

/* ---- change sets ---- */

typedef enum
{
  PERMS_CHANGE_NONE = 0,
  PERMS_CHANGE_DEVICE,  /* put; removed devices take their installs and grants along */
  PERMS_CHANGE_INSTALL, /* put */
  PERMS_CHANGE_GRANT,   /* put */
  PERMS_CHANGE_BOND,    /* put */
  PERMS_CHANGE_PENDING, /* put */
  PERMS_CHANGE_PENDING_END, /* delete the pending row of this accessory */
} PermsChangeKind;

typedef struct
{
  PermsChangeKind kind;
  const char *event; /* static: the verb that the journal keeps, "pick", "revoke", … */
  union
  {
    gpointer row;
    PermsDevice *device;
    PermsInstall *install;
    PermsGrant *grant;
    PermsBond *bond;
    PermsPending *pending; /* PENDING and PENDING_END */
  };
} PermsChange;

#define PERMS_CHANGES_MAX 100000 /* rows in one change set */

/* A list of changes that happen together or not at all. Reference counted; must not be
 * changed once it was handed to a store, queue or cache. */
typedef struct _PermsChanges PermsChanges;

PermsChanges *perms_changes_new (void);
PermsChanges *perms_changes_ref (PermsChanges *changes);
void perms_changes_unref (PermsChanges *changes);
guint perms_changes_get_length (const PermsChanges *changes);
const PermsChange *perms_changes_get (const PermsChanges *changes, guint index);

/* Adds a row, which the change set takes over. @event must be a static string. */
void perms_changes_take (PermsChanges *changes,
                         PermsChangeKind kind,
                         const char *event,
                         gpointer row);

/* Returns: (transfer full): the same rows, each one revision later: for a taking-away that another change of the same row
 * overtook. */
PermsChanges *perms_changes_dup_raised (const PermsChanges *changes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsChanges, perms_changes_unref)
