/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Four writers that give and take grants through the commit queue as fast as they can, and
 * say what they are about to do and what was acknowledged, until somebody kills them. Must
 * not know who does. Grants are in force at odd revisions. */

#pragma once

#include "perms/store.h"
#include "tests/store/rows.h"

#define WRITERS_N        4
#define WRITERS_N_GRANTS 32 /* of all writers */

typedef enum
{
  WRITERS_BEGUN = 0,
  WRITERS_ACKNOWLEDGED,
  WRITERS_FAILED,
} WritersWord;

/* Called on the writers' threads, in the order in which it happens to each grant. */
typedef void (*WritersLogFunc) (guint grant,
                                guint64 revision,
                                WritersWord word,
                                gpointer user_data);

/* Goes on from @revisions (WRITERS_N_GRANTS of them). Never returns. */
void writers_run (PermsStore *take_store,
                  const guint64 *revisions,
                  WritersLogFunc log,
                  gpointer user_data) G_GNUC_NORETURN;

/* What a store has: the revision of each grant, 0 for none. Ends the program when the store
 * does not open, was damaged, does not pass its check, or has what no writer wrote. */
PermsStore *writers_open (const char *path, guint64 *ret_revisions);
