/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/picking-private.h: one run of a picker, for the files of picking. */

#pragma once

#include "blepick/picking.h"

struct BlepickPicking
{
  const BlepickContext *context;
  BlepickBus *bus;
  char *broker; /* its unique name: nobody else may draw here */
  GMainLoop *loop;
  const BlepickView *view;
  gpointer user_data;
  char *picker; /* the picker's word */
  BlepickRows *rows;
  gboolean serves; /* the pickers of others */
  guint for_ms;
  guint end_timer;
  gboolean leaves; /* a picker that is shown after all is cancelled at once */
  guint leave_timer;
  GCancellable *choosing; /* one for the whole run */
  char *accessory;
  GError *error;
};

/* Of Presenter1; @user_data is the run. */
void blepick_picking_on_call (GDBusConnection *connection,
                              const char *sender,
                              const char *path,
                              const char *interface,
                              const char *method,
                              GVariant *parameters,
                              GDBusMethodInvocation *invocation,
                              gpointer user_data);
