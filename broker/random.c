/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/random.h"

#include <sys/random.h>

#define WORD_OCTETS 16

char *
broker_random_word (void)
{
  guint8 octets[WORD_OCTETS];
  GString *word = g_string_sized_new (2 * (gsize) WORD_OCTETS);

  /* getrandom(2) gives up to 256 octets whole and never fails once the kernel's pool is ready. */
  if (getrandom (octets, sizeof octets, 0) != (gssize) sizeof octets)
    g_error ("the kernel gives no random numbers");
  for (gsize i = 0; i < sizeof octets; i++)
    g_string_append_printf (word, "%02x", octets[i]);
  return g_string_free (word, FALSE);
}
