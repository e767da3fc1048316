/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/faults.h"

#include <string.h>

typedef struct
{
  char *method;
  char *error;
  guint count;
} Fault;

struct FakesFaults
{
  GPtrArray *faults;  /* of Fault, oldest first */
  GPtrArray *hanging; /* of FakesCall: never answered */
};

/* What BlueZ says with each of its errors, where it says one thing only. */
static const struct
{
  const char *name;
  const char *text;
} usual_texts[] = {
  { "AlreadyConnected", "Already Connected" },
  { "AlreadyExists", "Already Exists" },
  { "AuthenticationCanceled", "Authentication Canceled" },
  { "AuthenticationFailed", "Authentication Failed" },
  { "AuthenticationRejected", "Authentication Rejected" },
  { "AuthenticationTimeout", "Authentication Timeout" },
  { "ConnectionAttemptFailed", "Page Timeout" },
  { "DoesNotExist", "Does Not Exist" },
  { "Failed", "le-connection-abort-by-local" },
  { "InProgress", "In Progress" },
  { "InvalidArguments", "Invalid arguments in method call" },
  { "NotAuthorized", "Operation Not Authorized" },
  { "NotAvailable", "Operation currently not available" },
  { "NotConnected", "Not Connected" },
  { "NotPermitted", "Not paired" },
  { "NotReady", "Resource Not Ready" },
  { "NotSupported", "Operation is not supported" },
};

static void
free_fault (gpointer data)
{
  Fault *fault = data;

  g_free (fault->method);
  g_free (fault->error);
  g_free (fault);
}

FakesFaults *
fakes_faults_new (void)
{
  FakesFaults *faults = g_new0 (FakesFaults, 1);

  faults->faults = g_ptr_array_new_with_free_func (free_fault);
  faults->hanging = g_ptr_array_new_with_free_func ((GDestroyNotify) fakes_call_free);
  return faults;
}

void
fakes_faults_free (FakesFaults *faults)
{
  g_ptr_array_unref (faults->faults);
  g_ptr_array_unref (faults->hanging);
  g_free (faults);
}

void
fakes_faults_add (FakesFaults *faults, const char *method, const char *error, guint count)
{
  Fault *fault = g_new0 (Fault, 1);

  fault->method = g_strdup (method);
  fault->error = g_strdup (error);
  fault->count = count;
  g_ptr_array_add (faults->faults, fault);
}

static void
fail_call (FakesFaults *faults, const char *error, FakesCall *call)
{
  g_auto (GStrv) parts = g_strsplit (error, ":", 2);
  const char *text = parts[1];

  if (g_str_equal (error, "hang"))
    {
      g_ptr_array_add (faults->hanging, call);
      return;
    }
  if (g_str_has_prefix (error, "org."))
    {
      fakes_call_fail_dbus (call, parts[0], text != NULL ? text : parts[0]);
      return;
    }
  for (guint i = 0; text == NULL && i < G_N_ELEMENTS (usual_texts); i++)
    if (g_str_equal (usual_texts[i].name, parts[0]))
      text = usual_texts[i].text;
  fakes_call_fail (call, parts[0], text != NULL ? text : parts[0]);
}

gboolean
fakes_faults_take (FakesFaults *faults, FakesCall *call)
{
  g_autofree char *method = NULL;
  const char *dot = strrchr (call->interface, '.');

  if (faults->faults->len == 0 || dot == NULL)
    return FALSE;

  method = g_strconcat (dot + 1, ".", call->member, NULL);
  for (guint i = 0; i < faults->faults->len; i++)
    {
      Fault *fault = g_ptr_array_index (faults->faults, i);

      if (!g_str_equal (fault->method, method))
        continue;
      fail_call (faults, fault->error, call);
      if (--fault->count == 0)
        g_ptr_array_remove_index (faults->faults, i);
      return TRUE;
    }
  return FALSE;
}
