/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-pairing.h"

#include <string.h>

#include "ble/bluez-link.h"

/* How long the accessory may take to answer at all. bluetoothd itself would wait as
 * long as its call may take for one that is not there any more; with GIVE_UP_MS, and
 * the time in which the broker looks for it once more, the person hears of it within 10 s. */
#define REACH_MS 4500
/* How long bluetoothd may take to give up when it is told to. */
#define GIVE_UP_MS 2000
/* The reply to Pair() must be the end of it: a little later than our own deadline. */
#define CALL_MS (BLE_BLUEZ_PAIR_MS + 10000)
#define SEEN_MS 5000

typedef struct
{
  BleDeviceId device;
  char *path;
  BlePairPromptFunc prompt;
  gpointer prompt_data;
  GTask *task; /* NULL: told already; Pair() is still to be answered */
  BlePairMethod method;
  GDBusMethodInvocation *held; /* the question that waits for the person, or NULL */
  gboolean answered;           /* Pair() has succeeded */
  GError *verdict; /* what the task ends with, whatever Pair() says; or NULL */
  GSource *cancel;
  GSource *deadline;
} Run;

struct BleBluezPairing
{
  const BleBluezParts *parts;
  GMainContext *context;
  Run *run; /* or NULL: none */
};

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
drop_question (Run *run)
{
  if (run->held != NULL)
    ble_bluez_agent_reject (g_steal_pointer (&run->held));
}

/* Tells whoever asked, once. */
static void
fail_task (Run *run, const GError *error)
{
  GTask *task = g_steal_pointer (&run->task);

  if (task != NULL)
    ble_bluez_task_fail (task, error);
}

/* Forgets the pairing: the next may begin. Its task is returned to be ended after
 * that. */
static GTask *
end_run (BleBluezPairing *pairing)
{
  Run *run = g_steal_pointer (&pairing->run);
  GTask *task = run->task;

  drop_question (run);
  drop_source (&run->cancel);
  drop_source (&run->deadline);
  g_clear_error (&run->verdict);
  g_free (run->path);
  g_free (run);
  return task;
}

BleBluezPairing *
ble_bluez_pairing_new (const BleBluezParts *parts)
{
  BleBluezPairing *pairing = g_new0 (BleBluezPairing, 1);

  pairing->parts = parts;
  pairing->context = g_main_context_ref_thread_default ();
  return pairing;
}

void
ble_bluez_pairing_free (BleBluezPairing *pairing)
{
  if (pairing == NULL)
    return;
  g_main_context_unref (pairing->context);
  g_free (pairing);
}

static gboolean
on_not_given_up (gpointer user_data)
{
  BleBluezPairing *pairing = user_data;

  drop_source (&pairing->run->deadline);
  fail_task (pairing->run, pairing->run->verdict);
  return G_SOURCE_REMOVE;
}

static void
set_deadline (BleBluezPairing *pairing, guint timeout_ms, GSourceFunc func)
{
  Run *run = pairing->run;

  drop_source (&run->deadline);
  run->deadline = g_timeout_source_new (timeout_ms);
  g_source_set_callback (run->deadline, func, pairing, NULL);
  g_source_attach (run->deadline, pairing->context);
}

/* Has bluetoothd give up. The task ends when it has, with @code. */
static void
give_up (BleBluezPairing *pairing, BleRadioError code, const char *cause)
{
  Run *run = pairing->run;
  const BleBluezRequest request = { .path = run->path,
                                    .interface = ble_bluez_device1,
                                    .method = "CancelPairing",
                                    .timeout_ms = BLE_BLUEZ_QUICK_MS,
                                    .urgent = TRUE };

  /* CancelPairing() after the end would take the bond away. */
  if (run->verdict != NULL || run->answered)
    return;
  run->verdict = g_error_new_literal (BLE_RADIO_ERROR, (gint) code, cause);
  drop_question (run);
  drop_source (&run->cancel);
  set_deadline (pairing, GIVE_UP_MS, on_not_given_up);
  ble_bluez_calls_send (pairing->parts->calls, &request, NULL, NULL, NULL);
}

static gboolean
on_deadline (gpointer user_data)
{
  give_up (user_data, BLE_RADIO_ERROR_TIMED_OUT, "authentication-timeout");
  return G_SOURCE_REMOVE;
}

/* Whether the accessory has answered: there is a link, or was one long enough for a
 * question. */
static gboolean
is_reached (const BleBluezPairing *pairing)
{
  BleBluezDevice found = { 0 };

  return pairing->run->method != BLE_PAIR_METHOD_NONE ||
         (ble_bluez_tree_find_device (pairing->parts->tree, pairing->run->device,
                                      &found) &&
          found.advert->connected);
}

static gboolean
on_reach_deadline (gpointer user_data)
{
  BleBluezPairing *pairing = user_data;

  if (is_reached (pairing))
    set_deadline (pairing, BLE_BLUEZ_PAIR_MS - REACH_MS, on_deadline);
  else
    give_up (pairing, BLE_RADIO_ERROR_CONNECTION, "connection-attempt-failed");
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancel (GCancellable *cancellable, gpointer user_data)
{
  give_up (user_data, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  return G_SOURCE_REMOVE;
}

/* A bond that nobody waits for any more. */
static void
forget_bond (BleBluezPairing *pairing, BleDeviceId device)
{
  ble_bluez_link_forget (pairing->parts, device, g_task_new (NULL, NULL, NULL, NULL));
}

/* The bond is stored before bluetoothd answers, and its signal has been seen by now: also by whoever
 * gave up while it was made, and takes it away. */
static void
on_bond_seen (const GError *error, gpointer user_data)
{
  BleBluezPairing *pairing = user_data;
  g_autoptr (GError) verdict = g_steal_pointer (&pairing->run->verdict);
  BlePairMethod method = pairing->run->method;
  BleDeviceId device = pairing->run->device;
  BleBluezDevice found = { 0 };
  gboolean bonded = ble_bluez_tree_find_device (pairing->parts->tree, device, &found) &&
                    found.advert->bonded;
  GTask *task = end_run (pairing);

  if (task == NULL && bonded)
    forget_bond (pairing, device);
  if (task == NULL)
    return;
  if (error != NULL || verdict != NULL)
    ble_bluez_task_fail (task, verdict != NULL ? verdict : error);
  else if (!bonded)
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_PAIRING_FAILED, "not-bonded");
  else
    {
      g_task_return_int (task, method == BLE_PAIR_METHOD_NONE ? BLE_PAIR_METHOD_JUST_WORKS
                                                              : method);
      g_object_unref (task);
    }
}

/* The kernel gives a link 4 s (HCI_LE_AUTOCONN_TIMEOUT), and bluetoothd calls their end a
 * timeout of the pairing. */
static gboolean
is_of_the_link (const BleBluezPairing *pairing, const GError *error)
{
  return g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_TIMED_OUT) &&
         strcmp (error->message, "authentication-timeout") == 0 && !is_reached (pairing);
}

static void
on_paired (GVariant *reply,
           GUnixFDList *descriptors,
           const GError *error,
           gpointer user_data)
{
  BleBluezPairing *pairing = user_data;
  Run *run = pairing->run;
  g_autoptr (GError) verdict = NULL;
  GTask *task;

  if (error == NULL)
    {
      run->answered = TRUE;
      drop_source (&run->cancel);
      drop_source (&run->deadline);
      ble_bluez_waits_add (pairing->parts->waits, ble_bluez_is_current, run->device,
                           SEEN_MS, NULL, on_bond_seen, pairing);
      return;
    }
  /* Where bluetoothd has gone, nobody knows what became of it, whoever gave up. */
  if (!g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DAEMON))
    verdict = g_steal_pointer (&run->verdict);
  if (verdict == NULL && is_of_the_link (pairing, error))
    verdict = g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION,
                                   "connection-attempt-failed");
  task = end_run (pairing);
  if (task != NULL)
    ble_bluez_task_fail (task, verdict != NULL ? verdict : error);
}

void
ble_bluez_pairing_begin (BleBluezPairing *pairing,
                         BleDeviceId device,
                         BlePairPromptFunc prompt,
                         gpointer prompt_data,
                         GTask *task)
{
  BleBluezDevice found;
  BleBluezRequest request = { .interface = ble_bluez_device1,
                              .method = "Pair",
                              .timeout_ms = CALL_MS,
                              .device = device };
  GCancellable *cancellable = g_task_get_cancellable (task);
  Run *run;

  if (pairing->run != NULL)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_BUSY, "in-progress");
      return;
    }
  if (!ble_bluez_need_device (pairing->parts, device, TRUE, task, &found))
    return;
  if (found.advert->bonded)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_FAILED, "already-exists");
      return;
    }

  run = g_new0 (Run, 1);
  run->device = device;
  run->path = g_strdup (found.path);
  run->prompt = prompt;
  run->prompt_data = prompt_data;
  run->task = task;
  pairing->run = run;
  set_deadline (pairing, REACH_MS, on_reach_deadline);
  if (cancellable != NULL)
    {
      run->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (run->cancel, G_SOURCE_FUNC (on_cancel), pairing, NULL);
      g_source_attach (run->cancel, pairing->context);
    }
  request.path = run->path;
  ble_bluez_calls_send (pairing->parts->calls, &request, NULL, on_paired, pairing);
}

/* Refusing is final: bluetoothd is told, and Pair() fails with our word for it. */
static void
refuse (BleBluezPairing *pairing)
{
  Run *run = pairing->run;

  if (run->held == NULL)
    {
      give_up (pairing, BLE_RADIO_ERROR_PAIRING_CANCELLED, "rejected");
      return;
    }
  if (run->verdict == NULL)
    run->verdict = g_error_new_literal (BLE_RADIO_ERROR,
                                        BLE_RADIO_ERROR_PAIRING_CANCELLED, "rejected");
  drop_question (run);
}

void
ble_bluez_pairing_answer (BleBluezPairing *pairing,
                          BleDeviceId device,
                          gboolean accept,
                          guint32 passkey)
{
  Run *run = pairing->run;

  if (run == NULL || run->device != device || run->method == BLE_PAIR_METHOD_NONE)
    return;
  if (!accept)
    refuse (pairing);
  else if (run->held != NULL && run->method == BLE_PAIR_METHOD_COMPARE)
    g_dbus_method_invocation_return_value (g_steal_pointer (&run->held), NULL);
  else if (run->held != NULL && run->method == BLE_PAIR_METHOD_THEY_SHOW)
    g_dbus_method_invocation_return_value (g_steal_pointer (&run->held),
                                           g_variant_new ("(u)", passkey));
}

gboolean
ble_bluez_pairing_asked (BleBluezPairing *pairing,
                         const char *path,
                         BleBluezAsk ask,
                         guint32 passkey,
                         guint entered,
                         GDBusMethodInvocation *invocation)
{
  Run *run = pairing->run;
  BlePairPrompt prompt = { .passkey = passkey, .entered = entered };

  if (run == NULL || !g_str_equal (run->path, path) || run->verdict != NULL ||
      run->answered || run->held != NULL)
    return FALSE;

  switch (ask)
    {
    case BLE_BLUEZ_ASK_CONFIRM:
      prompt.method = BLE_PAIR_METHOD_COMPARE;
      run->held = invocation;
      break;
    case BLE_BLUEZ_ASK_PASSKEY:
      prompt.method = BLE_PAIR_METHOD_THEY_SHOW;
      run->held = invocation;
      break;
    case BLE_BLUEZ_ASK_DISPLAY:
      prompt.method = BLE_PAIR_METHOD_WE_SHOW;
      g_dbus_method_invocation_return_value (invocation, NULL);
      break;
    case BLE_BLUEZ_ASK_AUTHORIZE:
      /* The device that the person picked, and nothing verified: Just Works. */
      g_dbus_method_invocation_return_value (invocation, NULL);
      return TRUE;
    case BLE_BLUEZ_ASK_NONE:
      return FALSE;
    }
  run->method = prompt.method;
  if (run->prompt != NULL)
    run->prompt (run->device, &prompt, run->prompt_data);
  return TRUE;
}

void
ble_bluez_pairing_cancelled (BleBluezPairing *pairing)
{
  if (pairing->run != NULL)
    drop_question (pairing->run);
}

void
ble_bluez_pairing_leave (BleBluezPairing *pairing)
{
  if (pairing->run != NULL && pairing->run->task != NULL)
    give_up (pairing, BLE_RADIO_ERROR_CANCELLED, "cancelled");
}
