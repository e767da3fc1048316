/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For unit tests: a store in a folder of its own, and what is done to it again and again,
 * with cmocka's word for what fails. Include after tests/unit/unit.h. */

#pragma once

#include "perms/store.h"
#include "tests/store/rows.h"

typedef struct
{
  char *folder;
  char *path;
} Place;

/* cmocka's set-up and tear-down. */
int place_make (void **state);
int place_remove (void **state);

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown (name, place_make, place_remove)

PermsStore *place_open (const Place *place, PermsOpened expected);
PermsUserRows *place_load (PermsStore *store, guint32 uid);
void place_check (PermsStore *store);

/* Change sets are taken over. */
PermsChanges *place_change (PermsChangeKind kind, const char *event, gpointer row);
void place_apply (PermsStore *store, PermsChanges *take_changes);
void place_apply_refused (PermsStore *store, PermsChanges *take_changes, PermsError code);
void
place_grant (PermsStore *store, guint number, PermsGrantState state, guint64 revision);

/* A device, an install that is allowed, grant 1 in force and grant 2 revoked. */
void place_fill (PermsStore *store);

/* How often: the environment's word for it, or @fallback. */
guint place_number (const char *variable, guint fallback);

/* Runs SQL behind the store's back. */
void place_run_sql (const Place *place, const char *sql);
