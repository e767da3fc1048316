/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/script.h"

#include <string.h>

#include "perms/error.h"

#define WHITESPACE " \t\r\v\f"

/* A header line that names devices; it may come before `devices`. */
typedef struct
{
  guint line;
  GPtrArray *words;
} HeaderLine;

typedef struct
{
  PermsScript *script;
  guint line;
  const char *expected; /* what the line should have had; NULL: all is well */
  gboolean has_policy;
  HeaderLine app;
  GArray *identities; /* HeaderLine */
  GHashTable *names;  /* of devices → their places, counted from 1 */
  gboolean is_app_applied;
  guint n_identities_applied;
} Reader;

/* The device of that name, or NULL. */
static PermsMember *
find_device (const Reader *reader, const char *name, guint *ret_index)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (reader->names, name));

  if (place == 0)
    return NULL;
  if (ret_index != NULL)
    *ret_index = place - 1;
  return perms_family_get (reader->script->family, place - 1);
}

/* ---- header ---- */

static void
read_policy (Reader *reader, GPtrArray *words)
{
  if (reader->has_policy)
    reader->expected = "one policy statement";
  else if (words->len != 2 ||
           !perms_sync_from_string (g_ptr_array_index (words, 1), &reader->script->sync))
    reader->expected = "policy independent|copy-once|mirrored";
  reader->has_policy = TRUE;
}

/* One word of the app statement, "phone=accessory-setup+bluetooth". */
static const char *
apply_access (const Reader *reader, const char *word, GHashTable *seen)
{
  const char *equals = strrchr (word, '=');
  PermsMember *member = NULL;

  if (equals == NULL)
    return "DEVICE=ACCESS after the app";
  g_autofree char *name = g_strndup (word, (gsize) (equals - word));
  member = find_device (reader, name, NULL);
  if (member == NULL)
    return "a device of the devices statement";
  if (!g_hash_table_add (seen, member))
    return "each device once";
  if (!perms_access_from_string (equals + 1, &member->asks))
    return "accessory-setup, bluetooth or accessory-setup+bluetooth";
  return NULL;
}

static void
apply_app (Reader *reader)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 2; i < reader->app.words->len && reader->expected == NULL; i++)
    {
      reader->line = reader->app.line;
      reader->expected =
        apply_access (reader, g_ptr_array_index (reader->app.words, i), seen);
    }
  reader->is_app_applied = TRUE;
}

static void
apply_identity (Reader *reader, const HeaderLine *identity)
{
  PermsMember *member =
    find_device (reader, g_ptr_array_index (identity->words, 1), NULL);

  reader->line = identity->line;
  if (member == NULL)
    reader->expected = "a device of the devices statement";
  else if (member->fingerprint[0] != '\0')
    reader->expected = "one identity statement a device";
  else
    {
      g_free (member->fingerprint);
      member->fingerprint = g_strdup (g_ptr_array_index (identity->words, 2));
    }
}

static gboolean
has_devices (const Reader *reader)
{
  return reader->script->family->members->len > 0;
}

/* Header lines that name devices wait until the devices are known. */
static void
apply_header (Reader *reader)
{
  guint line = reader->line;

  if (reader->app.words != NULL && !reader->is_app_applied)
    apply_app (reader);
  while (reader->n_identities_applied < reader->identities->len &&
         reader->expected == NULL)
    apply_identity (reader, &g_array_index (reader->identities, HeaderLine,
                                            reader->n_identities_applied++));
  if (reader->expected == NULL)
    reader->line = line;
}

static void
read_devices (Reader *reader, GPtrArray *words)
{
  PermsFamily *family = reader->script->family;

  if (has_devices (reader))
    reader->expected = "one devices statement";
  else if (words->len < 2)
    reader->expected = "devices HOST [COMPANION…]";
  for (guint i = 1; i < words->len && reader->expected == NULL; i++)
    {
      PermsMember *member = NULL;
      if (find_device (reader, g_ptr_array_index (words, i), NULL) != NULL)
        {
          reader->expected = "a different name for each device";
          return;
        }
      member = perms_family_add (family, g_ptr_array_index (words, i));
      g_hash_table_insert (reader->names, member->name, GUINT_TO_POINTER (i));
    }
}

static void
read_app (Reader *reader, GPtrArray *words)
{
  if (reader->app.words != NULL)
    reader->expected = "one app statement";
  else if (words->len < 2)
    reader->expected = "app ID DEVICE=ACCESS…";
  else
    {
      reader->app = (HeaderLine){ reader->line, g_ptr_array_ref (words) };
      reader->script->app = g_strdup (g_ptr_array_index (words, 1));
    }
}

static void
clear_header_line (gpointer data)
{
  HeaderLine *line = data;

  g_clear_pointer (&line->words, g_ptr_array_unref);
}

static void
read_identity (Reader *reader, GPtrArray *words)
{
  HeaderLine line = { reader->line, words };

  if (words->len != 3)
    {
      reader->expected = "identity DEVICE FINGERPRINT";
      return;
    }
  g_ptr_array_ref (words);
  g_array_append_val (reader->identities, line);
}

static const struct
{
  const char *verb;
  void (*read) (Reader *reader, GPtrArray *words);
} headers[] = {
  { "policy", read_policy },
  { "devices", read_devices },
  { "app", read_app },
  { "identity", read_identity },
};

/* ---- steps ---- */

typedef enum
{
  OBJECT_NONE = 0,
  OBJECT_ALLOW_DENY,
  OBJECT_ALLOW_DENY_CLEAR,
  OBJECT_OFF_ON,
  OBJECT_ACCESSORY,
} Object;

static const struct
{
  PermsEventKind kind;
  Object object;
  gboolean companions_only;
  const char *expected;
} verbs[] = {
  { PERMS_EVENT_INSTALL, OBJECT_NONE, FALSE, "install DEVICE" },
  { PERMS_EVENT_UNINSTALL, OBJECT_NONE, FALSE, "uninstall DEVICE" },
  { PERMS_EVENT_LAUNCH, OBJECT_NONE, FALSE, "launch DEVICE" },
  { PERMS_EVENT_PROMPT, OBJECT_ALLOW_DENY, FALSE, "prompt DEVICE allow|deny" },
  { PERMS_EVENT_SET, OBJECT_ALLOW_DENY, FALSE, "set DEVICE allow|deny" },
  { PERMS_EVENT_RESET, OBJECT_NONE, FALSE, "reset DEVICE" },
  { PERMS_EVENT_PICK, OBJECT_ACCESSORY, FALSE, "pick DEVICE ACCESSORY" },
  { PERMS_EVENT_FORGET, OBJECT_ACCESSORY, FALSE, "forget DEVICE ACCESSORY" },
  { PERMS_EVENT_POLICY_ROW, OBJECT_ALLOW_DENY_CLEAR, FALSE,
    "policy-row DEVICE allow|deny|clear" },
  { PERMS_EVENT_CONSENT, OBJECT_ALLOW_DENY, TRUE, "consent COMPANION allow|deny" },
  { PERMS_EVENT_SYNC, OBJECT_NONE, TRUE, "sync COMPANION" },
  { PERMS_EVENT_ADAPTER, OBJECT_OFF_ON, FALSE, "adapter DEVICE off|on" },
};

static gboolean
read_value (Object object, const char *word, PermsEventValue *ret_value)
{
  gboolean is_row = object == OBJECT_ALLOW_DENY || object == OBJECT_ALLOW_DENY_CLEAR;

  if (is_row && g_str_equal (word, "allow"))
    *ret_value = PERMS_EVENT_VALUE_ALLOW;
  else if (is_row && g_str_equal (word, "deny"))
    *ret_value = PERMS_EVENT_VALUE_DENY;
  else if (object == OBJECT_ALLOW_DENY_CLEAR && g_str_equal (word, "clear"))
    *ret_value = PERMS_EVENT_VALUE_CLEAR;
  else if (object == OBJECT_OFF_ON && g_str_equal (word, "off"))
    *ret_value = PERMS_EVENT_VALUE_OFF;
  else if (object == OBJECT_OFF_ON && g_str_equal (word, "on"))
    *ret_value = PERMS_EVENT_VALUE_ON;
  else
    return FALSE;
  return TRUE;
}

static char *
join_words (GPtrArray *words)
{
  GString *text = g_string_new (g_ptr_array_index (words, 0));

  for (guint i = 1; i < words->len; i++)
    g_string_append_printf (text, " %s", (const char *) g_ptr_array_index (words, i));
  return g_string_free (text, FALSE);
}

/* Returns NULL, or what was expected. */
static const char *
read_event (const Reader *reader, guint verb, GPtrArray *words, PermsEvent *event)
{
  PermsScript *script = reader->script;
  Object object = verbs[verb].object;

  event->kind = verbs[verb].kind;
  if (!has_devices (reader) || reader->app.words == NULL)
    return "devices and app before the first step";
  if (words->len != (object == OBJECT_NONE ? 2 : 3))
    return verbs[verb].expected;
  if (find_device (reader, g_ptr_array_index (words, 1), &event->member) == NULL)
    return "a device of the devices statement";
  if (verbs[verb].companions_only && event->member == 0)
    return verbs[verb].expected;
  if (object == OBJECT_ACCESSORY)
    event->accessory =
      g_string_chunk_insert_const (script->strings, g_ptr_array_index (words, 2));
  else if (object != OBJECT_NONE &&
           !read_value (object, g_ptr_array_index (words, 2), &event->value))
    return verbs[verb].expected;
  return NULL;
}

static void
read_step (Reader *reader, guint verb, GPtrArray *words)
{
  PermsScriptStep step = { .text = NULL };

  reader->expected = read_event (reader, verb, words, &step.event);
  if (reader->expected != NULL)
    return;
  step.text = join_words (words);
  g_array_append_val (reader->script->steps, step);
}

static void
read_statement (Reader *reader, GPtrArray *words)
{
  const char *word = g_ptr_array_index (words, 0);

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      if (!g_str_equal (word, headers[i].verb))
        continue;
      if (reader->script->steps->len > 0)
        reader->expected = "header statements before the first step";
      else
        headers[i].read (reader, words);
      if (reader->expected == NULL && has_devices (reader))
        apply_header (reader);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (g_str_equal (word, perms_event_kind_to_string (verbs[i].kind)))
        {
          read_step (reader, i, words);
          return;
        }
    }
  reader->expected =
    "policy, devices, app, identity, install, uninstall, launch, prompt, set, reset, "
    "pick, forget, policy-row, consent, sync or adapter";
}

/* ---- lines ---- */

/* '#' begins a comment at the start of a line or after a space. */
static void
cut_comment (char *line)
{
  for (char *c = strchr (line, '#'); c != NULL; c = strchr (c + 1, '#'))
    {
      if (c == line || strchr (WHITESPACE, c[-1]) != NULL)
        {
          *c = '\0';
          return;
        }
    }
}

static void
read_line (Reader *reader, char *line)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  char *rest = NULL;

  cut_comment (line);
  for (char *word = strtok_r (line, WHITESPACE, &rest); word != NULL;
       word = strtok_r (NULL, WHITESPACE, &rest))
    g_ptr_array_add (words, g_strdup (word));
  if (words->len > 0)
    read_statement (reader, words);
}

static void
read_text (Reader *reader, char *text)
{
  while (text != NULL && reader->expected == NULL)
    {
      char *end = strchr (text, '\n');
      if (end != NULL)
        *end = '\0';
      reader->line++;
      read_line (reader, text);
      text = end != NULL ? end + 1 : NULL;
    }
  if (reader->expected == NULL && !has_devices (reader))
    apply_header (reader); /* names that no devices statement ever explained */
}

static void
clear_step (gpointer data)
{
  PermsScriptStep *step = data;

  g_free (step->text);
}

static PermsScript *
make_script (void)
{
  PermsScript *script = g_new0 (PermsScript, 1);

  script->family = perms_family_new ();
  script->steps = g_array_new (FALSE, FALSE, sizeof (PermsScriptStep));
  g_array_set_clear_func (script->steps, clear_step);
  script->strings = g_string_chunk_new (4096);
  return script;
}

PermsScript *
perms_script_parse (const char *text, gsize length, GError **error)
{
  if (length > PERMS_SCRIPT_TEXT_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "line 1: expected a script of at most %d bytes",
                   PERMS_SCRIPT_TEXT_MAX);
      return NULL;
    }

  const char *end = text;
  g_autoptr (PermsScript) script = make_script ();
  Reader reader = { .script = script };
  reader.identities = g_array_new (FALSE, FALSE, sizeof (HeaderLine));
  g_array_set_clear_func (reader.identities, clear_header_line);
  reader.names = g_hash_table_new (g_str_hash, g_str_equal);

  /* only the part before bytes that are no text is read, and then these are the error */
  gboolean is_text = g_utf8_validate_len (text, length, &end);
  g_autofree char *copy = g_strndup (text, (gsize) (end - text));
  read_text (&reader, copy);
  if (reader.expected == NULL && !is_text)
    reader.expected = "UTF-8 text";
  clear_header_line (&reader.app);
  g_array_unref (reader.identities);
  g_hash_table_unref (reader.names);

  if (reader.expected != NULL)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID, "line %u: expected %s",
                   reader.line, reader.expected);
      return NULL;
    }
  perms_script_set_sync (script, script->sync);
  return g_steal_pointer (&script);
}

void
perms_script_free (PermsScript *script)
{
  if (script == NULL)
    return;
  g_free (script->app);
  perms_family_free (script->family);
  g_array_unref (script->steps);
  g_string_chunk_free (script->strings);
  g_free (script);
}

void
perms_script_set_sync (PermsScript *script, PermsSync sync)
{
  script->sync = sync;
  for (guint i = 0; i < script->family->members->len; i++)
    perms_family_get (script->family, i)->sync = sync;
}
