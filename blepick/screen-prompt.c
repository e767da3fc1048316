/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What prompts of a pairing and questions look like. */

#include <string.h>

#include "blepick/bus.h"
#include "blepick/canvas.h"

#define PASSKEY_DIGITS 6

static void
draw_passkey_prompt (BlepickCanvas *canvas, const char *name)
{
  const BlepickScreen *screen = canvas->screen;
  guint32 passkey = 0, entered = 0;
  g_autoptr (GString) digits = g_string_new (NULL);
  g_autofree char *text = NULL;

  g_variant_lookup (screen->prompt, "passkey", "u", &passkey);
  g_variant_lookup (screen->prompt, "entered", "u", &entered);
  if (screen->pane == BLEPICK_PANE_ENTER)
    for (guint i = 0; i < PASSKEY_DIGITS; i++)
      g_string_append_printf (digits, "%c",
                              i < screen->typed->len ? screen->typed->str[i] : '_');
  else
    g_string_append_printf (digits, "%06u", passkey);
  blepick_canvas_say (canvas, BLEPICK_STYLE_TITLE, "     %.3s %.3s", digits->str,
                      digits->str + MIN (digits->len, PASSKEY_DIGITS / 2));
  blepick_canvas_add_blank (canvas);
  if (screen->pane == BLEPICK_PANE_COMPARE)
    text =
      g_strdup_printf ("Does %s show the same six digits? Do not type them anywhere.",
                       name);
  else if (screen->pane == BLEPICK_PANE_ENTER)
    text = g_strdup_printf ("%s shows six digits. Type them here.", name);
  else
    text = g_strdup_printf ("Type these six digits on %s. %u of %d typed.", name,
                            MIN (entered, (guint) PASSKEY_DIGITS), PASSKEY_DIGITS);
  blepick_canvas_add_paragraph (canvas, text);
}

static char *
list_names (GVariant *dict, const char *key)
{
  g_autofree const char **names = NULL;

  if (dict == NULL || !g_variant_lookup (dict, key, "^a&s", &names))
    return g_strdup ("");
  return g_strjoinv (", ", (char **) names);
}

static void
add_services (BlepickCanvas *canvas)
{
  g_autoptr (GVariant) services =
    g_variant_lookup_value (canvas->screen->prompt, "services",
                            G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; services != NULL && i < g_variant_n_children (services); i++)
    {
      g_autoptr (GVariant) service = g_variant_get_child_value (services, i);
      g_autofree char *access = list_names (service, "access");
      const char *kind = blepick_member (service, "kind");

      blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, "   %s: %s",
                          strcmp (kind, "unknown") == 0 || kind[0] == '\0'
                            ? blepick_member (service, "uuid")
                            : kind,
                          access);
    }
}

static void
draw_question (BlepickCanvas *canvas, const char *name)
{
  const BlepickScreen *screen = canvas->screen;
  g_autofree char *asker = blepick_canvas_asker (screen);
  g_autofree char *names = list_names (screen->prompt, "names");
  g_autofree char *text = NULL;

  if (screen->pane == BLEPICK_PANE_BLUETOOTH)
    text =
      g_strdup_printf ("May %s use all of Bluetooth? It could find everything that is "
                       "around, and recognise the place where you are.",
                       asker);
  else if (screen->pane == BLEPICK_PANE_SCOPE)
    text = g_strdup_printf ("%s wants to do more with %s:", asker, name);
  else
    text = g_strdup_printf ("May %s keep what it used before: %s?", asker, names);
  blepick_canvas_add_paragraph (canvas, text);
  if (screen->pane == BLEPICK_PANE_SCOPE)
    add_services (canvas);
}

static void
draw_rename (BlepickCanvas *canvas, const char *name)
{
  g_autofree char *text =
    g_strdup_printf ("What do you want to call it? It says that it is %s.", name);

  blepick_canvas_add_paragraph (canvas, text);
  blepick_canvas_add_blank (canvas);
  blepick_canvas_say (canvas, BLEPICK_STYLE_TITLE, "   %s_", canvas->screen->typed->str);
}

void
blepick_canvas_draw_prompt (BlepickCanvas *canvas, gint64 now_s)
{
  const BlepickScreen *screen = canvas->screen;
  const char *given = blepick_canvas_member (screen->prompt, "name");
  const char *name = given[0] != '\0' ? given : "the accessory";
  g_autofree char *time_left = blepick_canvas_time_left (screen, now_s);
  const char *title = " Pairing", *keys = "y yes  n no  Esc stop";

  if (screen->pane >= BLEPICK_PANE_RENAME)
    title = screen->pane == BLEPICK_PANE_RENAME ? " A name" : " A question";
  blepick_canvas_add_edges (canvas, BLEPICK_STYLE_TITLE, title, time_left);
  blepick_canvas_add_blank (canvas);
  if (screen->pane == BLEPICK_PANE_RENAME)
    {
      draw_rename (canvas, name);
      keys = "Enter take this name  Esc leave it as it is";
    }
  else if (screen->pane > BLEPICK_PANE_RENAME)
    {
      draw_question (canvas, name);
    }
  else
    {
      draw_passkey_prompt (canvas, name);
      if (screen->pane == BLEPICK_PANE_ENTER)
        keys = "Enter when all six are there  Esc stop";
      else if (screen->pane == BLEPICK_PANE_DISPLAY)
        keys = "Esc stop";
    }
  blepick_canvas_add_blank (canvas);
  if (screen->remark != NULL)
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " %s", screen->remark);
  blepick_canvas_say (canvas, BLEPICK_STYLE_DIM, " %s", keys);
}
