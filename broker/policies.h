/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/policies.h: the managed policies that are in force, from the files of an admin's folder.
 * A file that cannot be understood takes nothing away from those that were in force before; at the
 * start, when there are none before, it keeps every picker shut until it is mended. */

#pragma once

#include "perms/managed.h"

#define BROKER_POLICIES_FOLDER "/etc/blepick/policy.d"

typedef struct BrokerPolicies BrokerPolicies;

/* @set: (transfer full): what is in force from now on. */
typedef void (*BrokerPoliciesFunc) (PermsManagedSet *set, gpointer user_data);

/* Reads @folder at once, calls @changed, and again after each change. */
BrokerPolicies *
broker_policies_new (const char *folder, BrokerPoliciesFunc changed, gpointer user_data);
void broker_policies_free (BrokerPolicies *policies);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPolicies, broker_policies_free)

/* What is wrong with the files now, for people: "NAME:LINE: expected …"; NULL: nothing. */
const char *broker_policies_get_fault (const BrokerPolicies *policies);
