/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Turns what somebody decided into an outcome and a change set, by the rules of the
 * permission model and on top of what a cache holds. Changes nothing itself. The caller
 * commits the change set and puts it into the cache: after the commit if it gives
 * access, before it if it takes access away. Two plans made on the same rows carry the
 * same revisions, so the store refuses the later one (PERMS_ERROR_STALE): plan again. */

#pragma once

#include <glib.h>

#include "perms/cache.h"
#include "perms/event.h"
#include "perms/rows.h"

#define PERMS_APP_GRANTS_MAX   1000 /* rows of one app, tombstones included */
#define PERMS_USER_DEVICES_MAX 64
#define PERMS_DEVICE_APPS_MAX  1000 /* apps that were ever on one companion */

/* The highest revision that a report may have: above it there is room for every change that is
 * decided here afterwards, so that no companion can have the last word. */
#define PERMS_REPORT_REVISION_MAX (G_GUINT64_CONSTANT (1) << 62)

/* Who decides, and when. @revision: for a report of a companion about itself the
 * revision that it sent; 0 for everything that is decided here. */
typedef struct
{
  PermsReason reason;
  gint64 time_s;
  const char *device;
  guint64 revision;
} PermsBy;

/* An event of the model on @app, @device being where it happens: UNINSTALL, LAUNCH,
 * PROMPT, SET, RESET, POLICY_ROW or SYNC. (INSTALL is perms_plan_register (), PICK is
 * perms_plan_grant (), FORGET is perms_plan_end (), CONSENT is perms_plan_consent (), and
 * adapters are not stored.) With by->revision, @device must be by->device and the
 * revision greater than the stored one: else refused, STALE. A report that is not stale
 * leaves its revision behind even where it is refused or has no effect: commit @changes
 * whatever the outcome is. A device that is not linked is its own family. The reason of the rows is the model's, except that by->reason CLI
 * replaces USER_SETTINGS. Changes are added to @changes. */
PermsOutcome perms_plan_event (const PermsCache *cache,
                               const char *app,
                               const char *device,
                               PermsEventKind kind,
                               PermsEventValue value,
                               const PermsBy *by,
                               PermsChanges *changes);

/* What is known of an app before or at its install. */
typedef struct
{
  const char *app;
  const char *device;
  PermsAccess asks;
  PermsStrength strength;
  const char *fingerprint;
} PermsAppFacts;

/* An app was seen: installs it if it is not (event INSTALL, the managed value first), and
 * notes a changed manifest or fingerprint. A changed fingerprint is only noted
 * (changed_to): access stays closed until perms_plan_confirm (). NO_EFFECT: all known. */
PermsOutcome perms_plan_register (const PermsCache *cache,
                                  const PermsAppFacts *facts,
                                  const PermsBy *by,
                                  PermsChanges *changes);

/* Whether a row of @app on @device has a place: there is one already, or there are fewer than
 * PERMS_DEVICE_APPS_MAX of that person on that companion. To be asked before what comes from
 * outside is planned. */
gboolean
perms_plan_has_room (const PermsCache *cache, const char *app, const char *device);

/* The person confirms that @app moved to the fingerprint that was noted. */
PermsOutcome perms_plan_confirm (const PermsCache *cache,
                                 const char *app,
                                 const char *device,
                                 const PermsBy *by,
                                 PermsChanges *changes);

/* A pick (reason USER_PICKER), a migration, or `allow` from the command line. Of @grant
 * these are read: app, device, accessory, id (a fresh random one), name, scope, lifetime,
 * until_s, pairing, state (ACTIVE or AWAITING). Only a pick asks the picker outcome. The
 * id that the app had for this accessory is kept; @ret_id says which id it is. An
 * existing grant in force: NO_EFFECT for a pick that adds nothing, else its scope,
 * lifetime and name are replaced. Errors (return FALSE): PERMS_ERROR_LIMIT, INVALID. */
gboolean perms_plan_grant (const PermsCache *cache,
                           const PermsGrant *grant,
                           const PermsBy *by,
                           PermsChanges *changes,
                           PermsOutcome *ret_outcome,
                           PermsId *ret_id,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Which grant. */
typedef struct
{
  const char *app;
  const char *device;
  PermsAccessory accessory;
} PermsGrantKey;

/* Ends a grant: @state is REMOVED (the app forgets), REVOKED (the person or an admin),
 * DENIED (the person refuses this accessory; works without a grant too, @id is then the
 * fresh random id of the row), EXPIRED. Unknown or already ended: refused, NO_GRANT;
 * but a REMOVED one can still become REVOKED or DENIED. @id may be NULL otherwise. */
PermsOutcome perms_plan_end (const PermsCache *cache,
                             const PermsGrantKey *key,
                             PermsGrantState state,
                             const PermsId *id,
                             const PermsBy *by,
                             PermsChanges *changes);

/* The app has finished its own set-up: AWAITING becomes ACTIVE. */
PermsOutcome perms_plan_finish (const PermsCache *cache,
                                const PermsGrantKey *key,
                                const PermsBy *by,
                                PermsChanges *changes);

/* The name the person chose: 1 to PERMS_NAME_MAX bytes of UTF-8. Error: INVALID. */
gboolean perms_plan_rename (const PermsCache *cache,
                            const PermsGrantKey *key,
                            const char *name,
                            const PermsBy *by,
                            PermsChanges *changes,
                            PermsOutcome *ret_outcome,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Observes expiry: grants whose end is at or before by->time_s become EXPIRED. With
 * @once also those of lifetime "once" and those AWAITING: at start, when no session
 * lives. Of @uid. Returns how many. */
guint perms_plan_expire (const PermsCache *cache,
                         guint32 uid,
                         gboolean once,
                         const PermsBy *by,
                         PermsChanges *changes);

/* The managed Bluetooth rows of all apps of @uid follow the policies in the cache: an
 * event POLICY_ROW for each that differs. Returns how many. */
guint perms_plan_policy (const PermsCache *cache,
                         guint32 uid,
                         const PermsBy *by,
                         PermsChanges *changes);

/* ---- companions ---- */

/* Whose a companion is, what it is called, and what it is. */
typedef struct
{
  guint32 uid;
  const char *name;
  const char *kind; /* a word */
} PermsNewDevice;

/* Adds a companion, or one that was removed before. @kind is a word. NO_EFFECT: it is
 * there. Errors: PERMS_ERROR_INVALID (name, kind, "local"), LIMIT. */
gboolean perms_plan_add_device (const PermsCache *cache,
                                const PermsNewDevice *device,
                                const PermsBy *by,
                                PermsChanges *changes,
                                PermsOutcome *ret_outcome,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Links it last, policy independent. @is_host: the other side is the host; a person has
 * at most one such link and then no companions of their own (refused: LOCKED). */
PermsOutcome perms_plan_link (const PermsCache *cache,
                              guint32 uid,
                              const char *device,
                              gboolean is_host,
                              const PermsBy *by,
                              PermsChanges *changes);

/* Unlink, and change of policy: no row changes; the waiting snapshot and the conflict of
 * that companion are dropped for every app. */
PermsOutcome perms_plan_unlink (const PermsCache *cache,
                                guint32 uid,
                                const char *device,
                                const PermsBy *by,
                                PermsChanges *changes);
PermsOutcome perms_plan_set_sync (const PermsCache *cache,
                                  guint32 uid,
                                  const char *device,
                                  PermsSync sync,
                                  const PermsBy *by,
                                  PermsChanges *changes);

/* Event CONSENT for every app of the person. */
PermsOutcome perms_plan_consent (const PermsCache *cache,
                                 guint32 uid,
                                 const char *device,
                                 gboolean allow,
                                 const PermsBy *by,
                                 PermsChanges *changes);

/* What an event SYNC for every app of the person has come to. */
typedef struct
{
  GPtrArray *copied;     /* char *: apps that have got a row or a snapshot */
  GPtrArray *mismatched; /* char *: apps of another publisher there: nothing was copied */
} PermsSynced;

PermsSynced *perms_synced_new (void);
void perms_synced_free (PermsSynced *synced);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsSynced, perms_synced_free)

/* Event SYNC for every app that either side of the link of @device has, or had. Refused:
 * NOT_LINKED, NO_CONSENT; without copy-once NO_EFFECT. */
PermsOutcome perms_plan_sync (const PermsCache *cache,
                              guint32 uid,
                              const char *device,
                              const PermsBy *by,
                              PermsChanges *changes,
                              PermsSynced *synced);

/* The companion reports that it has unlinked itself. The check is that of other reports. */
PermsOutcome perms_plan_report_unlink (const PermsCache *cache,
                                       guint32 uid,
                                       const char *device,
                                       const PermsBy *by,
                                       PermsChanges *changes);

/* The highest revision of all that is stored of @device: a report that is greater is new,
 * whatever it is about. 0: nothing. */
guint64
perms_plan_find_revision (const PermsCache *cache, guint32 uid, const char *device);

/* Removes a companion with its rows and grants. */
PermsOutcome perms_plan_remove_device (const PermsCache *cache,
                                       guint32 uid,
                                       const char *device,
                                       const PermsBy *by,
                                       PermsChanges *changes);
