/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The events of the permission model and their effect on a family, under each of the
 * sync policies. Pure: changes the family it is given and nothing else. Must not know
 * where families are stored (plan.h) nor how events are written (script.h). */

#pragma once

#include <glib.h>

#include "perms/family.h"
#include "perms/types.h"

typedef enum
{
  PERMS_EVENT_NONE = 0,
  PERMS_EVENT_INSTALL,
  PERMS_EVENT_UNINSTALL,
  PERMS_EVENT_LAUNCH,
  PERMS_EVENT_PROMPT, /* value: allow or deny */
  PERMS_EVENT_SET,    /* value: allow or deny */
  PERMS_EVENT_RESET,
  PERMS_EVENT_PICK,       /* accessory */
  PERMS_EVENT_FORGET,     /* accessory */
  PERMS_EVENT_POLICY_ROW, /* value: allow, deny or clear */
  PERMS_EVENT_CONSENT,    /* value: allow or deny; companions only */
  PERMS_EVENT_SYNC,       /* companions only */
  PERMS_EVENT_ADAPTER,    /* value: off or on */
} PermsEventKind;

typedef enum
{
  PERMS_EVENT_VALUE_NONE = 0,
  PERMS_EVENT_VALUE_DENY,
  PERMS_EVENT_VALUE_ALLOW,
  PERMS_EVENT_VALUE_CLEAR,
  PERMS_EVENT_VALUE_OFF,
  PERMS_EVENT_VALUE_ON,
} PermsEventValue;

typedef struct
{
  PermsEventKind kind;
  guint member; /* index into the family */
  PermsEventValue value;
  const char *accessory;
} PermsEvent;

typedef enum
{
  PERMS_RESULT_REFUSED = 0, /* with a cause */
  PERMS_RESULT_NO_EFFECT,
  PERMS_RESULT_NO_PROMPT,
  PERMS_RESULT_NOTHING_FOUND,
  PERMS_RESULT_OK,
} PermsResult;

typedef enum
{
  PERMS_NOTE_NONE = 0,
  PERMS_NOTE_APP_KILLED,
  PERMS_NOTE_IDENTITY_MISMATCH,
} PermsNote;

typedef struct
{
  PermsResult result;
  PermsCause cause; /* of a refusal, else NONE */
  PermsNote note;   /* about the event's own member; no event has more than one */
} PermsOutcome;

/* Applies @event. A family is unchanged unless the result is OK. */
PermsOutcome perms_event_apply (PermsFamily *family, const PermsEvent *event);

const char *perms_event_kind_to_string (PermsEventKind kind);
/* "ok", "no-effect", "no-prompt", "nothing-found", or "refused:CAUSE". To be freed. */
char *perms_outcome_format (const PermsOutcome *outcome);
/* "app-killed" or "identity-mismatch"; NULL for none. */
const char *perms_note_to_string (PermsNote note);
