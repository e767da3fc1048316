/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/words.h"

#include <string.h>

G_DEFINE_QUARK (fakes_error, fakes_error)

#define VALUE_MAX 512 /* octets of a payload; more than any advertisement holds */

typedef gboolean (*WordParser) (AccessoryWords *words, const char *value);

typedef struct
{
  const char *key;
  WordParser parse; /* FALSE: the value is out of range */
} WordRow;

static gboolean
parse_number (const char *text, guint base, guint64 max, guint64 *ret_number)
{
  if (base == 16 && g_str_has_prefix (text, "0x"))
    text += 2;
  return g_ascii_string_to_unsigned (text, base, 0, max, ret_number, NULL);
}

/* Decimal, or hexadecimal after 0x. */
static gboolean
parse_uint (const char *text, guint64 max, guint *ret_number)
{
  guint64 number;

  if (!parse_number (text, g_str_has_prefix (text, "0x") ? 16 : 10, max, &number))
    return FALSE;
  *ret_number = (guint) number;
  return TRUE;
}

static gboolean
parse_uuid16 (const char *text, guint16 *ret_uuid)
{
  guint64 number;

  if (strlen (text) != 4 || !parse_number (text, 16, G_MAXUINT16, &number))
    return FALSE;
  *ret_uuid = (guint16) number;
  return TRUE;
}

static gboolean
parse_choice (const char *text, const char *const *choices, guint *ret_index)
{
  for (guint i = 0; choices[i] != NULL; i++)
    if (g_str_equal (text, choices[i]))
      {
        *ret_index = i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_boolean (const char *text, gboolean *ret_value)
{
  guint index;

  if (!parse_choice (text, (const char *const[]){ "no", "yes", NULL }, &index))
    return FALSE;
  *ret_value = index == 1;
  return TRUE;
}

static gboolean
parse_adapter (AccessoryWords *words, const char *value)
{
  g_auto (GStrv) names = g_strsplit (value, ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      guint64 number;

      if (words->n_adapters == ACCESSORY_WORDS_ADAPTERS_MAX ||
          !g_str_has_prefix (names[i], "hci") ||
          !parse_number (names[i] + strlen ("hci"), 10, G_MAXUINT8, &number))
        return FALSE;
      words->adapters[words->n_adapters++] = (guint) number;
    }
  return words->n_adapters > 0;
}

static gboolean
parse_six_octets (const char *value, char **ret_address)
{
  if (strlen (value) != strlen ("00:00:00:00:00:00"))
    return FALSE;
  for (guint i = 0; value[i] != '\0'; i++)
    if (i % 3 == 2 ? value[i] != ':' : !g_ascii_isxdigit (value[i]))
      return FALSE;
  *ret_address = g_ascii_strup (value, -1);
  return TRUE;
}

static gboolean
parse_address (AccessoryWords *words, const char *value)
{
  return parse_six_octets (value, &words->address);
}

static gboolean
parse_identity (AccessoryWords *words, const char *value)
{
  return parse_six_octets (value, &words->identity);
}

static gboolean
parse_address_type (AccessoryWords *words, const char *value)
{
  guint index;

  if (!parse_choice (value, (const char *const[]){ "random", "public", NULL }, &index))
    return FALSE;
  words->address_public = index == 1;
  return TRUE;
}

static gboolean
parse_name (AccessoryWords *words, const char *value)
{
  char *name = accessory_words_unescape (value);

  if (name == NULL)
    return FALSE;
  g_free (words->name);
  words->name = name;
  return TRUE;
}

static gboolean
parse_appearance (AccessoryWords *words, const char *value)
{
  guint number;

  if (!parse_uint (value, G_MAXUINT16, &number))
    return FALSE;
  words->appearance = (guint16) number;
  return TRUE;
}

static gboolean
parse_services (AccessoryWords *words, const char *value)
{
  g_auto (GStrv) uuids = g_strsplit (value, ",", -1);

  words->n_services = 0;
  for (guint i = 0; uuids[i] != NULL; i++)
    {
      guint16 uuid;

      if (words->n_services == ACCESSORY_WORDS_SERVICES_MAX ||
          !parse_uuid16 (uuids[i], &uuid))
        return FALSE;
      words->services[words->n_services++] = uuid;
    }
  return words->n_services > 0;
}

/* "006b:0102" */
static gboolean
parse_keyed_data (const char *value, guint16 *ret_key, GBytes **ret_data)
{
  g_auto (GStrv) parts = g_strsplit (value, ":", -1);

  if (g_strv_length (parts) != 2 || !parse_uuid16 (parts[0], ret_key))
    return FALSE;
  *ret_data = accessory_words_hex (parts[1]);
  return *ret_data != NULL;
}

static gboolean
parse_manufacturer (AccessoryWords *words, const char *value)
{
  return parse_keyed_data (value, &words->company, &words->manufacturer);
}

static gboolean
parse_service_data (AccessoryWords *words, const char *value)
{
  return parse_keyed_data (value, &words->service_data_uuid, &words->service_data);
}

static gboolean
parse_security (AccessoryWords *words, const char *value)
{
  const char *const choices[] = { "none", "encrypt", "authenticated", NULL };
  guint index;

  if (!parse_choice (value, choices, &index))
    return FALSE;
  words->security = (AccessorySecurity) index;
  return TRUE;
}

static gboolean
parse_pairing (AccessoryWords *words, const char *value)
{
  const char *const choices[] = { "just-works", "they-show",     "we-show", "compare",
                                  "refuse",     "wrong-passkey", "vanish",  NULL };
  guint index;

  if (!parse_choice (value, choices, &index))
    return FALSE;
  words->pairing = (AccessoryPairing) index;
  return TRUE;
}

static gboolean
parse_auto_confirm (AccessoryWords *words, const char *value)
{
  return parse_boolean (value, &words->auto_confirm);
}

static gboolean
parse_resolves (AccessoryWords *words, const char *value)
{
  return parse_boolean (value, &words->resolves);
}

static gboolean
parse_rssi (AccessoryWords *words, const char *value)
{
  gint64 number;

  if (g_str_equal (value, "unknown"))
    {
      words->rssi = ACCESSORY_RSSI_UNKNOWN;
      return TRUE;
    }
  if (!g_ascii_string_to_signed (value, 10, -127, 20, &number, NULL))
    return FALSE;
  words->rssi = (gint) number;
  return TRUE;
}

static gboolean
parse_rate (AccessoryWords *words, const char *value)
{
  return parse_uint (value, G_MAXINT, &words->rate_ms);
}

static gboolean
parse_bpm (AccessoryWords *words, const char *value)
{
  g_auto (GStrv) ends = g_strsplit (value, "-", -1);
  guint n_ends = g_strv_length (ends);
  guint low, high;

  if (n_ends < 1 || n_ends > 2 || !parse_uint (ends[0], G_MAXUINT16, &low) ||
      !parse_uint (ends[n_ends - 1], G_MAXUINT16, &high) || low > high)
    return FALSE;
  words->low_bpm = (guint16) low;
  words->high_bpm = (guint16) high;
  return TRUE;
}

static gboolean
parse_flags (AccessoryWords *words, const char *value)
{
  guint number;

  if (!parse_uint (value, G_MAXUINT8, &number))
    return FALSE;
  words->flags = (guint8) number;
  return TRUE;
}

static gboolean
parse_lifetime (AccessoryWords *words, const char *value)
{
  return parse_uint (value, G_MAXINT, &words->lifetime_ms);
}

static gboolean
parse_passkey (AccessoryWords *words, const char *value)
{
  return parse_uint (value, 999999, &words->passkey);
}

static const WordRow word_rows[] = {
  { "adapter", parse_adapter },
  { "address", parse_address },
  { "address-type", parse_address_type },
  { "appearance", parse_appearance },
  { "auto-confirm", parse_auto_confirm },
  { "bpm", parse_bpm },
  { "flags", parse_flags },
  { "identity", parse_identity },
  { "lifetime-ms", parse_lifetime },
  { "manufacturer", parse_manufacturer },
  { "name", parse_name },
  { "pairing", parse_pairing },
  { "passkey", parse_passkey },
  { "rate-ms", parse_rate },
  { "resolves", parse_resolves },
  { "rssi", parse_rssi },
  { "security", parse_security },
  { "service-data", parse_service_data },
  { "services", parse_services },
};

/* The row of @word, and where its value starts. */
static int
find_row (const char *word, const char **ret_value)
{
  const char *equals = strchr (word, '=');

  for (guint i = 0; equals != NULL && i < G_N_ELEMENTS (word_rows); i++)
    if (strlen (word_rows[i].key) == (gsize) (equals - word) &&
        g_str_has_prefix (word, word_rows[i].key))
      {
        *ret_value = equals + 1;
        return (int) i;
      }
  return -1;
}

static AccessoryWords *
new_with_defaults (void)
{
  AccessoryWords *words = g_new0 (AccessoryWords, 1);

  words->name = g_strdup ("Virtual strap");
  words->appearance = 0x0341; /* heart rate belt: Assigned Numbers, 2.6 */
  words->services[0] = 0x180d;
  words->services[1] = 0x180f;
  words->services[2] = 0x180a;
  words->n_services = 3;
  words->auto_confirm = TRUE;
  words->passkey = ACCESSORY_PASSKEY_RANDOM;
  words->resolves = TRUE;
  words->rssi = ACCESSORY_RSSI_UNKNOWN;
  words->rate_ms = 1000;
  words->low_bpm = 72;
  words->high_bpm = 96;
  words->flags = 0x16;
  return words;
}

AccessoryWords *
accessory_words_parse (const char *const *words, GError **error)
{
  g_autoptr (AccessoryWords) parsed = new_with_defaults ();
  gboolean seen[G_N_ELEMENTS (word_rows)] = { FALSE };

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *value = NULL;
      int row = find_row (words[i], &value);
      const char *fault = NULL;

      if (row < 0)
        fault = "unknown word";
      else if (seen[row])
        fault = "said twice";
      else if (!word_rows[row].parse (parsed, value))
        fault = "bad value";
      if (fault != NULL)
        {
          g_set_error (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD, "%s: %s", words[i],
                       fault);
          return NULL;
        }
      seen[row] = TRUE;
    }
  if (parsed->n_adapters == 0)
    {
      g_set_error (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD, "adapter= is missing");
      return NULL;
    }
  return g_steal_pointer (&parsed);
}

void
accessory_words_free (AccessoryWords *words)
{
  if (words == NULL)
    return;
  g_free (words->address);
  g_free (words->identity);
  g_free (words->name);
  g_clear_pointer (&words->manufacturer, g_bytes_unref);
  g_clear_pointer (&words->service_data, g_bytes_unref);
  g_free (words);
}

/* One escape after its backslash; moves @text past it. Returns 0 when it is not one of ours. */
static char
take_escape (const char **text)
{
  static const char letters[] = "\\stnre";
  static const char octets[] = "\\ \t\n\r\x1b";
  char letter = **text;
  const char *found = letter != '\0' ? strchr (letters, letter) : NULL;

  if (found != NULL)
    {
      *text += 1;
      return octets[found - letters];
    }
  if (letter != 'x' || !g_ascii_isxdigit ((*text)[1]) || !g_ascii_isxdigit ((*text)[2]))
    return '\0';
  letter =
    (char) (g_ascii_xdigit_value ((*text)[1]) << 4 | g_ascii_xdigit_value ((*text)[2]));
  *text += 3;
  return letter;
}

char *
accessory_words_unescape (const char *text)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  while (*text != '\0')
    {
      char octet = *text++;

      if (octet == '\\')
        octet = take_escape (&text);
      if (octet == '\0')
        return NULL;
      g_string_append_c (plain, octet);
    }
  return g_string_free (g_steal_pointer (&plain), FALSE);
}

GBytes *
accessory_words_hex (const char *digits)
{
  gsize n_digits = strlen (digits);
  g_autofree guint8 *octets = NULL;

  if (n_digits % 2 != 0 || n_digits / 2 > VALUE_MAX)
    return NULL;
  octets = g_malloc (n_digits / 2 + 1);
  for (gsize i = 0; i < n_digits; i++)
    {
      int digit = g_ascii_xdigit_value (digits[i]);

      if (digit < 0)
        return NULL;
      octets[i / 2] = (guint8) (i % 2 == 0 ? digit << 4 : octets[i / 2] | digit);
    }
  return g_bytes_new (octets, n_digits / 2);
}
