/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the broker asks a presenter to draw (Presenter1), handed to the view. */

#include "blepick/picking-private.h"

#include <string.h>

static void
take_present (BlepickPicking *self, GVariant *parameters)
{
  g_autoptr (GVariant) about = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) items = g_variant_get_child_value (parameters, 2);

  g_clear_pointer (&self->picker, g_free);
  g_variant_get_child (parameters, 0, "s", &self->picker);
  if (self->leaves)
    blepick_picking_cancel (self);
  else if (self->view->present != NULL)
    self->view->present (self, about, self->user_data);
  blepick_rows_begin (self->rows, blepick_picking_is_own (self) ? NULL : items);
}

static void
take_question (BlepickPicking *self, GVariant *parameters)
{
  g_autoptr (GVariant) about = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) question = g_variant_get_child_value (parameters, 2);

  g_clear_pointer (&self->picker, g_free);
  g_variant_get_child (parameters, 0, "s", &self->picker);
  if (self->view->ask != NULL && !self->leaves)
    self->view->ask (self, about, question, self->user_data);
  else
    blepick_picking_cancel (self);
}

static void
take_dismissal (BlepickPicking *self, GVariant *result)
{
  if (self->view->dismiss != NULL)
    self->view->dismiss (self, result, self->user_data);
  g_clear_pointer (&self->picker, g_free);
  blepick_rows_begin (self->rows, NULL);
}

static void
take_row (BlepickPicking *self, GVariant *dict)
{
  gboolean news = FALSE, gone = FALSE;
  const BlepickRow *row = blepick_rows_find_gone (self->rows, dict);

  if (row != NULL)
    {
      if (self->view->row_gone != NULL)
        self->view->row_gone (self, row, self->user_data);
      blepick_rows_drop (self->rows, row);
    }
  else if (!g_variant_lookup (dict, "gone", "b", &gone) || !gone)
    {
      row = blepick_rows_take (self->rows, dict, &news);
      if (row != NULL && self->view->row != NULL)
        self->view->row (self, row, news, self->user_data);
    }
}

static void
take_rows (BlepickPicking *self, GVariant *rows)
{
  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (rows, i);

      take_row (self, dict);
    }
}

static void
take_call (BlepickPicking *self, const char *method, GVariant *parameters)
{
  g_autoptr (GVariant) second = g_variant_get_child_value (parameters, 1);

  if (strcmp (method, "Present") == 0)
    take_present (self, parameters);
  else if (strcmp (method, "UpdateRows") == 0)
    take_rows (self, second);
  else if (strcmp (method, "Progress") == 0 && self->view->progress != NULL)
    self->view->progress (self, g_variant_get_string (second, NULL), self->user_data);
  else if (strcmp (method, "Prompt") == 0 && self->view->prompt != NULL)
    self->view->prompt (self, second, self->user_data);
  else if (strcmp (method, "Ask") == 0)
    take_question (self, parameters);
  else if (strcmp (method, "Dismiss") == 0)
    take_dismissal (self, second);
}

void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
blepick_picking_on_call (GDBusConnection *connection,
                         const char *sender,
                         const char *path,
                         const char *interface,
                         const char *method,
                         GVariant *parameters,
                         GDBusMethodInvocation *invocation,
                         gpointer user_data)
{
  BlepickPicking *self = user_data;

  if (g_strcmp0 (sender, self->broker) != 0)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                     G_DBUS_ERROR_ACCESS_DENIED,
                                                     "Only the broker may ask for this.");
      return;
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
  take_call (self, method, parameters);
}
