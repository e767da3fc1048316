/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/pairing.h"

#include "tests/fakes/link.h"

typedef enum
{
  METHOD_JUST_WORKS = 0,
  METHOD_THEY_SHOW,
  METHOD_WE_SHOW,
  METHOD_COMPARE,
} Method;

typedef struct
{
  FakesPairingFunc func;
  gpointer user_data;
} Waiter;

struct FakesPairing
{
  FakesDevice *device;
  FakesCall *call;   /* of Pair(); NULL: nobody asked for it, or it is answered */
  FakesAgent *agent; /* or NULL */
  GArray *waiters;   /* of Waiter */
  Method method;
  guint32 passkey;
  gboolean begun;  /* the link is up and the questions are out */
  gboolean bonded; /* done, but the services are still looked for */
  gboolean we_agree;
  gboolean they_agree;
  guint timeout_source;
};

typedef struct
{
  const char *name;
  const char *text;
} Outcome;

static const Outcome failed = { "AuthenticationFailed", "Authentication Failed" };
static const Outcome cancelled = { "AuthenticationCanceled", "Authentication Canceled" };
/* Of a second Pair(): BlueZ 5.66 takes the other, classic bearer for it. */
static const Outcome unreachable = { "ConnectionAttemptFailed", "Page Timeout" };
static const Outcome aborted = { "Failed", "Software caused connection abort" };

static gboolean
is_secure (const FakesDevice *device)
{
  switch (device->accessory->words->security)
    {
    case ACCESSORY_SECURITY_NONE:
      return TRUE;
    case ACCESSORY_SECURITY_ENCRYPT:
      return device->bonded;
    case ACCESSORY_SECURITY_AUTHENTICATED:
      return device->bonded && device->verified;
    default:
      return FALSE;
    }
}

/* Which method two sides come to: Core Specification 5.3, Vol 3, Part H, table 2.8, with LE Secure
 * Connections. Ours is the initiator. */
static Method
choose_method (FakesIo ours, AccessoryPairing theirs)
{
  gboolean we_type = ours == FAKES_IO_KEYBOARD_ONLY || ours == FAKES_IO_KEYBOARD_DISPLAY;
  gboolean we_compare =
    ours == FAKES_IO_DISPLAY_YES_NO || ours == FAKES_IO_KEYBOARD_DISPLAY;

  switch (theirs)
    {
    case ACCESSORY_PAIRING_THEY_SHOW:
    case ACCESSORY_PAIRING_WRONG_PASSKEY:
      return we_type ? METHOD_THEY_SHOW : METHOD_JUST_WORKS;
    case ACCESSORY_PAIRING_WE_SHOW:
      return ours != FAKES_IO_NONE ? METHOD_WE_SHOW : METHOD_JUST_WORKS;
    case ACCESSORY_PAIRING_COMPARE:
      if (we_compare)
        return METHOD_COMPARE;
      return we_type ? METHOD_THEY_SHOW : METHOD_JUST_WORKS;
    case ACCESSORY_PAIRING_JUST_WORKS:
    case ACCESSORY_PAIRING_REFUSE:
    case ACCESSORY_PAIRING_VANISH:
    default:
      return METHOD_JUST_WORKS;
    }
}

static void
free_pairing (FakesPairing *pairing)
{
  g_clear_handle_id (&pairing->timeout_source, g_source_remove);
  g_array_unref (pairing->waiters);
  fakes_agent_unref (pairing->agent);
  g_free (pairing);
}

/* A bond that is weaker than an attribute asks for: the kernel tries to pair again for
 * more, fails, and the link is lost. The bond stays. */
static void
give_up_on_weak_bond (FakesDevice *device)
{
  fakes_accessory_event (device->accessory, "pairing-failed", NULL);
  fakes_link_drop (device);
}

/* The waiters may begin a new pairing: ours must be out of the way. */
static void
end_pairing (FakesPairing *pairing)
{
  FakesDevice *device = pairing->device;
  g_autoptr (GArray) waiters = g_array_ref (pairing->waiters);

  if (pairing->agent != NULL)
    fakes_agent_cancel (pairing->agent, pairing);
  device->pairing = NULL;
  free_pairing (pairing);
  if (waiters->len > 0 && device->bonded && !is_secure (device))
    give_up_on_weak_bond (device);
  for (guint i = 0; i < waiters->len; i++)
    {
      const Waiter *waiter = &g_array_index (waiters, Waiter, i);

      waiter->func (is_secure (device), waiter->user_data);
    }
}

static void
fail_pairing (FakesPairing *pairing, const Outcome *outcome)
{
  FakesDevice *device = pairing->device;

  if (pairing->call != NULL)
    fakes_call_fail (g_steal_pointer (&pairing->call), outcome->name, outcome->text);
  if (!pairing->bonded)
    {
      if (!device->trusted)
        fakes_device_set_temporary (device, TRUE);
      if (pairing->begun)
        fakes_accessory_event (device->accessory, "pairing-failed", NULL);
    }
  end_pairing (pairing);
  fakes_link_drop (device); /* measured: a pairing that fails takes the link with it */
}

static void
complete_pairing (FakesPairing *pairing)
{
  FakesDevice *device = pairing->device;

  pairing->bonded = TRUE;
  g_clear_handle_id (&pairing->timeout_source, g_source_remove);
  device->bonded = TRUE;
  device->verified = pairing->method != METHOD_JUST_WORKS;
  fakes_device_set_temporary (device, FALSE);
  fakes_device_identify (device);
  fakes_device_changed (device, "Bonded");
  fakes_accessory_event (device->accessory, "paired", NULL);
  if (!device->resolved) /* BlueZ says Paired, and answers, when it knows the services */
    return;
  device->paired = TRUE;
  fakes_device_changed (device, "Paired");
  fakes_pairing_settle (device);
}

static void
complete_if_agreed (FakesPairing *pairing)
{
  if (pairing->we_agree && pairing->they_agree)
    complete_pairing (pairing);
}

static void
on_confirmed (GVariant *values, gpointer user_data)
{
  FakesPairing *pairing = user_data;

  if (values == NULL)
    {
      fail_pairing (pairing, &failed);
      return;
    }
  pairing->we_agree = TRUE;
  complete_if_agreed (pairing);
}

static void
on_typed_here (GVariant *values, gpointer user_data)
{
  FakesPairing *pairing = user_data;
  gboolean wrong =
    pairing->device->accessory->words->pairing == ACCESSORY_PAIRING_WRONG_PASSKEY;
  guint32 passkey = G_MAXUINT32;

  if (values != NULL && g_variant_is_of_type (values, G_VARIANT_TYPE ("(u)")))
    g_variant_get (values, "(u)", &passkey);
  if (passkey != pairing->passkey || wrong)
    fail_pairing (pairing, &failed);
  else
    complete_pairing (pairing);
}

static gboolean
on_timeout (gpointer data)
{
  FakesPairing *pairing = data;

  pairing->timeout_source = 0;
  fakes_link_drop (pairing->device); /* as the kernel does: SMP cannot go on */
  return G_SOURCE_REMOVE;
}

static void
show_on_accessory (const FakesPairing *pairing, const char *event)
{
  g_autofree char *digits = g_strdup_printf ("%06u", pairing->passkey);

  fakes_accessory_event (pairing->device->accessory, event, digits);
}

/* FALSE: the agent is busy. */
static gboolean
ask_here (FakesPairing *pairing)
{
  const char *path = pairing->device->path;

  switch (pairing->method)
    {
    case METHOD_THEY_SHOW:
      show_on_accessory (pairing, "passkey-shown");
      return fakes_agent_ask (pairing->agent, "RequestPasskey",
                              g_variant_new ("(o)", path), on_typed_here, pairing);
    case METHOD_COMPARE:
      show_on_accessory (pairing, "compare-shown");
      return fakes_agent_ask (pairing->agent, "RequestConfirmation",
                              g_variant_new ("(ou)", path, pairing->passkey),
                              on_confirmed, pairing);
    case METHOD_WE_SHOW:
      fakes_accessory_event (pairing->device->accessory, "passkey-wanted", NULL);
      fakes_agent_tell (pairing->agent, "DisplayPasskey",
                        g_variant_new ("(ouq)", path, pairing->passkey, 0));
      return TRUE;
    case METHOD_JUST_WORKS:
    default:
      return TRUE;
    }
}

/* The link is there: the two sides say what they can do. */
static void
begin_pairing (FakesPairing *pairing)
{
  FakesDevice *device = pairing->device;
  const AccessoryWords *words = device->accessory->words;

  pairing->begun = TRUE;
  if (words->pairing == ACCESSORY_PAIRING_VANISH)
    {
      fakes_accessory_vanish (device->accessory);
      return;
    }
  if (words->pairing == ACCESSORY_PAIRING_REFUSE)
    {
      fail_pairing (pairing, &failed);
      return;
    }

  pairing->method = choose_method (fakes_agent_io (pairing->agent), words->pairing);
  pairing->passkey = words->passkey != ACCESSORY_PASSKEY_RANDOM
                       ? words->passkey
                       : (guint32) g_random_int_range (0, 1000000);
  pairing->they_agree = words->auto_confirm;
  if (pairing->method == METHOD_JUST_WORKS)
    {
      complete_pairing (pairing);
      return;
    }
  pairing->timeout_source =
    g_timeout_add (device->adapter->world->options->smp_ms, on_timeout, pairing);
  if (!ask_here (pairing))
    fail_pairing (pairing, &failed);
}

static FakesPairing *
new_pairing (FakesDevice *device, FakesCall *call, FakesAgent *agent)
{
  FakesPairing *pairing = g_new0 (FakesPairing, 1);

  pairing->device = device;
  pairing->call = call;
  pairing->agent = agent;
  pairing->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  device->pairing = pairing;
  return pairing;
}

void
fakes_pairing_handle_pair (FakesCall *call, gpointer data)
{
  FakesDevice *device = data;
  FakesAgents *agents = device->adapter->world->agents;

  if (device->pairing != NULL)
    fakes_call_fail (call, "InProgress", "In Progress");
  else if (device->bonded)
    {
      /* Measured: and when that fails, it forgets the device, bond and all. */
      fakes_call_fail (call, unreachable.name, unreachable.text);
      fakes_device_forget (device);
    }
  else if (!device->connected && device->link_source != 0)
    fakes_call_fail (call, "Failed", "Operation already in progress"); /* EALREADY */
  else if (!device->adapter->powered || device->blocked)
    fakes_call_fail (call, "Failed", "Input/output error"); /* EIO */
  else
    {
      FakesPairing *pairing =
        new_pairing (device, call, fakes_agents_find (agents, call->sender));

      fakes_device_set_temporary (device, FALSE);
      if (device->connected)
        begin_pairing (pairing);
      else
        fakes_link_start (device);
    }
}

void
fakes_pairing_handle_cancel (FakesCall *call, gpointer data)
{
  FakesDevice *device = data;

  if (device->pairing == NULL || device->pairing->call == NULL)
    {
      fakes_call_fail (call, "DoesNotExist", "Does Not Exist");
      return;
    }
  fail_pairing (device->pairing, &cancelled);
  fakes_call_return (call, NULL);
}

void
fakes_pairing_secure (FakesDevice *device, FakesPairingFunc func, gpointer user_data)
{
  Waiter waiter = { func, user_data };
  FakesPairing *pairing = device->pairing;

  if (device->bonded && !is_secure (device))
    give_up_on_weak_bond (device);
  if (device->bonded || is_secure (device))
    {
      func (is_secure (device), user_data);
      return;
    }
  if (pairing != NULL)
    {
      g_array_append_val (pairing->waiters, waiter);
      return;
    }
  pairing =
    new_pairing (device, NULL, fakes_agents_find (device->adapter->world->agents, NULL));
  g_array_append_val (pairing->waiters, waiter);
  begin_pairing (pairing);
}

void
fakes_pairing_link_up (FakesDevice *device)
{
  if (device->pairing != NULL)
    begin_pairing (device->pairing);
}

void
fakes_pairing_link_failed (FakesDevice *device)
{
  if (device->pairing != NULL)
    fail_pairing (device->pairing, &aborted);
}

void
fakes_pairing_link_lost (FakesDevice *device)
{
  if (device->pairing != NULL)
    fail_pairing (device->pairing, &cancelled);
}

gboolean
fakes_pairing_is_settling (const FakesDevice *device)
{
  return device->pairing != NULL && device->pairing->bonded;
}

void
fakes_pairing_settle (FakesDevice *device)
{
  FakesPairing *pairing = device->pairing;

  if (pairing->call != NULL)
    fakes_call_return (g_steal_pointer (&pairing->call), NULL);
  end_pairing (pairing);
}

void
fakes_pairing_client_gone (FakesDevice *device, const char *client)
{
  const FakesPairing *pairing = device->pairing;

  if (pairing != NULL && pairing->call != NULL &&
      g_str_equal (pairing->call->sender, client))
    fakes_link_drop (device);
}

gboolean
fakes_pairing_type (FakesDevice *device, guint32 passkey)
{
  FakesPairing *pairing = device->pairing;

  if (pairing == NULL || pairing->bonded || pairing->method != METHOD_WE_SHOW)
    return FALSE;
  if (passkey == pairing->passkey)
    complete_pairing (pairing);
  else
    fail_pairing (pairing, &failed);
  return TRUE;
}

gboolean
fakes_pairing_type_keys (FakesDevice *device, guint n_keys)
{
  const FakesPairing *pairing = device->pairing;

  if (pairing == NULL || pairing->bonded || pairing->method != METHOD_WE_SHOW)
    return FALSE;
  fakes_agent_tell (pairing->agent, "DisplayPasskey",
                    g_variant_new ("(ouq)", device->path, pairing->passkey,
                                   (guint16) n_keys));
  return TRUE;
}

gboolean
fakes_pairing_confirm (FakesDevice *device, gboolean yes)
{
  FakesPairing *pairing = device->pairing;

  if (pairing == NULL || pairing->bonded || pairing->method != METHOD_COMPARE)
    return FALSE;
  pairing->they_agree = yes;
  if (yes)
    complete_if_agreed (pairing);
  else
    fail_pairing (pairing, &failed);
  return TRUE;
}
