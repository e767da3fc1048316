/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/policy.h"

static gboolean
is_about_accessory (const PermsRequest *request)
{
  return request->kind == PERMS_REQUEST_ATTRIBUTE ||
         request->kind == PERMS_REQUEST_ACCESSORY;
}

static gboolean
is_blocklisted (const PermsRequest *request)
{
  return request->kind == PERMS_REQUEST_ATTRIBUTE &&
         request->blocklist != PERMS_BLOCKLIST_CLEAR;
}

static PermsBluetooth
get_row (const PermsFacts *facts)
{
  if (facts->install == NULL || !facts->install->installed)
    return PERMS_BLUETOOTH_NONE;
  return facts->install->bluetooth;
}

static gboolean
is_denied_by_policy (const PermsRequest *request, const PermsFacts *facts)
{
  return facts->managed.bluetooth == PERMS_MANAGED_DENY ||
         get_row (facts) == PERMS_BLUETOOTH_RESTRICTED ||
         (request->kind == PERMS_REQUEST_ATTRIBUTE &&
          facts->managed.service == PERMS_MANAGED_DENY);
}

static gboolean
is_allowed_by_policy (const PermsRequest *request, const PermsFacts *facts)
{
  return facts->managed.bluetooth == PERMS_MANAGED_ALLOW ||
         (is_about_accessory (request) && facts->managed.service == PERMS_MANAGED_ALLOW);
}

/* Rules 1 to 4, their denials only. */
static PermsCause
find_objection (const PermsRequest *request,
                const PermsFacts *facts,
                const PermsGrant *grant,
                gboolean is_granted)
{
  if (facts->install != NULL &&
      g_strcmp0 (facts->install->fingerprint, request->fingerprint) != 0)
    return PERMS_CAUSE_IDENTITY_CHANGED;
  if (is_denied_by_policy (request, facts))
    return PERMS_CAUSE_POLICY;
  if (is_blocklisted (request) &&
      !(is_granted &&
        perms_scope_names (grant->scope, &request->service, &request->characteristic)))
    return PERMS_CAUSE_BLOCKLISTED;
  if (grant != NULL && grant->state == PERMS_GRANT_REVOKED)
    return PERMS_CAUSE_REVOKED;
  if (grant != NULL && grant->state == PERMS_GRANT_DENIED)
    return PERMS_CAUSE_DENIED_BY_USER;
  return PERMS_CAUSE_NONE;
}

/* Rule 8: nothing allowed it; which cause tells the most? */
static PermsCause
explain_denial (const PermsRequest *request,
                const PermsFacts *facts,
                const PermsGrant *grant,
                gboolean is_granted)
{
  PermsAccess needed =
    request->kind == PERMS_REQUEST_BROAD ? PERMS_ACCESS_BLUETOOTH : PERMS_ACCESS_ALL;

  if (grant != NULL && !is_granted &&
      (grant->state == PERMS_GRANT_EXPIRED || perms_grant_state_is_live (grant->state)))
    return PERMS_CAUSE_EXPIRED;
  if (is_granted)
    return PERMS_CAUSE_OUT_OF_SCOPE;
  if (get_row (facts) == PERMS_BLUETOOTH_DENIED)
    return PERMS_CAUSE_DENIED_BY_USER;
  if (is_about_accessory (request) && facts->granted_elsewhere)
    return PERMS_CAUSE_WRONG_DEVICE;
  if (facts->install != NULL && (facts->install->asks & needed) == 0)
    return PERMS_CAUSE_NOT_DECLARED;
  return PERMS_CAUSE_NO_GRANT;
}

static PermsVerdict
find_verdict (const PermsRequest *request,
              const PermsFacts *facts,
              gint64 now_s,
              PermsCause *cause)
{
  const PermsGrant *grant = is_about_accessory (request) ? facts->grant : NULL;
  gboolean is_granted = grant != NULL && perms_grant_is_in_force (grant, now_s);

  *cause = find_objection (request, facts, grant, is_granted);
  if (*cause != PERMS_CAUSE_NONE)
    return PERMS_VERDICT_DENY;

  /* a blocklisted attribute that came this far is named by the grant, and only the
   * grant can open it: neither a managed allow nor a broad row lifts the blocklist */
  gboolean is_open = !is_blocklisted (request);
  if (is_open && is_allowed_by_policy (request, facts))
    return PERMS_VERDICT_ALLOW;
  if (is_granted &&
      (request->kind == PERMS_REQUEST_ACCESSORY ||
       perms_scope_covers (grant->scope, &request->service, request->operation)))
    return PERMS_VERDICT_ALLOW;
  if (is_open && get_row (facts) == PERMS_BLUETOOTH_ALLOWED)
    return PERMS_VERDICT_ALLOW;
  if (request->kind == PERMS_REQUEST_BROAD &&
      get_row (facts) == PERMS_BLUETOOTH_NOT_DETERMINED &&
      (facts->install->asks & PERMS_ACCESS_BLUETOOTH) != 0)
    return PERMS_VERDICT_ASK;
  *cause = explain_denial (request, facts, grant, is_granted);
  return PERMS_VERDICT_DENY;
}

PermsVerdict
perms_policy_decide (const PermsRequest *request,
                     const PermsFacts *facts,
                     gint64 now_s,
                     PermsCause *ret_cause)
{
  PermsCause cause = PERMS_CAUSE_NO_GRANT;
  PermsVerdict verdict = PERMS_VERDICT_DENY;

  if (is_about_accessory (request) || request->kind == PERMS_REQUEST_BROAD)
    verdict = find_verdict (request, facts, now_s, &cause);
  if (ret_cause != NULL)
    *ret_cause = cause;
  return verdict;
}
