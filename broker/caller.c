/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/caller.h"

BrokerCaller *
broker_caller_ref (BrokerCaller *caller)
{
  g_ref_count_inc (&caller->refs);
  return caller;
}

void
broker_caller_unref (BrokerCaller *caller)
{
  if (!g_ref_count_dec (&caller->refs))
    return;
  g_free (caller->unique_name);
  g_free (caller->app);
  g_free (caller->app_id);
  g_free (caller->name);
  g_free (caller->strength);
  g_free (caller->fingerprint);
  g_free (caller->session);
  g_free (caller);
}
