/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/family.h"

#include <string.h>

static void
free_member (gpointer data)
{
  PermsMember *member = data;

  g_free (member->name);
  g_free (member->fingerprint);
  g_ptr_array_unref (member->accessories);
  g_free (member);
}

static gpointer
copy_string (gconstpointer string, gpointer user_data)
{
  return g_strdup (string);
}

static gpointer
copy_member (gconstpointer data, gpointer user_data)
{
  const PermsMember *member = data;
  PermsMember *copy = g_new (PermsMember, 1);

  *copy = *member;
  copy->name = g_strdup (member->name);
  copy->fingerprint = g_strdup (member->fingerprint);
  copy->accessories = g_ptr_array_copy (member->accessories, copy_string, NULL);
  g_ptr_array_set_free_func (copy->accessories, g_free);
  return copy;
}

PermsFamily *
perms_family_new (void)
{
  PermsFamily *family = g_new (PermsFamily, 1);

  family->members = g_ptr_array_new_with_free_func (free_member);
  return family;
}

PermsFamily *
perms_family_copy (const PermsFamily *family)
{
  PermsFamily *copy = g_new (PermsFamily, 1);

  copy->members = g_ptr_array_copy (family->members, copy_member, NULL);
  g_ptr_array_set_free_func (copy->members, free_member);
  return copy;
}

void
perms_family_free (PermsFamily *family)
{
  if (family == NULL)
    return;
  g_ptr_array_unref (family->members);
  g_free (family);
}

PermsMember *
perms_family_add (PermsFamily *family, const char *name)
{
  PermsMember *member = g_new0 (PermsMember, 1);

  member->name = g_strdup (name);
  member->fingerprint = g_strdup ("");
  member->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  member->accessories = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (family->members, member);
  return member;
}

PermsMember *
perms_family_get (const PermsFamily *family, guint index)
{
  return g_ptr_array_index (family->members, index);
}

PermsMember *
perms_family_find (const PermsFamily *family, const char *name, guint *ret_index)
{
  for (guint i = 0; i < family->members->len; i++)
    {
      PermsMember *member = perms_family_get (family, i);
      if (g_str_equal (member->name, name))
        {
          if (ret_index != NULL)
            *ret_index = i;
          return member;
        }
    }
  return NULL;
}

/* ---- accessories: a sorted set. UTF-8 bytes sort as their code points do. ---- */

static gboolean
search_accessory (const PermsMember *member, const char *accessory, guint *ret_place)
{
  guint low = 0;
  guint high = member->accessories->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int order = strcmp (g_ptr_array_index (member->accessories, middle), accessory);
      if (order == 0)
        {
          *ret_place = middle;
          return TRUE;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  *ret_place = low;
  return FALSE;
}

gboolean
perms_member_has_accessory (const PermsMember *member, const char *accessory)
{
  guint place = 0;

  return search_accessory (member, accessory, &place);
}

gboolean
perms_member_add_accessory (PermsMember *member, const char *accessory)
{
  guint place = 0;

  if (search_accessory (member, accessory, &place))
    return FALSE;
  g_ptr_array_insert (member->accessories, (gint) place, g_strdup (accessory));
  return TRUE;
}

gboolean
perms_member_remove_accessory (PermsMember *member, const char *accessory)
{
  guint place = 0;

  if (!search_accessory (member, accessory, &place))
    return FALSE;
  g_ptr_array_remove_index (member->accessories, place);
  return TRUE;
}

/* ---- derived state ---- */

static gboolean
has_conflict (const PermsFamily *family)
{
  for (guint i = 1; i < family->members->len; i++)
    {
      if (perms_family_get (family, i)->conflict)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_mirrored_companion (const PermsFamily *family, guint index)
{
  return index > 0 && perms_family_get (family, index)->sync == PERMS_SYNC_MIRRORED;
}

gboolean
perms_family_is_editable (const PermsFamily *family, guint index)
{
  const PermsMember *member = perms_family_get (family, index);

  return member->installed && member->managed == PERMS_MANAGED_NONE &&
         !is_mirrored_companion (family, index);
}

static PermsToggle
get_toggle (const PermsMember *member)
{
  if (!member->installed)
    return PERMS_TOGGLE_HIDDEN;
  if ((member->asks & PERMS_ACCESS_BLUETOOTH) == 0 &&
      member->bluetooth == PERMS_BLUETOOTH_NOT_DETERMINED)
    return PERMS_TOGGLE_HIDDEN;
  return member->bluetooth == PERMS_BLUETOOTH_ALLOWED ? PERMS_TOGGLE_ON
                                                      : PERMS_TOGGLE_OFF;
}

/* Under mirrored a companion's toggle looks usable as soon as the host app is gone, and
 * yet nobody can take the permission away: that is part of the reported failure. */
static gboolean
is_toggle_enabled (const PermsFamily *family, guint index)
{
  const PermsMember *member = perms_family_get (family, index);

  if (get_toggle (member) == PERMS_TOGGLE_HIDDEN || member->managed != PERMS_MANAGED_NONE)
    return FALSE;
  if (is_mirrored_companion (family, index))
    return !perms_family_get (family, 0)->installed;
  return perms_family_is_editable (family, index);
}

PermsPicker
perms_family_get_picker (const PermsFamily *family, guint index)
{
  const PermsMember *member = perms_family_get (family, index);

  if (!member->installed || (member->asks & PERMS_ACCESS_ACCESSORY_SETUP) == 0)
    return PERMS_PICKER_NONE;
  if (member->bluetooth == PERMS_BLUETOOTH_RESTRICTED ||
      member->managed_picker == PERMS_MANAGED_DENY)
    return PERMS_PICKER_RESTRICTED_POLICY;
  if (member->sync == PERMS_SYNC_MIRRORED && member->bluetooth == PERMS_BLUETOOTH_ALLOWED)
    return PERMS_PICKER_RESTRICTED_BROAD_GRANT_HELD;
  if (index == 0 && has_conflict (family))
    return PERMS_PICKER_EMPTY;
  return PERMS_PICKER_OK;
}

static PermsCentral
get_central (const PermsFamily *family, guint index)
{
  const PermsMember *member = perms_family_get (family, index);
  gboolean picks = (member->asks & PERMS_ACCESS_ACCESSORY_SETUP) != 0;

  if (!member->installed)
    return PERMS_CENTRAL_NONE;
  if (member->adapter_off)
    return PERMS_CENTRAL_POWERED_OFF;
  if (member->bluetooth == PERMS_BLUETOOTH_RESTRICTED)
    return PERMS_CENTRAL_UNAUTHORIZED;
  if (member->bluetooth == PERMS_BLUETOOTH_ALLOWED)
    return PERMS_CENTRAL_POWERED_ON;
  if (picks && member->accessories->len > 0 && !(index == 0 && has_conflict (family)))
    return PERMS_CENTRAL_POWERED_ON;
  if (member->bluetooth == PERMS_BLUETOOTH_DENIED)
    return PERMS_CENTRAL_UNAUTHORIZED;
  return picks ? PERMS_CENTRAL_POWERED_OFF : PERMS_CENTRAL_UNKNOWN;
}

PermsDerived
perms_family_derive (const PermsFamily *family, guint index)
{
  const PermsMember *member = perms_family_get (family, index);

  return (PermsDerived){
    .installed = member->installed,
    .bluetooth = member->installed ? member->bluetooth : PERMS_BLUETOOTH_NONE,
    .reason = member->installed ? member->reason : PERMS_REASON_NONE,
    .toggle = get_toggle (member),
    .toggle_enabled = is_toggle_enabled (family, index),
    .editable = perms_family_is_editable (family, index),
    .central = get_central (family, index),
    .picker = perms_family_get_picker (family, index),
    .accessories = member->accessories,
  };
}

const char *
perms_toggle_to_string (PermsToggle toggle)
{
  switch (toggle)
    {
    case PERMS_TOGGLE_ON:
      return "on";
    case PERMS_TOGGLE_OFF:
      return "off";
    case PERMS_TOGGLE_HIDDEN:
    default:
      return "hidden";
    }
}

const char *
perms_picker_to_string (PermsPicker picker)
{
  switch (picker)
    {
    case PERMS_PICKER_OK:
      return "ok";
    case PERMS_PICKER_EMPTY:
      return "empty";
    case PERMS_PICKER_RESTRICTED_POLICY:
      return "restricted:policy";
    case PERMS_PICKER_RESTRICTED_BROAD_GRANT_HELD:
      return "restricted:broad-grant-held";
    case PERMS_PICKER_NONE:
    default:
      return "none";
    }
}

const char *
perms_central_to_string (PermsCentral central)
{
  switch (central)
    {
    case PERMS_CENTRAL_UNKNOWN:
      return "unknown";
    case PERMS_CENTRAL_POWERED_OFF:
      return "powered-off";
    case PERMS_CENTRAL_UNAUTHORIZED:
      return "unauthorized";
    case PERMS_CENTRAL_POWERED_ON:
      return "powered-on";
    case PERMS_CENTRAL_NONE:
    default:
      return "none";
    }
}
