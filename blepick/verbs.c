/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/verbs.h"

#include <stdio.h>
#include <string.h>

#include "blepick/model.h"

/* Of a verb without options of its own: prints its help and leaves, if it is asked for. */
static void
heed_help (const BlepickContext *context, int argc, char **argv)
{
  const GOptionEntry none[] = { G_OPTION_ENTRY_NULL };

  if (argc == 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    (void) blepick_verb_parse (context, argv[0], none, &argc, &argv);
}

static int
run_model (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (GError) error = NULL, failure = NULL;
  int status;

  heed_help (context, argc, argv);
  status =
    blepick_model_run (argc - 1, argv + 1, blepick_context_is_json (context), &error);
  if (status == BLEPICK_EXIT_OK)
    return status;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) &&
      status == BLEPICK_EXIT_USAGE)
    return blepick_verb_misuse (context, "%s", error->message);
  blepick_failure_set (&failure, (BlepickExit) status,
                       status == BLEPICK_EXIT_USAGE ? "bad-script" : "io", "%s",
                       error->message);
  return (int) blepick_context_fail (context, failure, FALSE);
}

const BlepickVerb blepick_verbs[] = {
  { "pick", "", "Choose an accessory, pair it, and keep it",
    "Examples:\n"
    "  blepick pick                            a heart-rate monitor\n"
    "  blepick pick --kind any                 whatever is around\n"
    "  id=$(blepick pick --print id)           for a script with a person in front of it",
    blepick_run_pick },
  { "pair", "NAME", "Pair the accessory of that name, without asking",
    "Examples:\n"
    "  blepick pair 'Polar H10'                waits until it is heard\n"
    "  blepick pair Strap --passkey 123456     it shows six digits\n"
    "  blepick pair Strap --accept-unverified  a script that takes what nothing verifies",
    blepick_run_pair },
  { "scan", "", "Show what is around",
    "Examples:\n"
    "  blepick scan                            heart-rate monitors, for 10 seconds\n"
    "  blepick scan --kind any --watch         everything, until you stop it\n"
    "  blepick scan --show-address             asks for an administrator",
    blepick_run_scan },
  { "list", "", "Show your accessories", NULL, blepick_run_list },
  { "show", "ACCESSORY", "Show one of your accessories, with what you may do with it",
    "Examples:\n"
    "  blepick show 'Polar H10'\n"
    "  blepick show @last --json               what you chose last",
    blepick_run_show },
  { "wait", "ACCESSORY", "Wait until an accessory is there",
    "Examples:\n"
    "  blepick wait Strap && blepick monitor Strap\n"
    "  blepick wait Strap --for data --timeout 1m",
    blepick_run_wait },
  { "monitor", "[ACCESSORY...] | --all", "Show the pulse live, of one strap or of many",
    "Examples:\n"
    "  blepick monitor                         your only strap\n"
    "  blepick monitor 'Polar H10' --count 10  ten values\n"
    "  blepick monitor Anna Ben --view plot    two at once\n"
    "  blepick monitor --csv > run.csv         for a spreadsheet",
    blepick_run_monitor },
  { "rename", "ACCESSORY NAME", "Call an accessory something else", NULL,
    blepick_run_rename },
  { "refresh", "ACCESSORY", "Read anew what an accessory consists of",
    "For an accessory whose services changed, by a new firmware perhaps, without its\n"
    "saying so. It is cut off for a moment, and has to be near.\n\n"
    "Examples:\n"
    "  blepick refresh 'Polar H10'",
    blepick_run_refresh },
  { "forget", "ACCESSORY... | --all", "Give accessories back",
    "What blepick paired is unpaired with it, unless another app has it. What was\n"
    "paired without blepick stays paired.\n\n"
    "Examples:\n"
    "  blepick forget 'Polar H10'\n"
    "  blepick forget 'Polar H10' --unpair     also where it was paired without blepick\n"
    "  blepick forget --all",
    blepick_run_forget },
  { "unpair", "ACCESSORY", "Take an accessory off this computer: apps and bond",
    "All of your apps lose it, and it has to be paired anew. To give back only what\n"
    "this command has of it: blepick forget. To take it from one app: blepick reset.\n\n"
    "Examples:\n"
    "  blepick unpair 'Polar H10'              when it has forgotten this computer",
    blepick_run_unpair },
  { "grants", "", "Show which app may use what",
    "Examples:\n"
    "  blepick grants                          everything that was decided\n"
    "  blepick grants --app trainer --history  who decided, when, and why",
    blepick_run_grants },
  { "allow", "APP ACCESSORY|bluetooth",
    "Let an app use an accessory, or all of Bluetooth",
    "Examples:\n"
    "  blepick allow trainer 'Polar H10'       as much as another app has of it\n"
    "  blepick allow trainer Strap --for 2h\n"
    "  blepick allow trainer bluetooth",
    blepick_run_allow },
  { "deny", "APP ACCESSORY|bluetooth", "Keep an app from an accessory, or from Bluetooth",
    "Examples:\n"
    "  blepick deny trainer 'Polar H10'        at once, and until you allow it\n"
    "  blepick deny trainer bluetooth",
    blepick_run_deny },
  { "reset", "APP [ACCESSORY] | --all", "Take back what was decided",
    "Examples:\n"
    "  blepick reset trainer                   it has to ask again\n"
    "  blepick reset trainer 'Polar H10'       it loses that one\n"
    "  blepick reset --all",
    blepick_run_reset },
  { "log", "", "Show what was decided, oldest first",
    "Examples:\n"
    "  blepick log --since 2h\n"
    "  blepick log --follow --json=lines       for a program",
    blepick_run_log },
  { "apps",
    "[list] | show APP | confirm APP | install APP --device DEV | uninstall APP --device "
    "DEV",
    "Show the apps that use Bluetooth here",
    "Examples:\n"
    "  blepick apps                            who has asked, and what they have\n"
    "  blepick apps show org.example.Trainer   what it declares\n"
    "  blepick apps confirm trainer            it moved to another publisher: let it\n"
    "  blepick apps install trainer --device watch --asks bluetooth\n"
    "  blepick apps install flatpak:org.example.Gym --device watch\n"
    "  blepick apps uninstall trainer --device watch",
    blepick_run_apps },
  { "companions",
    "[list] | add NAME --kind KIND | link DEV | unlink DEV | remove DEV | policy DEV "
    "POLICY | consent DEV allow|deny | sync DEV",
    "Show and change the other devices that run your apps",
    "Policies:\n"
    "  independent   each device decides for itself\n"
    "  copy-once     sync copies what you decided here, once, if you consent\n"
    "  mirrored      one answer for both, as on watches before 2025: to reproduce a failure\n\n"
    "Examples:\n"
    "  blepick companions                      which there are, and what runs on them\n"
    "  blepick companions add watch --kind watch\n"
    "  blepick companions link watch\n"
    "  blepick companions policy watch copy-once\n"
    "  blepick companions consent watch allow\n"
    "  blepick companions sync watch",
    blepick_run_companions },
  { "agent", "", "Draw the pickers of your other apps here, until you stop it", NULL,
    blepick_run_agent },
  { "status", "", "Show what works here and what does not", NULL, blepick_run_status },
  { "doctor", "", "Look for what is wrong here, and say what to do",
    "Examples:\n"
    "  blepick doctor                          what works, what does not, what to do\n"
    "  blepick doctor --report blepick.txt     to send to somebody: nothing private is in it",
    blepick_run_doctor },
  { "enforce", "[advisory|bus|strict]",
    "Close Bluetooth to programs that go around blepick",
    "Levels:\n"
    "  advisory   nothing is closed: any program can use bluetoothd, as on any Debian\n"
    "  bus        bluetoothd answers, and is heard by, root and blepick alone\n"
    "  strict     Bluetooth sockets are closed to other programs as well\n\n"
    "Examples:\n"
    "  blepick enforce                         what holds now, as measured\n"
    "  blepick enforce bus                     asks for an administrator",
    blepick_run_enforce },
  { "completion", "bash|zsh|fish", "Print the completions of a shell",
    "Examples:\n"
    "  . <(blepick completion bash)            for this shell",
    blepick_run_completion },
  { "model", "run FILE | fb18383742", "Try out how permissions move between devices",
    "Examples:\n"
    "  blepick model fb18383742                a well-known failure, step by step\n"
    "  blepick model run family.txt            your own app family",
    run_model },
  { "help", "[COMMAND]", "Show help", NULL, blepick_run_help },
  { NULL, NULL, NULL, NULL, NULL },
};

const BlepickVerb *
blepick_verbs_find (const char *name)
{
  for (const BlepickVerb *verb = blepick_verbs; verb->name != NULL; verb++)
    if (strcmp (verb->name, name) == 0)
      return verb;
  return NULL;
}

#define WORD_MAX 16

/* Levenshtein's distance: inserted, dropped and changed letters. */
static guint
measure_distance (const char *a, const char *b)
{
  guint row[WORD_MAX + 1];
  gsize length_a = strlen (a), length_b = strlen (b);

  if (length_a > WORD_MAX || length_b > WORD_MAX)
    return G_MAXUINT;
  for (guint j = 0; j <= length_b; j++)
    row[j] = j;
  for (guint i = 1; i <= length_a; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= length_b; j++)
        {
          guint changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);

          diagonal = row[j];
          row[j] = MIN (MIN (row[j], row[j - 1]) + 1, changed);
        }
    }
  return row[length_b];
}

const char *
blepick_verbs_suggest (const char *word)
{
  const char *best = NULL;
  guint best_distance = 3;

  for (const BlepickVerb *verb = blepick_verbs; verb->name != NULL; verb++)
    {
      guint distance = measure_distance (word, verb->name);

      if (distance >= best_distance)
        continue;
      best_distance = distance;
      best = verb->name;
    }
  return best;
}

int
blepick_verb_misuse (const BlepickContext *context, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  blepick_failure_set (&error, BLEPICK_EXIT_USAGE, "usage", "%s", text);
  return blepick_context_fail (context, error, FALSE);
}

static GOptionContext *
make_option_context (const BlepickVerb *verb, const GOptionEntry *entries)
{
  GOptionContext *options = g_option_context_new (verb->arguments);
  g_autofree char *program = g_strdup_printf ("blepick %s", verb->name);
  g_autofree char *summary =
    verb->description != NULL
      ? g_strdup_printf ("%s.\n\n%s", verb->summary, verb->description)
      : g_strdup_printf ("%s.", verb->summary);

  g_set_prgname (program);
  g_option_context_set_summary (options, summary);
  if (entries != NULL)
    g_option_context_add_main_entries (options, entries, NULL);
  return options;
}

gboolean
blepick_verb_parse (const BlepickContext *context,
                    const char *name,
                    const GOptionEntry *entries,
                    int *argc,
                    char ***argv)
{
  const BlepickVerb *verb = blepick_verbs_find (name);
  g_autoptr (GOptionContext) options = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (verb != NULL, FALSE);

  options = make_option_context (verb, entries);
  if (g_option_context_parse (options, argc, argv, &error))
    return TRUE;
  blepick_verb_misuse (context, "%s. See: blepick %s --help", error->message, name);
  return FALSE;
}

gboolean
blepick_verb_expect (const BlepickContext *context,
                     const char *name,
                     int argc,
                     int words_min,
                     int words_max)
{
  int words = argc - 1;

  if (words >= words_min && words <= words_max)
    return TRUE;
  blepick_verb_misuse (context, "%s. See: blepick %s --help",
                       words < words_min ? "Something is missing"
                                         : "There are words too many",
                       name);
  return FALSE;
}

static void
print_overview (void)
{
  printf (
    "blepick: Bluetooth accessories, one at a time, for those you let.\n\n"
    "  blepick                    pick a heart-rate monitor, pair it, see your pulse\n"
    "  blepick COMMAND --help     more on one command\n\n"
    "Commands:\n");
  for (const BlepickVerb *verb = blepick_verbs; verb->name != NULL; verb++)
    printf ("  %-10s %s\n", verb->name, verb->summary);
  printf (
    "\nOptions before or after the command:\n"
    "  --json[=lines]  data for programs      --plain       no symbols, no cursor movement\n"
    "  --no-input      never ask              -q, --quiet   no remarks\n"
    "  -v, --verbose   what the service is asked for, and what it says\n"
    "  --timeout DUR   wait so long           --adapter X   such as hci1\n"
    "  --ids HOW       short, full            --color WHEN  auto, always, never\n"
    "  --version       -h, --help\n");
}

int
blepick_run_help (const BlepickContext *context, int argc, char **argv)
{
  const BlepickVerb *verb;
  char help[] = "--help";
  char *words[] = { NULL, help, NULL };

  heed_help (context, argc, argv);
  if (argc < 2 || strcmp (argv[1], "help") == 0)
    {
      print_overview ();
      return BLEPICK_EXIT_OK;
    }
  verb = blepick_verbs_find (argv[1]);
  if (verb == NULL)
    return blepick_verb_misuse (context, "There is no command %s. See: blepick help",
                                argv[1]);
  words[0] = argv[1];
  return verb->run (context, 2, words);
}
