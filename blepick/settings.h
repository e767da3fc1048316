/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/settings.h: what the verbs about permissions share: the lists of Permissions1, who is
 * meant by a word, and single members in JSON. Prints nothing. */

#pragma once

#include "blepick/bus.h"

#define BLEPICK_SETTINGS_PAGE 1000 /* entries of the journal in one answer */

/* aa{sv} of Permissions1, or NULL. */
GVariant *blepick_settings_list_policies (BlepickBus *bus, GError **error);
GVariant *blepick_settings_list_apps (BlepickBus *bus, GError **error);
GVariant *blepick_settings_list_grants (BlepickBus *bus, GError **error);
GVariant *blepick_settings_list_rows (BlepickBus *bus, GError **error);
/* Newest first. @app: a key or NULL; @before: a sequence, 0: from the end. */
GVariant *blepick_settings_history (BlepickBus *bus,
                                    const char *app,
                                    guint64 before,
                                    GError **error);

/* By key, by id, by a prefix of it that is unique, or by the last part of a path. Errors: no-such, ambiguous. */
GVariant *
blepick_settings_select_app (GVariant *apps, const char *selector, GError **error);
/* The same, "@last": the app of the newest decision about an accessory, and apps of companions. Returns: (transfer full): its key. */
char *blepick_settings_find_app (BlepickBus *bus, const char *selector, GError **error);

/* An accessory by id, unique prefix of 4 or more, unique name in any case, or "@last"; of @app (a key) first, then of any
 * app. Errors: no-such, ambiguous, with the candidates. */
GVariant *blepick_settings_select_grant (GVariant *grants,
                                         const char *app,
                                         const char *selector,
                                         GError **error);

/* A member called @name, null where @dict has no @key. */
void blepick_settings_add_string (JsonBuilder *builder,
                                  GVariant *dict,
                                  const char *key,
                                  const char *name);
/* False where @dict has no @key. */
void blepick_settings_add_flag (JsonBuilder *builder,
                                GVariant *dict,
                                const char *key,
                                const char *name);
/* A member called @name: the strings of @list (as), none where that is NULL. */
void
blepick_settings_add_strings (JsonBuilder *builder, GVariant *list, const char *name);
void blepick_settings_add_time (JsonBuilder *builder,
                                GVariant *dict,
                                const char *key,
                                const char *name);
