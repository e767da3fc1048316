/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/migrations.h: accessories that an app used before there was a broker: bonded with this computer,
 * and known to the app by their addresses. Finds them and, once the person has agreed, stores their
 * grants. Asks nobody itself. */

#pragma once

#include "ble/radio.h"
#include "broker/permissions.h"
#include "broker/picker-request.h"

typedef struct BrokerMigrations BrokerMigrations;

/* @count of @caller's app were taken over: @ids is a floating `as`. */
typedef void (*BrokerMigratedFunc) (const BrokerCaller *caller,
                                    guint count,
                                    GVariant *ids,
                                    gpointer user_data);

/* Both must outlive the migrations. */
BrokerMigrations *broker_migrations_new (BleRadio *radio, BrokerPermissions *permissions);
void broker_migrations_free (BrokerMigrations *self);
void broker_migrations_set_observer (BrokerMigrations *self,
                                     BrokerMigratedFunc migrated,
                                     gpointer user_data);

/* Returns: (transfer full): a floating `as`, the names of what @request brings along: bonded now, and not @caller's yet. */
GVariant *broker_migrations_list_names (BrokerMigrations *self,
                                        const BrokerCaller *caller,
                                        const BrokerPickerRequest *request);

/* Stores the grants of what @request (borrowed until the finish) brings along, one after the other, and tells the
 * observer. Finish returns (transfer full) the ids, `as`, or NULL when one could not be stored. */
void broker_migrations_run_async (BrokerMigrations *self,
                                  BrokerCaller *caller,
                                  const char *session_path,
                                  const BrokerPickerRequest *request,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GVariant *broker_migrations_run_finish (GAsyncResult *result, GError **error);
