/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/words.h: the words `key=value` that describe a test accessory
 * (tests/README.md) as a struct. Pure: it knows neither of the programs that build
 * an accessory from it. */

#pragma once

#include <glib.h>

#define ACCESSORY_WORDS_ADAPTERS_MAX 16
#define ACCESSORY_WORDS_SERVICES_MAX 16

#define FAKES_ERROR (fakes_error_quark ())
GQuark fakes_error_quark (void);

typedef enum
{
  FAKES_ERROR_BAD_WORD =
    0, /* unknown, twice, missing, or out of range: the message says which */
  FAKES_ERROR_BAD_COMMAND,
} FakesError;

typedef enum
{
  ACCESSORY_SECURITY_NONE = 0,
  ACCESSORY_SECURITY_ENCRYPT,       /* a link that is encrypted */
  ACCESSORY_SECURITY_AUTHENTICATED, /* and a pairing that was verified */
} AccessorySecurity;

/* Named from the accessory's side: tests/README.md. */
typedef enum
{
  ACCESSORY_PAIRING_JUST_WORKS = 0,
  ACCESSORY_PAIRING_THEY_SHOW,
  ACCESSORY_PAIRING_WE_SHOW,
  ACCESSORY_PAIRING_COMPARE,
  ACCESSORY_PAIRING_REFUSE,
  ACCESSORY_PAIRING_WRONG_PASSKEY,
  ACCESSORY_PAIRING_VANISH,
} AccessoryPairing;

#define ACCESSORY_PASSKEY_RANDOM G_MAXUINT
#define ACCESSORY_RSSI_UNKNOWN   127 /* Core Specification 5.3, Vol 4, Part E, 7.7.65.2 */

typedef struct
{
  guint adapters[ACCESSORY_WORDS_ADAPTERS_MAX]; /* numbers: 1 is hci1 */
  guint n_adapters;                             /* at least 1 */
  char *address;           /* "C4:64:E3:01:02:03", upper case; NULL: not said */
  gboolean address_public; /* else random */
  char *identity;          /* that a bond tells, of the same type; NULL: @address is it */
  char *name;              /* octets, perhaps not UTF-8; "" advertises none */
  guint16 appearance;      /* 0: none */
  guint16 services[ACCESSORY_WORDS_SERVICES_MAX]; /* in order, no duplicates */
  guint n_services;
  GBytes *manufacturer;      /* payload, or NULL: none */
  guint16 company;           /* of @manufacturer */
  GBytes *service_data;      /* payload, or NULL: none */
  guint16 service_data_uuid; /* of @service_data */
  AccessorySecurity security;
  AccessoryPairing pairing;
  gboolean auto_confirm; /* a comparison is confirmed without the command `confirm` */
  gint rssi;             /* dBm, or ACCESSORY_RSSI_UNKNOWN */
  guint passkey;         /* or ACCESSORY_PASSKEY_RANDOM */
  guint rate_ms;         /* 0: notifies on command only */
  guint16 low_bpm, high_bpm;
  guint8 flags;      /* of 2A37 */
  guint lifetime_ms; /* of a link; 0: no limit */
  gboolean resolves; /* FALSE: the link comes up, the services are never found */
} AccessoryWords;

/* Parses @words, NULL-terminated. Fails with %FAKES_ERROR_BAD_WORD; the message names the word. */
AccessoryWords *accessory_words_parse (const char *const *words,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void accessory_words_free (AccessoryWords *words);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AccessoryWords, accessory_words_free)

/* Undoes C escapes: \\, \t, \n, \r, \e, \xHH, and \s for a space. NULL when @text has another escape or a zero octet. */
char *accessory_words_unescape (const char *text);

/* Octets from hexadecimal digits of either case, an even number, perhaps none. NULL when they are not. */
GBytes *accessory_words_hex (const char *digits);
