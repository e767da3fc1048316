/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "perms/policy.h"

#define HEART_RATE "0000180d-0000-1000-8000-00805f9b34fb"
#define HID        "00001812-0000-1000-8000-00805f9b34fb"
#define HID_REPORT "00002a4d-0000-1000-8000-00805f9b34fb"
#define NOW_S      1000

/* Every row is one request. What is not mentioned is zero: no grant, no install row of
 * the app, nothing managed, an attribute that is not on the blocklist. */
typedef struct
{
  const char *what;
  PermsRequestKind kind;
  const char *fingerprint; /* of the caller; NULL: the accepted one */
  const char *service;     /* NULL: heart rate */
  PermsOperation operation;
  gboolean blocklisted;

  gboolean known; /* there is an install row, installed unless said otherwise */
  gboolean gone;
  PermsAccess asks;
  PermsBluetooth row;

  const char *scope; /* NULL: no grant */
  PermsGrantState state;
  PermsLifetime lifetime;
  gint64 until_s;
  gboolean elsewhere;

  PermsManagedView managed;
  PermsVerdict verdict;
  PermsCause cause;
} Row;

#define TO(how)   .kind = PERMS_REQUEST_ATTRIBUTE, .operation = (how)
#define ATTRIBUTE TO (PERMS_OPERATION_NOTIFY)
#define ACCESSORY .kind = PERMS_REQUEST_ACCESSORY
#define BROAD     .kind = PERMS_REQUEST_BROAD
#define INSTALLED .known = TRUE
#define PICKS     .known = TRUE, .asks = PERMS_ACCESS_ACCESSORY_SETUP
#define ASKS      .known = TRUE, .asks = PERMS_ACCESS_BLUETOOTH
#define GRANT(text) \
  .scope = (text), .state = PERMS_GRANT_ACTIVE, .lifetime = PERMS_LIFETIME_ALWAYS
#define ENDED(how) \
  .scope = HEART_RATE "=rwn", .state = (how), .lifetime = PERMS_LIFETIME_ALWAYS
#define ALLOWED  .verdict = PERMS_VERDICT_ALLOW
#define DENY(as) .cause = PERMS_CAUSE_##as
#define NAMED    HID "=r;!" HID "/" HID_REPORT
#define LISTED   .service = HID, .blocklisted = TRUE

static const Row rows[] = {
  { "a request of no kind", .row = PERMS_BLUETOOTH_ALLOWED, DENY (NO_GRANT) },

  /* 1: identity */
  { "another fingerprint", ATTRIBUTE, PICKS, .fingerprint = "G", GRANT ("*=rwn"),
    DENY (IDENTITY_CHANGED) },
  { "another fingerprint, managed allow", BROAD, ASKS, .fingerprint = "G",
    .managed.bluetooth = PERMS_MANAGED_ALLOW, DENY (IDENTITY_CHANGED) },
  { "no fingerprint any more", BROAD, ASKS, .fingerprint = "",
    .row = PERMS_BLUETOOTH_ALLOWED, DENY (IDENTITY_CHANGED) },
  { "the same fingerprint", ATTRIBUTE, PICKS, GRANT ("*=rwn"), ALLOWED },

  /* 2: managed denials */
  { "managed bluetooth=deny", ATTRIBUTE, PICKS, GRANT ("*=rwn"),
    .managed.bluetooth = PERMS_MANAGED_DENY, DENY (POLICY) },
  { "managed bluetooth=deny, service allowed", ATTRIBUTE, PICKS, GRANT ("*=rwn"),
    .managed = { PERMS_MANAGED_DENY, PERMS_MANAGED_ALLOW, 0 }, DENY (POLICY) },
  { "a restricted row", ACCESSORY, PICKS, GRANT ("*=rwn"),
    .row = PERMS_BLUETOOTH_RESTRICTED, DENY (POLICY) },
  { "a restricted row, broad", BROAD, ASKS, .row = PERMS_BLUETOOTH_RESTRICTED,
    DENY (POLICY) },
  { "a denied service", ATTRIBUTE, PICKS, GRANT ("*=rwn"),
    .managed.service = PERMS_MANAGED_DENY, DENY (POLICY) },
  { "a denied picker takes nothing away", ATTRIBUTE, PICKS, GRANT ("*=rwn"),
    .managed.picker = PERMS_MANAGED_DENY, ALLOWED },
  { "policy before the blocklist", ATTRIBUTE, PICKS, LISTED,
    .managed.bluetooth = PERMS_MANAGED_DENY, DENY (POLICY) },

  /* 3: the blocklist */
  { "blocklisted", ATTRIBUTE, PICKS, LISTED, GRANT ("*=rwn"), DENY (BLOCKLISTED) },
  { "blocklisted, broad row", ATTRIBUTE, ASKS, LISTED, .row = PERMS_BLUETOOTH_ALLOWED,
    DENY (BLOCKLISTED) },
  { "blocklisted, managed allow", ATTRIBUTE, PICKS, LISTED,
    .managed = { PERMS_MANAGED_ALLOW, PERMS_MANAGED_ALLOW, 0 }, DENY (BLOCKLISTED) },
  { "blocklisted and named", TO (PERMS_OPERATION_READ), PICKS, LISTED, GRANT (NAMED),
    ALLOWED },
  { "blocklisted and named for something else", TO (PERMS_OPERATION_WRITE), PICKS, LISTED,
    GRANT (NAMED), .row = PERMS_BLUETOOTH_ALLOWED,
    .managed = { PERMS_MANAGED_ALLOW, PERMS_MANAGED_ALLOW, 0 }, DENY (OUT_OF_SCOPE) },
  { "blocklisted and named by a grant that is over", ATTRIBUTE, PICKS, LISTED,
    .scope = NAMED, .state = PERMS_GRANT_EXPIRED, .row = PERMS_BLUETOOTH_ALLOWED,
    DENY (BLOCKLISTED) },
  { "blocklisted before revoked", ATTRIBUTE, PICKS, LISTED, ENDED (PERMS_GRANT_REVOKED),
    DENY (BLOCKLISTED) },

  /* 4: stored denials, then managed allows */
  { "revoked", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_REVOKED),
    .row = PERMS_BLUETOOTH_ALLOWED, DENY (REVOKED) },
  { "revoked, managed allow", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_REVOKED),
    .managed = { PERMS_MANAGED_ALLOW, PERMS_MANAGED_ALLOW, 0 }, DENY (REVOKED) },
  { "denied", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_DENIED),
    .row = PERMS_BLUETOOTH_ALLOWED, DENY (DENIED_BY_USER) },
  { "a denied accessory is no matter of a broad request", BROAD, ASKS,
    ENDED (PERMS_GRANT_DENIED), .row = PERMS_BLUETOOTH_ALLOWED, ALLOWED },
  { "managed service", ATTRIBUTE, .managed.service = PERMS_MANAGED_ALLOW, ALLOWED },
  { "managed service, to connect", ACCESSORY, .managed.service = PERMS_MANAGED_ALLOW,
    ALLOWED },
  { "managed service, broad", BROAD, PICKS, .managed.service = PERMS_MANAGED_ALLOW,
    DENY (NOT_DECLARED) },
  { "managed bluetooth, broad", BROAD, .managed.bluetooth = PERMS_MANAGED_ALLOW,
    ALLOWED },

  /* 5: grants */
  { "granted", ATTRIBUTE, PICKS, GRANT (HEART_RATE "=n"), ALLOWED },
  { "granted, row denied", ATTRIBUTE, PICKS, GRANT (HEART_RATE "=n"),
    .row = PERMS_BLUETOOTH_DENIED, ALLOWED },
  { "to connect", ACCESSORY, PICKS, GRANT (""), ALLOWED },
  { "awaiting the app's word", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_AWAITING), ALLOWED },
  { "for a session", ATTRIBUTE, PICKS, .scope = "*=n", .state = PERMS_GRANT_ACTIVE,
    .lifetime = PERMS_LIFETIME_ONCE, ALLOWED },
  { "until later", ATTRIBUTE, PICKS, .scope = "*=n", .state = PERMS_GRANT_ACTIVE,
    .lifetime = PERMS_LIFETIME_UNTIL, .until_s = NOW_S + 1, ALLOWED },
  { "until now", ATTRIBUTE, PICKS, .scope = "*=n", .state = PERMS_GRANT_ACTIVE,
    .lifetime = PERMS_LIFETIME_UNTIL, .until_s = NOW_S, DENY (EXPIRED) },

  /* 6: the broad row */
  { "broad row", ATTRIBUTE, ASKS, .row = PERMS_BLUETOOTH_ALLOWED, ALLOWED },
  { "broad row, outside the scope", ATTRIBUTE, ASKS, GRANT (HEART_RATE "=r"),
    .row = PERMS_BLUETOOTH_ALLOWED, ALLOWED },
  { "broad row, grant over", ATTRIBUTE, ASKS, ENDED (PERMS_GRANT_EXPIRED),
    .row = PERMS_BLUETOOTH_ALLOWED, ALLOWED },
  { "broad row, grant given up", ATTRIBUTE, ASKS, ENDED (PERMS_GRANT_REMOVED),
    .row = PERMS_BLUETOOTH_ALLOWED, ALLOWED },
  { "broad row of an app that is gone", ATTRIBUTE, ASKS, .gone = TRUE,
    .row = PERMS_BLUETOOTH_ALLOWED, DENY (NO_GRANT) },

  /* 7: the prompt */
  { "undecided", BROAD, ASKS, .row = PERMS_BLUETOOTH_NOT_DETERMINED,
    .verdict = PERMS_VERDICT_ASK },
  { "undecided, not declared", BROAD, PICKS, .row = PERMS_BLUETOOTH_NOT_DETERMINED,
    DENY (NOT_DECLARED) },
  { "undecided, about an accessory", ATTRIBUTE, ASKS,
    .row = PERMS_BLUETOOTH_NOT_DETERMINED, DENY (NO_GRANT) },

  /* 8: causes */
  { "expired", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_EXPIRED),
    .row = PERMS_BLUETOOTH_DENIED, DENY (EXPIRED) },
  { "another operation", ATTRIBUTE, PICKS, GRANT (HEART_RATE "=r"),
    .row = PERMS_BLUETOOTH_DENIED, DENY (OUT_OF_SCOPE) },
  { "another service", ATTRIBUTE, PICKS, GRANT (HEART_RATE "=rwn"), .service = HID,
    DENY (OUT_OF_SCOPE) },
  { "two operations at once", TO (PERMS_OPERATION_READ | PERMS_OPERATION_NOTIFY), PICKS,
    GRANT (HEART_RATE "=n"), DENY (OUT_OF_SCOPE) },
  { "no operation", TO (PERMS_OPERATION_NONE), PICKS, GRANT (HEART_RATE "=n"),
    DENY (OUT_OF_SCOPE) },
  { "row denied", ATTRIBUTE, ASKS, .row = PERMS_BLUETOOTH_DENIED, .elsewhere = TRUE,
    DENY (DENIED_BY_USER) },
  { "row denied, broad", BROAD, ASKS, .row = PERMS_BLUETOOTH_DENIED,
    DENY (DENIED_BY_USER) },
  { "on another device", ATTRIBUTE, INSTALLED, .elsewhere = TRUE, DENY (WRONG_DEVICE) },
  { "nothing declared", ATTRIBUTE, INSTALLED, DENY (NOT_DECLARED) },
  { "declared and not granted", ATTRIBUTE, PICKS, DENY (NO_GRANT) },
  { "given up", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_REMOVED), DENY (NO_GRANT) },
  { "uninstalled since", ATTRIBUTE, PICKS, ENDED (PERMS_GRANT_UNINSTALLED),
    DENY (NO_GRANT) },
  { "nobody knows the app", ATTRIBUTE, DENY (NO_GRANT) },
  { "nobody knows the app, broad", BROAD, DENY (NO_GRANT) },
};

static void
check_row (const Row *row)
{
  g_autoptr (PermsScope) scope = NULL;
  PermsInstall install = {
    .installed = !row->gone,
    .asks = row->asks,
    .fingerprint = (char[]){ "F" },
    .bluetooth = row->row,
  };
  PermsGrant grant = {
    .until_s = row->until_s,
    .lifetime = row->lifetime,
    .state = row->state,
  };
  PermsFacts facts = {
    .install = row->known ? &install : NULL,
    .granted_elsewhere = row->elsewhere,
    .managed = row->managed,
  };
  PermsRequest request = {
    .kind = row->kind,
    .app = "flatpak:1000:org.example.Trainer",
    .fingerprint = row->fingerprint != NULL ? row->fingerprint : "F",
    .device = "local",
    .operation = row->operation,
    .blocklist = row->blocklisted ? PERMS_BLOCKLIST_LISTED : PERMS_BLOCKLIST_CLEAR,
  };
  PermsCause cause = PERMS_CAUSE_DAMAGED;

  assert_true (perms_uuid_parse (row->service != NULL ? row->service : HEART_RATE,
                                 &request.service, NULL));
  assert_true (perms_uuid_parse (HID_REPORT, &request.characteristic, NULL));
  if (row->scope != NULL)
    {
      scope = perms_scope_parse (row->scope, NULL);
      assert_non_null (scope);
      grant.scope = scope;
      facts.grant = &grant;
    }

  PermsVerdict verdict = perms_policy_decide (&request, &facts, NOW_S, &cause);
  if (verdict != row->verdict || cause != row->cause)
    fail_msg ("%s: verdict %d, cause %s", row->what, verdict,
              perms_cause_to_string (cause));
  assert_int_equal (perms_policy_decide (&request, &facts, NOW_S, NULL), verdict);
}

static void
the_first_rule_that_applies_decides (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_row (&rows[i]);
}

/* Whatever else is stored: what nobody filled in is a refusal. */
static void
zeros_are_refused (void **state)
{
  const PermsRequest request = { .kind = PERMS_REQUEST_NONE };
  const PermsFacts facts = { .install = NULL };
  PermsCause cause = PERMS_CAUSE_NONE;

  assert_int_equal (PERMS_VERDICT_DENY, 0);
  assert_int_equal (PERMS_BLOCKLIST_LISTED, 0);
  assert_int_equal (perms_policy_decide (&request, &facts, 0, &cause),
                    PERMS_VERDICT_DENY);
  assert_int_equal (cause, PERMS_CAUSE_NO_GRANT);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_first_rule_that_applies_decides),
    cmocka_unit_test (zeros_are_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
