/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/blocklist.h"

#include <string.h>

#define ACCESS_ALL (BLE_ACCESS_READ | BLE_ACCESS_WRITE | BLE_ACCESS_NOTIFY)

/* Manufacturer data that begins with some octets. */
typedef struct
{
  guint16 company;
  guint8 length;
  guint8 prefix[BLE_DESCRIPTOR_PAYLOAD_MAX];
} AdvertRule;

struct BleBlocklist
{
  GHashTable *rules;    /* BleUuid, owned → what is blocked (BleAccess) in a pointer */
  GArray *advert_rules; /* of AdvertRule */
  char *fault;          /* set: everything is blocked */
};

static guint
hash_uuid (gconstpointer uuid)
{
  return ble_uuid_hash (uuid);
}

static gboolean
equal_uuids (gconstpointer a, gconstpointer b)
{
  return ble_uuid_equal (a, b);
}

/* Lines */

/* At most this many words a line: the longest rule has three. */
#define WORDS_MAX 3

/* Splits @line, which it changes, at spaces and tabs; a comment ends it. Returns the
 * number of words, or WORDS_MAX + 1 when there are more. */
static guint
split_words (char *line, char **words)
{
  guint n = 0;

  line[strcspn (line, "#")] = '\0';
  for (;;)
    {
      line += strspn (line, " \t");
      if (*line == '\0')
        return n;
      if (n == WORDS_MAX)
        return WORDS_MAX + 1;
      words[n++] = line;
      line += strcspn (line, " \t");
      if (*line != '\0')
        *line++ = '\0';
    }
}

static gboolean
parse_operation (const char *word, guint *ret_blocked)
{
  if (g_str_equal (word, "exclude"))
    *ret_blocked = ACCESS_ALL;
  else if (g_str_equal (word, "no-read"))
    *ret_blocked = BLE_ACCESS_READ | BLE_ACCESS_NOTIFY;
  else if (g_str_equal (word, "no-write"))
    *ret_blocked = BLE_ACCESS_WRITE;
  else
    return FALSE;
  return TRUE;
}

/* Each function that adds a rule returns NULL, or what is wrong with it. */
static const char *
add_uuid_rule (BleBlocklist *blocklist, char **words, guint n)
{
  guint blocked = ACCESS_ALL;
  BleUuid uuid;

  if (n > 2)
    return "a rule has one or two words";
  if (!ble_uuid_parse (words[0], &uuid))
    return "a UUID of 16, 32 or 128 bits is needed";
  if (n == 2 && !parse_operation (words[1], &blocked))
    return "the words are exclude, no-read and no-write";
  if (g_hash_table_contains (blocklist->rules, &uuid))
    return "this UUID has a rule already";
  g_hash_table_insert (blocklist->rules, g_memdup2 (&uuid, sizeof uuid),
                       GUINT_TO_POINTER (blocked));
  return NULL;
}

/* Reads pairs of hexadecimal digits. */
static gboolean
parse_octets (const char *text, guint8 *octets, gsize octets_max, guint8 *ret_length)
{
  gsize n = strlen (text) / 2;

  if (n == 0 || n > octets_max || strlen (text) % 2 != 0)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      gint high = g_ascii_xdigit_value (text[i * 2]);
      gint low = g_ascii_xdigit_value (text[i * 2 + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      octets[i] = (guint8) (high * 16 + low);
    }
  *ret_length = (guint8) n;
  return TRUE;
}

static const char *
add_advert_rule (BleBlocklist *blocklist, char **words, guint n)
{
  AdvertRule rule = { 0 };
  guint8 company[2];
  guint8 length;

  if (n != 3)
    return "an advert rule has a company and a prefix";
  if (!parse_octets (words[1], company, sizeof company, &length) || length != 2)
    return "a company has four hexadecimal digits";
  if (!parse_octets (words[2], rule.prefix, sizeof rule.prefix, &rule.length))
    return "a prefix has 1 to 254 pairs of hexadecimal digits";
  rule.company = (guint16) (company[0] << 8 | company[1]);
  g_array_append_val (blocklist->advert_rules, rule);
  return NULL;
}

static guint
count_rules (const BleBlocklist *blocklist)
{
  return g_hash_table_size (blocklist->rules) + blocklist->advert_rules->len;
}

static const char *
add_line (BleBlocklist *blocklist, char *line)
{
  char *words[WORDS_MAX];
  guint n = split_words (line, words);

  if (n == 0)
    return NULL;
  if (n > WORDS_MAX)
    return "too many words";
  if (count_rules (blocklist) >= BLE_BLOCKLIST_RULES_MAX)
    return "too many rules";
  if (g_str_equal (words[0], "advert"))
    return add_advert_rule (blocklist, words, n);
  return add_uuid_rule (blocklist, words, n);
}

/* Returns NULL, or what is wrong, to be freed. */
static char *
add_text (BleBlocklist *blocklist, const char *text, gsize length)
{
  g_auto (GStrv) lines = NULL;
  g_autofree char *copy = NULL;

  if (text == NULL)
    return g_strdup ("there is no text");
  if (length > BLE_BLOCKLIST_TEXT_MAX)
    return g_strdup ("longer than 65536 bytes");
  if (memchr (text, '\0', length) != NULL)
    return g_strdup ("holds a NUL");
  if (length == 0 || text[length - 1] != '\n')
    return g_strdup ("cut off: the last line has no end");
  copy = g_strndup (text, length);
  lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *fault = add_line (blocklist, lines[i]);

      if (fault != NULL)
        return g_strdup_printf ("line %u: %s", i + 1, fault);
    }
  if (count_rules (blocklist) == 0)
    return g_strdup ("holds no rule");
  return NULL;
}

/* The list */

BleBlocklist *
ble_blocklist_new (const char *text, gsize length)
{
  BleBlocklist *blocklist = g_new0 (BleBlocklist, 1);

  blocklist->rules = g_hash_table_new_full (hash_uuid, equal_uuids, g_free, NULL);
  blocklist->advert_rules = g_array_new (FALSE, FALSE, sizeof (AdvertRule));
  blocklist->fault = add_text (blocklist, text, length);
  return blocklist;
}

void
ble_blocklist_free (BleBlocklist *blocklist)
{
  if (blocklist == NULL)
    return;
  g_hash_table_unref (blocklist->rules);
  g_array_unref (blocklist->advert_rules);
  g_free (blocklist->fault);
  g_free (blocklist);
}

const char *
ble_blocklist_get_fault (const BleBlocklist *blocklist)
{
  g_return_val_if_fail (blocklist != NULL, NULL);

  return blocklist->fault;
}

static guint
lookup_blocked (const BleBlocklist *blocklist, const BleUuid *uuid)
{
  if (uuid == NULL)
    return 0;
  return GPOINTER_TO_UINT (g_hash_table_lookup (blocklist->rules, uuid));
}

gboolean
ble_blocklist_blocks (const BleBlocklist *blocklist,
                      const BleUuid *service,
                      const BleUuid *characteristic,
                      const BleUuid *descriptor,
                      guint access)
{
  guint blocked;

  g_return_val_if_fail (blocklist != NULL, TRUE);
  g_return_val_if_fail (service != NULL, TRUE);

  if (blocklist->fault != NULL || (access & ACCESS_ALL) == 0)
    return TRUE;
  blocked = lookup_blocked (blocklist, service) |
            lookup_blocked (blocklist, characteristic) |
            lookup_blocked (blocklist, descriptor);
  return (blocked & access) != 0;
}

gboolean
ble_blocklist_blocks_manufacturer (const BleBlocklist *blocklist,
                                   guint16 company,
                                   const guint8 *octets,
                                   gsize length)
{
  g_return_val_if_fail (blocklist != NULL, TRUE);

  if (blocklist->fault != NULL)
    return TRUE;
  for (guint i = 0; i < blocklist->advert_rules->len; i++)
    {
      const AdvertRule *rule = &g_array_index (blocklist->advert_rules, AdvertRule, i);

      if (rule->company == company && length >= rule->length &&
          memcmp (octets, rule->prefix, rule->length) == 0)
        return TRUE;
    }
  return FALSE;
}
