/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/policies.h"

#include <string.h>

#include "broker/folder.h"
#include "broker/watch.h"

/* In force when nothing else can be: nobody gets anything new. */
#define SHUT "[Policy]\napp=*\npicker=deny\n"

struct BrokerPolicies
{
  char *folder;
  BrokerWatch *watch;
  BrokerPoliciesFunc changed;
  gpointer user_data;
  gboolean has_read; /* a set is in force */
  char *fault;
};

typedef struct
{
  PermsManagedSet *set;
  char *fault; /* the first */
} Reading;

static void
on_file (const char *name, const char *text, gsize length, gpointer user_data)
{
  Reading *reading = user_data;
  g_autoptr (GError) error = NULL;

  if (!perms_managed_set_add (reading->set, name, text, length, &error) &&
      reading->fault == NULL)
    reading->fault = g_strdup (error->message);
}

static void
shut (PermsManagedSet *set)
{
  gboolean is_good = perms_managed_set_add (set, "shut", SHUT, strlen (SHUT), NULL);

  g_assert (is_good);
}

static void
on_changed (gpointer user_data)
{
  BrokerPolicies *policies = user_data;
  Reading reading = { perms_managed_set_new (), NULL };
  g_autoptr (GError) error = NULL;

  if (!broker_folder_read (policies->folder, ".conf", on_file, &reading, &error) &&
      reading.fault == NULL)
    reading.fault = g_strdup (error->message);
  g_free (policies->fault);
  policies->fault = reading.fault;
  if (reading.fault != NULL)
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                        "A policy cannot be read or is not understood, so %s: %s",
                        policies->has_read ? "those from before stay in force"
                                           : "no picker is shown until it is mended",
                        reading.fault);
      if (policies->has_read)
        {
          perms_managed_set_free (reading.set);
          return;
        }
      /* What is understood of the others holds all the same. */
      shut (reading.set);
    }
  else
    policies->has_read = TRUE;
  policies->changed (reading.set, policies->user_data);
}

BrokerPolicies *
broker_policies_new (const char *folder, BrokerPoliciesFunc changed, gpointer user_data)
{
  BrokerPolicies *policies = g_new0 (BrokerPolicies, 1);

  policies->changed = changed;
  policies->user_data = user_data;
  policies->folder = g_strdup (folder);
  policies->watch = broker_watch_new (on_changed, policies);
  broker_watch_add (policies->watch, folder);
  on_changed (policies);
  return policies;
}

void
broker_policies_free (BrokerPolicies *policies)
{
  if (policies == NULL)
    return;
  broker_watch_free (policies->watch);
  g_free (policies->folder);
  g_free (policies->fault);
  g_free (policies);
}

const char *
broker_policies_get_fault (const BrokerPolicies *policies)
{
  return policies->fault;
}
