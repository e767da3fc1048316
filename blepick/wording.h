/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/wording.h: what a picker says to the person, in the same words on every view. Pure. Nothing is
 * escaped here: names and an app's words are as the broker sent them. */

#pragma once

#include <gio/gio.h>

typedef enum
{
  BLEPICK_LIFETIME_ALWAYS = 0,
  BLEPICK_LIFETIME_ONCE,
  BLEPICK_LIFETIME_DAY,
} BlepickLifetime;

/* The one that follows, the first after the last. */
BlepickLifetime blepick_wording_next_lifetime (BlepickLifetime lifetime);
/* "for 24 hours". */
const char *blepick_wording_lifetime (BlepickLifetime lifetime);

/* @about: of Present or Ask, or NULL. */

/* Who asks, and how sure we are of that: "Runner (not verified)". */
char *blepick_wording_asker (GVariant *about);
/* What the person has to know before they choose, a sentence each. */
char **blepick_wording_warnings (GVariant *about);
/* What to do with the accessory first. */
const char *blepick_wording_advice (void);
/* What to try where nothing was found yet, for the kind that is looked for. */
const char *blepick_wording_help (GVariant *about);

/* Of Progress: "Pairing..."; "One moment..." for a phase that is not known, or NULL. */
const char *blepick_wording_phase (const char *phase);

/* What Prompt or Ask wants to know. */
char *blepick_wording_prompt (GVariant *prompt);
char *blepick_wording_question (GVariant *about, GVariant *question);
/* Of a question of scope, one a line: "heart-rate: read, notify". */
char **blepick_wording_services (GVariant *question);

/* Once it is over: what the person should know of how it was paired, or NULL. */
const char *blepick_wording_outcome (GVariant *result);
