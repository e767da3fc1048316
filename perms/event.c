/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/event.h"

static const PermsOutcome outcome_ok = { .result = PERMS_RESULT_OK };
static const PermsOutcome outcome_no_effect = { .result = PERMS_RESULT_NO_EFFECT };
static const PermsOutcome outcome_no_prompt = { .result = PERMS_RESULT_NO_PROMPT };
static const PermsOutcome outcome_nothing_found = { .result =
                                                      PERMS_RESULT_NOTHING_FOUND };

static PermsOutcome
refuse (PermsCause cause)
{
  return (PermsOutcome){ .result = PERMS_RESULT_REFUSED, .cause = cause };
}

static PermsOutcome
accept (PermsNote note)
{
  return (PermsOutcome){ .result = PERMS_RESULT_OK, .note = note };
}

static PermsMember *
get_host (const PermsFamily *family)
{
  return perms_family_get (family, 0);
}

static gboolean
is_mirrored (const PermsMember *member)
{
  return member->sync == PERMS_SYNC_MIRRORED;
}

static void
write_row (PermsMember *member, PermsBluetooth value, PermsReason reason)
{
  member->bluetooth = value;
  member->reason = reason;
}

static PermsBluetooth
value_to_row (PermsEventValue value)
{
  return value == PERMS_EVENT_VALUE_ALLOW ? PERMS_BLUETOOTH_ALLOWED
                                          : PERMS_BLUETOOTH_DENIED;
}

/* The row is somebody's decision that may be mirrored or copied: managed values are
 * never a source. */
static gboolean
is_source (const PermsMember *member)
{
  return member->installed && member->managed == PERMS_MANAGED_NONE &&
         (member->bluetooth == PERMS_BLUETOOTH_ALLOWED ||
          member->bluetooth == PERMS_BLUETOOTH_DENIED);
}

/* ---- mirrored ---- */

static void
mirror_to (PermsMember *member, PermsBluetooth value)
{
  if (!member->installed || member->managed != PERMS_MANAGED_NONE)
    return;
  write_row (member, value,
             value == PERMS_BLUETOOTH_NOT_DETERMINED ? PERMS_REASON_NONE
                                                     : PERMS_REASON_MIRRORED);
}

static void
mirror_to_companions (PermsFamily *family,
                      PermsBluetooth value,
                      const PermsMember *except)
{
  for (guint i = 1; i < family->members->len; i++)
    {
      PermsMember *member = perms_family_get (family, i);
      if (member != except && is_mirrored (member))
        mirror_to (member, value);
    }
}

static void
clear_conflict (PermsFamily *family)
{
  for (guint i = 1; i < family->members->len; i++)
    perms_family_get (family, i)->conflict = FALSE;
}

/* The host's row was decided: every mirrored companion follows. */
static void
follow_host (PermsFamily *family)
{
  mirror_to_companions (family, get_host (family)->bluetooth, NULL);
  clear_conflict (family);
}

/* A fresh host takes what the first decided companion says: the consent that nobody gave. */
static void
inherit_from_companions (PermsFamily *family)
{
  PermsMember *host = get_host (family);

  for (guint i = 1; i < family->members->len; i++)
    {
      const PermsMember *member = perms_family_get (family, i);
      if (is_mirrored (member) && is_source (member))
        {
          mirror_to (host, member->bluetooth);
          return;
        }
    }
}

static PermsOutcome
prompt_mirrored_companion (PermsFamily *family, PermsMember *member, PermsBluetooth value)
{
  PermsMember *host = get_host (family);

  if (host->installed && (host->asks & PERMS_ACCESS_BLUETOOTH) != 0)
    {
      write_row (member, value, PERMS_REASON_USER_PROMPT);
      mirror_to (host, value);
      mirror_to_companions (family, value, member);
      return outcome_ok;
    }
  if (host->installed && value == PERMS_BLUETOOTH_ALLOWED &&
      host->bluetooth != PERMS_BLUETOOTH_ALLOWED)
    {
      write_row (member, PERMS_BLUETOOTH_DENIED, PERMS_REASON_MIRRORED);
      member->conflict = TRUE;
      return accept (PERMS_NOTE_APP_KILLED);
    }
  write_row (member, value, PERMS_REASON_USER_PROMPT);
  return outcome_ok;
}

/* ---- copy-once ---- */

static void
copy_snapshot (PermsMember *member, PermsBluetooth snapshot)
{
  if (snapshot != PERMS_BLUETOOTH_NOT_DETERMINED &&
      (member->asks & PERMS_ACCESS_BLUETOOTH) != 0 &&
      member->bluetooth == PERMS_BLUETOOTH_NOT_DETERMINED &&
      member->managed == PERMS_MANAGED_NONE)
    write_row (member, snapshot, PERMS_REASON_COPIED);
}

static void
drop_snapshot (PermsMember *member)
{
  member->waiting = FALSE;
  member->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
}

static PermsOutcome
handle_sync (PermsFamily *family, PermsMember *member)
{
  const PermsMember *host = get_host (family);

  if (member == host || member->sync != PERMS_SYNC_COPY_ONCE)
    return outcome_no_effect;
  if (member->consent != PERMS_CONSENT_ALLOW)
    return refuse (PERMS_CAUSE_NO_CONSENT);
  if (!g_str_equal (host->fingerprint, member->fingerprint))
    return accept (PERMS_NOTE_IDENTITY_MISMATCH);

  PermsBluetooth snapshot =
    is_source (host) ? host->bluetooth : PERMS_BLUETOOTH_NOT_DETERMINED;
  if (member->installed)
    {
      copy_snapshot (member, snapshot);
      return outcome_ok;
    }
  member->waiting = TRUE;
  member->snapshot = snapshot;
  return outcome_ok;
}

/* ---- the events that the policies share ---- */

static PermsOutcome
handle_install (PermsFamily *family, PermsMember *member)
{
  if (member->installed)
    return outcome_no_effect;
  member->installed = TRUE;
  g_ptr_array_set_size (member->accessories, 0);
  if (member->managed != PERMS_MANAGED_NONE)
    write_row (member,
               member->managed == PERMS_MANAGED_ALLOW ? PERMS_BLUETOOTH_ALLOWED
                                                      : PERMS_BLUETOOTH_RESTRICTED,
               PERMS_REASON_POLICY);
  else
    write_row (member, PERMS_BLUETOOTH_NOT_DETERMINED, PERMS_REASON_NONE);

  if (member == get_host (family))
    inherit_from_companions (family);
  else if (is_mirrored (member) && is_source (get_host (family)))
    mirror_to (member, get_host (family)->bluetooth);
  if (member->waiting)
    copy_snapshot (member, member->snapshot);
  drop_snapshot (member);
  return outcome_ok;
}

static PermsOutcome
handle_uninstall (PermsFamily *family, PermsMember *member)
{
  member->installed = FALSE;
  write_row (member, PERMS_BLUETOOTH_NONE, PERMS_REASON_NONE);
  g_ptr_array_set_size (member->accessories, 0);
  member->conflict = FALSE;
  if (member == get_host (family))
    clear_conflict (family);
  return outcome_ok;
}

static PermsOutcome
handle_prompt (PermsFamily *family, PermsMember *member, PermsBluetooth value)
{
  if ((member->asks & PERMS_ACCESS_BLUETOOTH) == 0 ||
      member->bluetooth != PERMS_BLUETOOTH_NOT_DETERMINED)
    return outcome_no_prompt;
  if (member != get_host (family) && is_mirrored (member))
    return prompt_mirrored_companion (family, member, value);
  write_row (member, value, PERMS_REASON_USER_PROMPT);
  if (member == get_host (family))
    follow_host (family);
  return outcome_ok;
}

static PermsOutcome
handle_setting (PermsFamily *family,
                guint index,
                PermsBluetooth value,
                PermsReason reason)
{
  PermsMember *member = perms_family_get (family, index);

  if (!perms_family_is_editable (family, index))
    return refuse (PERMS_CAUSE_LOCKED);
  write_row (member, value, reason);
  if (index == 0)
    follow_host (family);
  return outcome_ok;
}

static PermsOutcome
handle_pick (PermsFamily *family, guint index, const char *accessory)
{
  switch (perms_family_get_picker (family, index))
    {
    case PERMS_PICKER_OK:
      if (perms_member_add_accessory (perms_family_get (family, index), accessory))
        return outcome_ok;
      return outcome_no_effect;
    case PERMS_PICKER_EMPTY:
      return outcome_nothing_found;
    case PERMS_PICKER_RESTRICTED_POLICY:
      return refuse (PERMS_CAUSE_POLICY);
    case PERMS_PICKER_RESTRICTED_BROAD_GRANT_HELD:
      return refuse (PERMS_CAUSE_BROAD_GRANT_HELD);
    case PERMS_PICKER_NONE:
    default:
      return refuse (PERMS_CAUSE_NOT_DECLARED);
    }
}

static PermsOutcome
handle_forget (PermsMember *member, const char *accessory)
{
  if (!perms_member_remove_accessory (member, accessory))
    return refuse (PERMS_CAUSE_NO_GRANT);
  return outcome_ok;
}

static PermsOutcome
handle_policy_row (PermsMember *member, PermsEventValue value)
{
  PermsBluetooth row = PERMS_BLUETOOTH_RESTRICTED;
  PermsReason reason = PERMS_REASON_POLICY;

  if (value == PERMS_EVENT_VALUE_CLEAR)
    {
      if (member->managed == PERMS_MANAGED_NONE)
        return outcome_no_effect;
      member->managed = PERMS_MANAGED_NONE;
      row = PERMS_BLUETOOTH_NOT_DETERMINED;
      reason = PERMS_REASON_NONE;
    }
  else if (value == PERMS_EVENT_VALUE_ALLOW)
    {
      member->managed = PERMS_MANAGED_ALLOW;
      row = PERMS_BLUETOOTH_ALLOWED;
    }
  else
    member->managed = PERMS_MANAGED_DENY;

  if (member->installed)
    write_row (member, row, reason);
  return outcome_ok;
}

static PermsOutcome
handle_consent (PermsMember *member, PermsEventValue value)
{
  if (value == PERMS_EVENT_VALUE_ALLOW)
    {
      member->consent = PERMS_CONSENT_ALLOW;
      return outcome_ok;
    }
  member->consent = PERMS_CONSENT_DENY;
  drop_snapshot (member);
  return outcome_ok;
}

static gboolean
needs_install (PermsEventKind kind)
{
  return kind != PERMS_EVENT_INSTALL && kind != PERMS_EVENT_POLICY_ROW &&
         kind != PERMS_EVENT_CONSENT && kind != PERMS_EVENT_SYNC &&
         kind != PERMS_EVENT_ADAPTER;
}

PermsOutcome
perms_event_apply (PermsFamily *family, const PermsEvent *event)
{
  PermsMember *member = perms_family_get (family, event->member);

  if (needs_install (event->kind) && !member->installed)
    return refuse (PERMS_CAUSE_NOT_INSTALLED);
  switch (event->kind)
    {
    case PERMS_EVENT_INSTALL:
      return handle_install (family, member);
    case PERMS_EVENT_UNINSTALL:
      return handle_uninstall (family, member);
    case PERMS_EVENT_LAUNCH:
      return outcome_ok;
    case PERMS_EVENT_PROMPT:
      return handle_prompt (family, member, value_to_row (event->value));
    case PERMS_EVENT_SET:
      return handle_setting (family, event->member, value_to_row (event->value),
                             PERMS_REASON_USER_SETTINGS);
    case PERMS_EVENT_RESET:
      return handle_setting (family, event->member, PERMS_BLUETOOTH_NOT_DETERMINED,
                             PERMS_REASON_NONE);
    case PERMS_EVENT_PICK:
      return handle_pick (family, event->member, event->accessory);
    case PERMS_EVENT_FORGET:
      return handle_forget (member, event->accessory);
    case PERMS_EVENT_POLICY_ROW:
      return handle_policy_row (member, event->value);
    case PERMS_EVENT_CONSENT:
      return handle_consent (member, event->value);
    case PERMS_EVENT_SYNC:
      return handle_sync (family, member);
    case PERMS_EVENT_ADAPTER:
      member->adapter_off = event->value == PERMS_EVENT_VALUE_OFF;
      return outcome_ok;
    case PERMS_EVENT_NONE:
    default:
      return refuse (PERMS_CAUSE_NOT_DECLARED);
    }
}

const char *
perms_event_kind_to_string (PermsEventKind kind)
{
  static const char *const names[] = {
    [PERMS_EVENT_NONE] = "none",           [PERMS_EVENT_INSTALL] = "install",
    [PERMS_EVENT_UNINSTALL] = "uninstall", [PERMS_EVENT_LAUNCH] = "launch",
    [PERMS_EVENT_PROMPT] = "prompt",       [PERMS_EVENT_SET] = "set",
    [PERMS_EVENT_RESET] = "reset",         [PERMS_EVENT_PICK] = "pick",
    [PERMS_EVENT_FORGET] = "forget",       [PERMS_EVENT_POLICY_ROW] = "policy-row",
    [PERMS_EVENT_CONSENT] = "consent",     [PERMS_EVENT_SYNC] = "sync",
    [PERMS_EVENT_ADAPTER] = "adapter",
  };

  return (guint) kind < G_N_ELEMENTS (names) ? names[kind] : "unknown";
}

char *
perms_outcome_format (const PermsOutcome *outcome)
{
  switch (outcome->result)
    {
    case PERMS_RESULT_OK:
      return g_strdup ("ok");
    case PERMS_RESULT_NO_EFFECT:
      return g_strdup ("no-effect");
    case PERMS_RESULT_NO_PROMPT:
      return g_strdup ("no-prompt");
    case PERMS_RESULT_NOTHING_FOUND:
      return g_strdup ("nothing-found");
    case PERMS_RESULT_REFUSED:
    default:
      return g_strdup_printf ("refused:%s", perms_cause_to_string (outcome->cause));
    }
}

const char *
perms_note_to_string (PermsNote note)
{
  switch (note)
    {
    case PERMS_NOTE_APP_KILLED:
      return "app-killed";
    case PERMS_NOTE_IDENTITY_MISMATCH:
      return "identity-mismatch";
    case PERMS_NOTE_NONE:
    default:
      return NULL;
    }
}
