/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of the users that have called, in memory: look-ups and decisions at memory
 * speed, a million grants at less than 200 bytes each. One thread. Must not reach for
 * the store: whoever owns both loads rows here, and puts change sets here when they are
 * durable (giving access) or before they are (taking it away). */

#pragma once

#include <glib.h>

#include "perms/family.h"
#include "perms/managed.h"
#include "perms/policy.h"
#include "perms/rows.h"
#include "perms/store.h"

typedef struct _PermsCache PermsCache;

PermsCache *perms_cache_new (void);
void perms_cache_free (PermsCache *cache);

/* Takes over a user's rows as loaded. Rows that the cache has with the same or a higher
 * revision stay. */
void perms_cache_take_user (PermsCache *cache, PermsUserRows *rows);
gboolean perms_cache_has_user (const PermsCache *cache, guint32 uid);
/* Forgets everything of a user, e.g. when the store was moved aside. */
void perms_cache_drop_user (PermsCache *cache, guint32 uid);

/* Makes @changes visible. Rows with a revision that is not greater than the one held are
 * skipped, and so are those of a companion that is removed; bonds and pending rows are none of the cache's business, and a user who was
 * not loaded is loaded with these rows alone. */
void perms_cache_put (PermsCache *cache, const PermsChanges *changes);

/* Takes @set over (NULL: no policies); decisions heed it from now on. The managed
 * Bluetooth rows follow by perms_plan_policy () (plan.h). */
void perms_cache_take_managed (PermsCache *cache, PermsManagedSet *set);
const PermsManagedSet *perms_cache_get_managed (const PermsCache *cache);

/* Whether the adapter of a user's device is on (the start value); not stored. */
void
perms_cache_set_adapter (PermsCache *cache, guint32 uid, const char *device, gboolean on);

/* ---- look-ups: NULL for none; valid until the next put, take or drop ---- */

const PermsDevice *
perms_cache_lookup_device (const PermsCache *cache, guint32 uid, const char *device);
const PermsInstall *
perms_cache_lookup_install (const PermsCache *cache, const char *app, const char *device);
/* Tombstones too: look at the state. */
const PermsGrant *perms_cache_lookup_grant (const PermsCache *cache,
                                            const char *app,
                                            const char *device,
                                            PermsAccessory accessory);
/* By the id that the app knows, on @device. */
const PermsGrant *perms_cache_lookup_id (const PermsCache *cache,
                                         const char *app,
                                         const char *device,
                                         const PermsId *id);

/* ---- lists: return FALSE from the function to stop; it must not change the cache ---- */

typedef gboolean (*PermsDeviceFunc) (const PermsDevice *device, gpointer user_data);
typedef gboolean (*PermsInstallFunc) (const PermsInstall *install, gpointer user_data);
typedef gboolean (*PermsGrantFunc) (const PermsGrant *grant, gpointer user_data);

/* In the order of linking, unlinked ones last; removed ones are left out. */
void perms_cache_foreach_device (const PermsCache *cache,
                                 guint32 uid,
                                 PermsDeviceFunc func,
                                 gpointer user_data);
/* Of a user (@app NULL), or of one app of that user. */
void perms_cache_foreach_install (const PermsCache *cache,
                                  guint32 uid,
                                  const char *app,
                                  PermsInstallFunc func,
                                  gpointer user_data);
/* Tombstones too. */
void perms_cache_foreach_grant (const PermsCache *cache,
                                guint32 uid,
                                const char *app,
                                PermsGrantFunc func,
                                gpointer user_data);

guint perms_cache_count_grants (const PermsCache *cache, const char *app);

/* When the next grant with an end ends (Unix time, seconds), after which
 * perms_plan_expire () has something to do; G_MAXINT64: none has an end. */
gint64 perms_cache_next_expiry (const PermsCache *cache);

/* ---- decisions ---- */

/* Finds the rows and asks perms_policy_decide (). A user who was not loaded has no rows. */
PermsVerdict perms_cache_decide (const PermsCache *cache,
                                 const PermsRequest *request,
                                 gint64 now_s,
                                 PermsCause *ret_cause);

/* The app on all linked devices of its person, the host first, as of @now_s; accessories
 * are in perms_accessory_format (). */
PermsFamily *
perms_cache_build_family (const PermsCache *cache, const char *app, gint64 now_s);

/* The family that @device belongs to, and its place there: a device that is not linked is
 * a family of its own. */
PermsFamily *perms_cache_build_family_of (const PermsCache *cache,
                                          const char *app,
                                          const char *device,
                                          gint64 now_s,
                                          guint *ret_index);

/* What person and app see of @app on @device: perms_family_derive () of that family. The
 * list of accessories is left out (NULL). */
PermsDerived perms_cache_derive (const PermsCache *cache,
                                 const char *app,
                                 const char *device,
                                 gint64 now_s);

/* Bytes that the cache holds for its rows, for the benchmark. */
gsize perms_cache_measure (const PermsCache *cache);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsCache, perms_cache_free)
