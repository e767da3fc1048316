/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/picking.h: asks the broker for a picker and draws it itself: the command is the
 * presenter of its own request. What it looks like is a view's business. */

#pragma once

#include <gio/gio.h>

#include "blepick/bus.h"
#include "blepick/rows.h"
#include "blepick/wording.h"

typedef struct BlepickPicking BlepickPicking;

/* What a view is told. Any of them may be NULL. Every string is sanitised by the broker, and escaped again when printed. */
typedef struct
{
  /* Before anything else. */
  void (*begin) (BlepickPicking *picking, gpointer user_data);
  void (*present) (BlepickPicking *picking, GVariant *about, gpointer user_data);
  void (*row) (BlepickPicking *picking,
               const BlepickRow *row,
               gboolean news,
               gpointer user_data);
  /* @row makes room for another, and is freed. */
  void (*row_gone) (BlepickPicking *picking, const BlepickRow *row, gpointer user_data);
  /* What was chosen is not to be had any more; another row can be chosen. */
  void (*refused) (BlepickPicking *picking, gpointer user_data);
  void (*progress) (BlepickPicking *picking, const char *phase, gpointer user_data);
  /* kind (s), name (s), passkey (u), entered (u), timeout-s (u). */
  void (*prompt) (BlepickPicking *picking, GVariant *prompt, gpointer user_data);
  /* As of Presenter1.Ask: a question without rows. */
  void (*ask) (BlepickPicking *picking,
               GVariant *about,
               GVariant *question,
               gpointer user_data);
  /* outcome (s), cause (s), message (s), pairing-method (s), name (s). */
  void (*dismiss) (BlepickPicking *picking, GVariant *result, gpointer user_data);
} BlepickView;

/* What is asked for. */
typedef struct
{
  GVariant *items;   /* aa{sv} of ShowPicker */
  GVariant *options; /* a{sv} of ShowPicker, floating */
  guint for_ms;      /* the picker is cancelled after this time; 0: never */
} BlepickPickingAsk;

/* Runs a picker to its end, in a main loop of its own. Returns: (transfer full): the id of the
 * accessory that was picked, or NULL. */
char *blepick_picking_run (const BlepickContext *context,
                           BlepickBus *bus,
                           const BlepickPickingAsk *ask,
                           const BlepickView *view,
                           gpointer user_data,
                           GError **error);

/* Draws the pickers of all apps of this user, one after another, until the person ends it or
 * the broker stops. FALSE only with an @error. */
gboolean blepick_picking_serve (const BlepickContext *context,
                                BlepickBus *bus,
                                const BlepickView *view,
                                gpointer user_data,
                                GError **error);

const BlepickRows *blepick_picking_rows (BlepickPicking *self);
const BlepickContext *blepick_picking_context (BlepickPicking *self);
/* Whether it draws what it asks for itself, and nobody else's. */
gboolean blepick_picking_is_own (const BlepickPicking *self);
void blepick_picking_choose (BlepickPicking *self, const BlepickRow *row);
void blepick_picking_choose_for (BlepickPicking *self,
                                 const BlepickRow *row,
                                 BlepickLifetime lifetime);
void blepick_picking_rename (BlepickPicking *self, const char *name);
/* The person is gone, or has had enough: cancels what is open and ends the run. */
void blepick_picking_leave (BlepickPicking *self);
void blepick_picking_cancel (BlepickPicking *self);
void blepick_picking_rescan (BlepickPicking *self);
void blepick_picking_answer (BlepickPicking *self, gboolean accept, guint32 passkey);
/* Ends the picker, and the run with @error, which is taken. */
void blepick_picking_abandon (BlepickPicking *self, GError *error);
