/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/rows.h"

static GRefString *
ref_string (GRefString *string)
{
  return string != NULL ? g_ref_string_acquire (string) : NULL;
}

static void
clear_string (GRefString **field)
{
  g_clear_pointer (field, g_ref_string_release);
}

void
perms_string_set (GRefString **field, const char *text)
{
  GRefString *string = text != NULL ? g_ref_string_new (text) : NULL;

  clear_string (field);
  *field = string;
}

PermsDevice *
perms_device_copy (const PermsDevice *device)
{
  PermsDevice *copy = g_new (PermsDevice, 1);

  *copy = *device;
  ref_string (copy->name);
  ref_string (copy->kind);
  ref_string (copy->decision.device);
  return copy;
}

void
perms_device_free (PermsDevice *device)
{
  if (device == NULL)
    return;
  clear_string (&device->name);
  clear_string (&device->kind);
  clear_string (&device->decision.device);
  g_free (device);
}

PermsInstall *
perms_install_copy (const PermsInstall *install)
{
  PermsInstall *copy = g_new (PermsInstall, 1);

  *copy = *install;
  ref_string (copy->app);
  ref_string (copy->device);
  ref_string (copy->fingerprint);
  ref_string (copy->changed_to);
  ref_string (copy->decision.device);
  return copy;
}

void
perms_install_free (PermsInstall *install)
{
  if (install == NULL)
    return;
  clear_string (&install->app);
  clear_string (&install->device);
  clear_string (&install->fingerprint);
  clear_string (&install->changed_to);
  clear_string (&install->decision.device);
  g_free (install);
}

PermsGrant *
perms_grant_copy (const PermsGrant *grant)
{
  PermsGrant *copy = g_new (PermsGrant, 1);

  *copy = *grant;
  ref_string (copy->app);
  ref_string (copy->device);
  ref_string (copy->name);
  ref_string (copy->decision.device);
  if (copy->scope != NULL)
    perms_scope_ref (copy->scope);
  return copy;
}

void
perms_grant_clear (PermsGrant *grant)
{
  clear_string (&grant->app);
  clear_string (&grant->device);
  clear_string (&grant->name);
  clear_string (&grant->decision.device);
  g_clear_pointer (&grant->scope, perms_scope_unref);
}

void
perms_grant_free (PermsGrant *grant)
{
  if (grant == NULL)
    return;
  perms_grant_clear (grant);
  g_free (grant);
}

PermsBond *
perms_bond_copy (const PermsBond *bond)
{
  PermsBond *copy = g_new (PermsBond, 1);

  *copy = *bond;
  ref_string (copy->decision.device);
  return copy;
}

void
perms_bond_free (PermsBond *bond)
{
  if (bond == NULL)
    return;
  clear_string (&bond->decision.device);
  g_free (bond);
}

PermsPending *
perms_pending_copy (const PermsPending *pending)
{
  PermsPending *copy = g_new (PermsPending, 1);

  *copy = *pending;
  ref_string (copy->app);
  ref_string (copy->device);
  return copy;
}

void
perms_pending_free (PermsPending *pending)
{
  if (pending == NULL)
    return;
  clear_string (&pending->app);
  clear_string (&pending->device);
  g_free (pending);
}

gboolean
perms_grant_is_in_force (const PermsGrant *grant, gint64 now_s)
{
  return perms_grant_state_is_live (grant->state) &&
         (grant->lifetime != PERMS_LIFETIME_UNTIL || now_s < grant->until_s);
}

/* ---- change sets ---- */

struct _PermsChanges
{
  GArray *list; /* PermsChange */
};

static void
clear_change (gpointer data)
{
  PermsChange *change = data;

  switch (change->kind)
    {
    case PERMS_CHANGE_DEVICE:
      perms_device_free (change->device);
      break;
    case PERMS_CHANGE_INSTALL:
      perms_install_free (change->install);
      break;
    case PERMS_CHANGE_GRANT:
      perms_grant_free (change->grant);
      break;
    case PERMS_CHANGE_BOND:
      perms_bond_free (change->bond);
      break;
    case PERMS_CHANGE_PENDING:
    case PERMS_CHANGE_PENDING_END:
      perms_pending_free (change->pending);
      break;
    case PERMS_CHANGE_NONE:
    default:
      g_assert_not_reached ();
    }
}

static void
clear_changes (gpointer data)
{
  PermsChanges *changes = data;

  g_array_unref (changes->list);
}

PermsChanges *
perms_changes_new (void)
{
  PermsChanges *changes = g_atomic_rc_box_new0 (PermsChanges);

  changes->list = g_array_new (FALSE, FALSE, sizeof (PermsChange));
  g_array_set_clear_func (changes->list, clear_change);
  return changes;
}

PermsChanges *
perms_changes_ref (PermsChanges *changes)
{
  return g_atomic_rc_box_acquire (changes);
}

void
perms_changes_unref (PermsChanges *changes)
{
  g_atomic_rc_box_release_full (changes, clear_changes);
}

guint
perms_changes_get_length (const PermsChanges *changes)
{
  return changes->list->len;
}

const PermsChange *
perms_changes_get (const PermsChanges *changes, guint index)
{
  g_return_val_if_fail (index < changes->list->len, NULL);
  return &g_array_index (changes->list, PermsChange, index);
}

void
perms_changes_take (PermsChanges *changes,
                    PermsChangeKind kind,
                    const char *event,
                    gpointer row)
{
  PermsChange change = { .kind = kind, .event = event, .row = row };

  g_array_append_val (changes->list, change);
}

static gpointer
dup_raised_row (const PermsChange *change)
{
  PermsDecision *decision = NULL;
  gpointer row = NULL;

  switch (change->kind)
    {
    case PERMS_CHANGE_DEVICE:
      row = perms_device_copy (change->device);
      decision = &((PermsDevice *) row)->decision;
      break;
    case PERMS_CHANGE_INSTALL:
      row = perms_install_copy (change->install);
      decision = &((PermsInstall *) row)->decision;
      break;
    case PERMS_CHANGE_GRANT:
      row = perms_grant_copy (change->grant);
      decision = &((PermsGrant *) row)->decision;
      break;
    case PERMS_CHANGE_BOND:
      row = perms_bond_copy (change->bond);
      decision = &((PermsBond *) row)->decision;
      break;
    case PERMS_CHANGE_PENDING:
    case PERMS_CHANGE_PENDING_END:
      return perms_pending_copy (change->pending);
    case PERMS_CHANGE_NONE:
    default:
      g_assert_not_reached ();
    }
  decision->revision++;
  return row;
}

PermsChanges *
perms_changes_dup_raised (const PermsChanges *changes)
{
  PermsChanges *raised = perms_changes_new ();

  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);

      perms_changes_take (raised, change->kind, change->event, dup_raised_row (change));
    }
  return raised;
}
