/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/user-helpers.h: UserHelper1: what each person's blepick-session reports of the home
 * directory, and apps that it is asked to start. Believes a helper for its own uid alone.
 * Draws no conclusions from the reports. */

#pragma once

#include <gio/gio.h>

#include "broker/clients.h"
#include "broker/identity.h"

#define BROKER_HELPER_APPS_MAX      256                   /* a person */
#define BROKER_HELPER_MANIFESTS_MAX ((gsize) 1024 * 1024) /* bytes a person */

/* An app is asked to start once in this time. */
#define BROKER_HELPER_START_MS 30000

typedef struct BrokerUserHelpers BrokerUserHelpers;

/* What is known of @uid's home directory has changed. */
typedef void (*BrokerHomeChangedFunc) (guint32 uid, gpointer user_data);

/* Serves UserHelper1. @helper_app: who may be a helper, "KIND:ID" of kind path, or in tests
 * another; @identity and @clients must outlive the helpers. */
BrokerUserHelpers *broker_user_helpers_new (GDBusConnection *connection,
                                            BrokerIdentity *identity,
                                            BrokerClients *clients,
                                            const char *helper_app,
                                            BrokerHomeChangedFunc changed,
                                            gpointer user_data,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void broker_user_helpers_free (BrokerUserHelpers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerUserHelpers, broker_user_helpers_free)

/* The text of a manifest that was reported, or NULL; a BrokerHomeManifestFunc, @user_data
 * being the helpers. Borrowed until the next report. */
GBytes *broker_user_helpers_find_manifest (guint32 uid,
                                           gboolean is_flatpak,
                                           const char *id,
                                           gpointer user_data);

/* Whether @uid's helper is there and has reported all that there is. */
gboolean broker_user_helpers_is_complete (BrokerUserHelpers *self, guint32 uid);
/* Whether it reported that app. */
gboolean broker_user_helpers_has_app (BrokerUserHelpers *self,
                                      guint32 uid,
                                      gboolean is_flatpak,
                                      const char *id);
/* When it said that the app is gone (seconds since 1970); 0: it did not. */
gint64 broker_user_helpers_get_removal_s (BrokerUserHelpers *self,
                                          guint32 uid,
                                          gboolean is_flatpak,
                                          const char *id);

/* Asks @uid's helper to start @id on its session bus. FALSE: there is no helper, or it was
 * asked a moment ago (BROKER_HELPER_START_MS). */
gboolean broker_user_helpers_start (BrokerUserHelpers *self, guint32 uid, const char *id);
