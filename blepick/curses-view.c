/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/curses-view.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termcap.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "blepick/screen.h"

#define TICK_MS     1000 /* of the time that is left */
#define ESCAPE_MS   50   /* how long an Esc waits for the rest of an arrow key */
#define RESTORE_MAX 256
#define COLUMNS_MIN 20
#define LINES_MIN   6
#define CONTROL_L   0x0c

struct BlepickCursesView
{
  BlepickScreen *screen;
  SCREEN *terminal;
  FILE *in, *out;
  guint source, timer, resized, drawing, live;
  BlepickPicking *picking;
  const char *last_word;
};

/* What a signal's handler needs to give the terminal back. */
static struct
{
  int fd;
  struct termios modes;
  char text[RESTORE_MAX];
  size_t length;
} restore = { .fd = -1 };

static const int fatal_signals[] = { SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
                                     SIGILL,  SIGTRAP, SIGSYS,  SIGXCPU };

/* Only what may be done in a signal's handler. The signal then does what it always does. */
static void
on_fatal_signal (int number)
{
  if (restore.fd >= 0)
    {
      ssize_t written G_GNUC_UNUSED = write (restore.fd, restore.text, restore.length);

      tcsetattr (restore.fd, TCSANOW, &restore.modes);
    }
  signal (number, SIG_DFL);
  raise (number);
}

static void
remember_capability (const char *name)
{
  char capability[16];
  const char *text;

  g_strlcpy (capability, name, sizeof capability);
  text = tigetstr (capability);
  if (text == NULL || text == (const char *) -1 ||
      restore.length + strlen (text) >= RESTORE_MAX)
    return;
  memcpy (restore.text + restore.length, text, strlen (text));
  restore.length += strlen (text);
}

static void
prepare_restoring (int fd)
{
  static const char *const capabilities[] = { "sgr0", "rmkx", "cnorm", "rmcup" };
  struct sigaction action = { .sa_handler = on_fatal_signal, .sa_flags = SA_RESETHAND };

  restore.length = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (capabilities); i++)
    remember_capability (capabilities[i]);
  restore.fd = fd;
  for (gsize i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
    sigaction (fatal_signals[i], &action, NULL);
}

static gint64
read_clock_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static void draw (BlepickCursesView *view);

static gboolean
on_live (gpointer user_data)
{
  BlepickCursesView *view = user_data;

  view->live = 0;
  draw (view);
  return G_SOURCE_REMOVE;
}

/* What was new is drawn once more when its keys do something. */
static void
wake_when_live (BlepickCursesView *view)
{
  gint64 left_ms = view->screen->live_ms - read_clock_ms ();

  g_clear_handle_id (&view->live, g_source_remove);
  if (left_ms > 0)
    view->live = g_timeout_add ((guint) left_ms + 1, on_live, view);
}

static gboolean
on_draw (gpointer user_data)
{
  BlepickCursesView *view = user_data;
  static const attr_t styles[] = { A_NORMAL, A_BOLD, A_REVERSE, A_DIM };
  guint columns = (guint) MAX (COLS, COLUMNS_MIN);
  guint height = (guint) MAX (LINES, LINES_MIN);
  /* The last column stays empty: some terminals wrap there. */
  g_autoptr (GPtrArray) lines =
    blepick_screen_draw (view->screen, columns - 1, height, read_clock_ms ());

  erase ();
  for (guint i = 0; i < lines->len && (int) i < LINES; i++)
    {
      const BlepickLine *line = g_ptr_array_index (lines, i);

      attrset ((int) styles[line->style]);
      mvaddstr ((int) i, 0, line->text);
    }
  attrset (A_NORMAL);
  refresh ();
  wake_when_live (view);
  view->drawing = 0;
  return G_SOURCE_REMOVE;
}

/* When everything that waits has been taken in: a terminal may be slower than the broker, which
 * takes a presenter that does not answer for gone. */
static void
draw (BlepickCursesView *view)
{
  if (view->drawing == 0)
    view->drawing = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_draw, view, NULL);
}

static void
act (BlepickCursesView *view, BlepickAct wanted)
{
  BlepickScreen *screen = view->screen;

  switch (wanted)
    {
    case BLEPICK_ACT_CHOOSE:
      blepick_picking_choose_for (view->picking, screen->selected, screen->lifetime);
      break;
    case BLEPICK_ACT_CANCEL:
      blepick_picking_cancel (view->picking);
      break;
    case BLEPICK_ACT_RESCAN:
      blepick_picking_rescan (view->picking);
      break;
    case BLEPICK_ACT_YES:
    case BLEPICK_ACT_NO:
      blepick_picking_answer (view->picking, wanted == BLEPICK_ACT_YES, 0);
      break;
    case BLEPICK_ACT_PASSKEY:
      blepick_picking_answer (view->picking, TRUE,
                              (guint32) g_ascii_strtoull (screen->typed->str, NULL, 10));
      break;
    case BLEPICK_ACT_RENAME:
      blepick_picking_rename (view->picking, screen->typed->str);
      break;
    case BLEPICK_ACT_NONE:
    default:
      break;
    }
}

static gunichar
translate_key (int kind, wint_t key)
{
  static const struct
  {
    wint_t theirs;
    gunichar ours;
  } keys[] = {
    { KEY_UP, BLEPICK_KEY_UP },         { KEY_DOWN, BLEPICK_KEY_DOWN },
    { KEY_HOME, BLEPICK_KEY_HOME },     { KEY_END, BLEPICK_KEY_END },
    { KEY_PPAGE, BLEPICK_KEY_PAGE_UP }, { KEY_NPAGE, BLEPICK_KEY_PAGE_DOWN },
    { KEY_ENTER, BLEPICK_KEY_ENTER },   { KEY_BACKSPACE, BLEPICK_KEY_BACKSPACE },
  };

  if (kind == KEY_CODE_YES)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
        if (keys[i].theirs == key)
          return keys[i].ours;
      return 0;
    }
  if (key == '\n' || key == '\r')
    return BLEPICK_KEY_ENTER;
  if (key == 0x1b)
    return BLEPICK_KEY_ESCAPE;
  return key == 0x7f || key == '\b' ? BLEPICK_KEY_BACKSPACE : (gunichar) key;
}

static gboolean
on_typed (int fd, GIOCondition condition, gpointer user_data)
{
  BlepickCursesView *view = user_data;
  wint_t key;
  int kind;

  if ((condition & (G_IO_HUP | G_IO_ERR)) != 0)
    {
      view->source = 0;
      blepick_picking_leave (view->picking);
      return G_SOURCE_REMOVE;
    }
  while ((kind = get_wch (&key)) != ERR)
    {
      if (key == CONTROL_L && kind == OK)
        clearok (stdscr, TRUE);
      else if (view->screen->pane == BLEPICK_PANE_WAITING &&
               (key == 'q' || key == 0x1b) && kind == OK)
        blepick_picking_leave (view->picking);
      else
        act (view, blepick_screen_press (view->screen, translate_key (kind, key),
                                         read_clock_ms ()));
    }
  draw (view);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_tick (gpointer user_data)
{
  draw (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_resized (gpointer user_data)
{
  BlepickCursesView *view = user_data;
  struct winsize size;

  if (ioctl (fileno (view->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
      size.ws_col > 0)
    resizeterm (size.ws_row, size.ws_col);
  clearok (stdscr, TRUE);
  draw (view);
  return G_SOURCE_CONTINUE;
}

static gboolean
start_curses (BlepickCursesView *view)
{
  const char *term = g_getenv ("TERM");

  view->in = fopen ("/dev/tty", "re");
  view->out = fopen ("/dev/tty", "we");
  if (view->in == NULL || view->out == NULL ||
      tcgetattr (fileno (view->out), &restore.modes) != 0)
    return FALSE;
  /* newterm() would lose memory with a terminal that it does not know. */
  if (term == NULL || tgetent (NULL, term) != 1)
    return FALSE;
  view->terminal = newterm (NULL, view->out, view->in);
  if (view->terminal == NULL)
    return FALSE;
  if (tigetstr ("cup") == NULL || tigetstr ("cup") == (char *) -1)
    return FALSE;
  cbreak ();
  noecho ();
  nonl ();
  keypad (stdscr, TRUE);
  nodelay (stdscr, TRUE);
  set_escdelay (ESCAPE_MS);
  curs_set (0);
  prepare_restoring (fileno (view->out));
  return TRUE;
}

BlepickCursesView *
blepick_curses_view_new (void)
{
  g_autoptr (BlepickCursesView) view = g_new0 (BlepickCursesView, 1);

  if (!start_curses (view))
    return NULL;
  view->screen = blepick_screen_new (!g_get_charset (NULL));
  view->source =
    g_unix_fd_add (fileno (view->in), G_IO_IN | G_IO_HUP | G_IO_ERR, on_typed, view);
  view->timer = g_timeout_add (TICK_MS, on_tick, view);
  view->resized = g_unix_signal_add (SIGWINCH, on_resized, view);
  return g_steal_pointer (&view);
}

void
blepick_curses_view_free (BlepickCursesView *view)
{
  if (view == NULL)
    return;
  g_clear_handle_id (&view->source, g_source_remove);
  g_clear_handle_id (&view->timer, g_source_remove);
  g_clear_handle_id (&view->drawing, g_source_remove);
  g_clear_handle_id (&view->live, g_source_remove);
  g_clear_handle_id (&view->resized, g_source_remove);
  if (view->terminal != NULL)
    {
      endwin ();
      delscreen (view->terminal);
    }
  for (gsize i = 0; restore.fd >= 0 && i < G_N_ELEMENTS (fatal_signals); i++)
    signal (fatal_signals[i], SIG_DFL);
  restore.fd = -1;
  g_clear_pointer (&view->in, fclose);
  g_clear_pointer (&view->out, fclose);
  blepick_screen_free (view->screen);
  g_free (view);
}

const char *
blepick_curses_view_last_word (const BlepickCursesView *view)
{
  return view->last_word;
}

static void
on_begin (BlepickPicking *picking, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  view->picking = picking;
  draw (view);
}

static void
on_present (BlepickPicking *picking, GVariant *about, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  view->last_word = NULL;
  blepick_screen_present (view->screen, about, read_clock_ms ());
  draw (view);
}

static void
on_row (BlepickPicking *picking, const BlepickRow *row, gboolean news, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  blepick_screen_take_row (view->screen, row, read_clock_ms ());
  draw (view);
}

static void
on_row_gone (BlepickPicking *picking, const BlepickRow *row, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  blepick_screen_drop_row (view->screen, row);
  draw (view);
}

static void
on_refused (BlepickPicking *picking, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  blepick_screen_refuse (view->screen);
  draw (view);
}

static void
on_progress (BlepickPicking *picking, const char *phase, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  blepick_screen_progress (view->screen, phase);
  draw (view);
}

static void
on_prompt (BlepickPicking *picking, GVariant *prompt, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  blepick_screen_prompt (view->screen, prompt, read_clock_ms ());
  draw (view);
}

static void
on_ask (BlepickPicking *picking, GVariant *about, GVariant *question, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  blepick_screen_ask (view->screen, about, question, read_clock_ms ());
  draw (view);
}

static void
on_dismiss (BlepickPicking *picking, GVariant *result, gpointer user_data)
{
  BlepickCursesView *view = user_data;

  view->last_word = blepick_wording_outcome (result);
  blepick_screen_dismiss (view->screen);
  view->screen->remark = view->last_word;
  draw (view);
}

const BlepickView blepick_curses_view = { .begin = on_begin,
                                          .present = on_present,
                                          .row = on_row,
                                          .row_gone = on_row_gone,
                                          .refused = on_refused,
                                          .progress = on_progress,
                                          .prompt = on_prompt,
                                          .ask = on_ask,
                                          .dismiss = on_dismiss };
