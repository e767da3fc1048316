/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/types.h"

static const char *const bluetooth_names[] = {
  [PERMS_BLUETOOTH_NONE] = "none",
  [PERMS_BLUETOOTH_NOT_DETERMINED] = "not-determined",
  [PERMS_BLUETOOTH_DENIED] = "denied",
  [PERMS_BLUETOOTH_ALLOWED] = "allowed",
  [PERMS_BLUETOOTH_RESTRICTED] = "restricted",
};

static const char *const reason_names[] = {
  [PERMS_REASON_NONE] = "none",
  [PERMS_REASON_USER_PROMPT] = "user-prompt",
  [PERMS_REASON_USER_PICKER] = "user-picker",
  [PERMS_REASON_USER_SETTINGS] = "user-settings",
  [PERMS_REASON_MIRRORED] = "mirrored",
  [PERMS_REASON_COPIED] = "copied",
  [PERMS_REASON_POLICY] = "policy",
  [PERMS_REASON_MIGRATED] = "migrated",
  [PERMS_REASON_CLI] = "cli",
};

static const char *const cause_names[] = {
  [PERMS_CAUSE_NONE] = "none",
  [PERMS_CAUSE_IDENTITY_CHANGED] = "identity-changed",
  [PERMS_CAUSE_POLICY] = "policy",
  [PERMS_CAUSE_BLOCKLISTED] = "blocklisted",
  [PERMS_CAUSE_REVOKED] = "revoked",
  [PERMS_CAUSE_EXPIRED] = "expired",
  [PERMS_CAUSE_OUT_OF_SCOPE] = "out-of-scope",
  [PERMS_CAUSE_DENIED_BY_USER] = "denied-by-user",
  [PERMS_CAUSE_WRONG_DEVICE] = "wrong-device",
  [PERMS_CAUSE_NOT_DECLARED] = "not-declared",
  [PERMS_CAUSE_NO_GRANT] = "no-grant",
  [PERMS_CAUSE_NOT_INSTALLED] = "not-installed",
  [PERMS_CAUSE_LOCKED] = "locked",
  [PERMS_CAUSE_NO_CONSENT] = "no-consent",
  [PERMS_CAUSE_BROAD_GRANT_HELD] = "broad-grant-held",
  [PERMS_CAUSE_STALE] = "stale",
  [PERMS_CAUSE_NOT_LINKED] = "not-linked",
  [PERMS_CAUSE_DAMAGED] = "damaged",
};

static const char *const sync_names[] = {
  [PERMS_SYNC_INDEPENDENT] = "independent",
  [PERMS_SYNC_COPY_ONCE] = "copy-once",
  [PERMS_SYNC_MIRRORED] = "mirrored",
};

static const char *const lifetime_names[] = {
  [PERMS_LIFETIME_ONCE] = "once",
  [PERMS_LIFETIME_UNTIL] = "until",
  [PERMS_LIFETIME_ALWAYS] = "always",
};

static const char *const grant_state_names[] = {
  [PERMS_GRANT_REMOVED] = "removed",         [PERMS_GRANT_REVOKED] = "revoked",
  [PERMS_GRANT_DENIED] = "denied",           [PERMS_GRANT_EXPIRED] = "expired",
  [PERMS_GRANT_UNINSTALLED] = "uninstalled", [PERMS_GRANT_AWAITING] = "awaiting",
  [PERMS_GRANT_ACTIVE] = "active",
};

static const char *const pairing_names[] = {
  [PERMS_PAIRING_NONE] = "none",
  [PERMS_PAIRING_JUST_WORKS] = "just-works",
  [PERMS_PAIRING_PASSKEY] = "passkey",
  [PERMS_PAIRING_COMPARISON] = "comparison",
};

static const char *const managed_names[] = {
  [PERMS_MANAGED_NONE] = "none",
  [PERMS_MANAGED_DENY] = "deny",
  [PERMS_MANAGED_ALLOW] = "allow",
};

static const char *const consent_names[] = {
  [PERMS_CONSENT_NONE] = "none",
  [PERMS_CONSENT_DENY] = "deny",
  [PERMS_CONSENT_ALLOW] = "allow",
};

static const char *const strength_names[] = {
  [PERMS_STRENGTH_NONE] = "none",
  [PERMS_STRENGTH_PATH] = "path",
  [PERMS_STRENGTH_LAUNCHER_REPORTED] = "launcher-reported",
  [PERMS_STRENGTH_VERIFIED] = "verified",
};

static const char *
find_name (const char *const *names, guint n, guint value)
{
  return value < n ? names[value] : "unknown";
}

static gboolean
find_value (const char *const *names, guint n, const char *text, guint *ret_value)
{
  for (guint i = 0; i < n; i++)
    {
      if (g_str_equal (names[i], text))
        {
          *ret_value = i;
          return TRUE;
        }
    }
  return FALSE;
}

#define DEFINE_TO_STRING(Type, word)                                             \
  const char *perms_##word##_to_string (Type value)                              \
  {                                                                              \
    return find_name (word##_names, G_N_ELEMENTS (word##_names), (guint) value); \
  }

#define DEFINE_FROM_STRING(Name, word)                                           \
  gboolean perms_##word##_from_string (const char *text, Perms##Name *ret_value) \
  {                                                                              \
    guint value = 0;                                                             \
    if (!find_value (word##_names, G_N_ELEMENTS (word##_names), text, &value))   \
      return FALSE;                                                              \
    *ret_value = (Perms##Name) value;                                            \
    return TRUE;                                                                 \
  }

DEFINE_TO_STRING (PermsBluetooth, bluetooth)
DEFINE_TO_STRING (PermsReason, reason)
DEFINE_TO_STRING (PermsCause, cause)
DEFINE_TO_STRING (PermsSync, sync)
DEFINE_TO_STRING (PermsLifetime, lifetime)
DEFINE_TO_STRING (PermsGrantState, grant_state)
DEFINE_TO_STRING (PermsPairing, pairing)
DEFINE_TO_STRING (PermsManaged, managed)
DEFINE_TO_STRING (PermsConsent, consent)
DEFINE_TO_STRING (PermsStrength, strength)

DEFINE_FROM_STRING (Bluetooth, bluetooth)
DEFINE_FROM_STRING (Reason, reason)
DEFINE_FROM_STRING (Sync, sync)
DEFINE_FROM_STRING (Lifetime, lifetime)
DEFINE_FROM_STRING (Pairing, pairing)
DEFINE_FROM_STRING (Strength, strength)

const char *
perms_access_to_string (PermsAccess access)
{
  static const char *const names[] = {
    "none",
    "accessory-setup",
    "bluetooth",
    "accessory-setup+bluetooth",
  };

  return names[access & PERMS_ACCESS_ALL];
}

gboolean
perms_access_from_string (const char *text, PermsAccess *ret_access)
{
  g_auto (GStrv) words = g_strsplit (text, "+", 3);
  PermsAccess access = PERMS_ACCESS_NONE;

  if (words[0] == NULL)
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    {
      PermsAccess word = PERMS_ACCESS_NONE;

      if (g_str_equal (words[i], "accessory-setup"))
        word = PERMS_ACCESS_ACCESSORY_SETUP;
      else if (g_str_equal (words[i], "bluetooth"))
        word = PERMS_ACCESS_BLUETOOTH;
      /* each once */
      if (word == PERMS_ACCESS_NONE || (access & word) != 0)
        return FALSE;
      access |= word;
    }
  *ret_access = access;
  return TRUE;
}

gboolean
perms_grant_state_is_live (PermsGrantState state)
{
  return state == PERMS_GRANT_ACTIVE || state == PERMS_GRANT_AWAITING;
}
