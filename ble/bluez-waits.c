/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-waits.h"

typedef struct
{
  gatomicrefcount refs; /* the list's, and one of a sync under way */
  BleBluezWaits *waits; /* NULL once it has ended */
  BleBluezCondition condition;
  guint32 id;
  gboolean synced;
  GSource *deadline;
  GSource *cancel;
  BleBluezWaitFunc func;
  gpointer user_data;
} Wait;

struct BleBluezWaits
{
  BleBluezAdverts *adverts;
  BleBluezTree *tree;
  GMainContext *context;
  GList *list; /* of Wait */
};

static BleBluezOutcome
lose (GError **ret_error, BleRadioError code, const char *cause)
{
  g_set_error_literal (ret_error, BLE_RADIO_ERROR, (gint) code, cause);
  return BLE_BLUEZ_LOST;
}

BleBluezOutcome
ble_bluez_is_current (BleBluezTree *tree, guint32 device, GError **ret_error)
{
  BleBluezDevice found;

  if (!ble_bluez_tree_find_device (tree, device, &found))
    return lose (ret_error, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  return BLE_BLUEZ_MET;
}

BleBluezOutcome
ble_bluez_is_resolved (BleBluezTree *tree, guint32 device, GError **ret_error)
{
  BleBluezDevice found;

  if (!ble_bluez_tree_find_device (tree, device, &found))
    return lose (ret_error, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  if (!found.advert->connected)
    return lose (ret_error, BLE_RADIO_ERROR_CONNECTION, "not-connected");
  return found.advert->resolved ? BLE_BLUEZ_MET : BLE_BLUEZ_WAITING;
}

BleBluezOutcome
ble_bluez_is_connected (BleBluezTree *tree, guint32 device, GError **ret_error)
{
  BleBluezDevice found;

  if (!ble_bluez_tree_find_device (tree, device, &found))
    return lose (ret_error, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  return found.advert->connected ? BLE_BLUEZ_MET : BLE_BLUEZ_WAITING;
}

BleBluezOutcome
ble_bluez_is_resolved_or_idle (BleBluezTree *tree, guint32 device, GError **ret_error)
{
  BleBluezDevice found;

  if (!ble_bluez_tree_find_device (tree, device, &found))
    return lose (ret_error, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  return found.advert->connected && found.advert->resolved ? BLE_BLUEZ_MET
                                                           : BLE_BLUEZ_WAITING;
}

BleBluezOutcome
ble_bluez_is_disconnected (BleBluezTree *tree, guint32 device, GError **ret_error)
{
  BleBluezDevice found;

  if (!ble_bluez_tree_find_device (tree, device, &found))
    return BLE_BLUEZ_MET;
  return found.advert->connected ? BLE_BLUEZ_WAITING : BLE_BLUEZ_MET;
}

BleBluezOutcome
ble_bluez_is_gone (BleBluezTree *tree, guint32 device, GError **ret_error)
{
  BleBluezDevice found;

  return ble_bluez_tree_find_device (tree, device, &found) ? BLE_BLUEZ_WAITING
                                                           : BLE_BLUEZ_MET;
}

BleBluezOutcome
ble_bluez_is_released (BleBluezTree *tree, guint32 attribute, GError **ret_error)
{
  const BleBluezAttribute *found = ble_bluez_tree_find_attribute (tree, attribute);

  return found != NULL && (found->notify_acquired || found->write_acquired)
           ? BLE_BLUEZ_WAITING
           : BLE_BLUEZ_MET;
}

static BleBluezOutcome
check_power (BleBluezTree *tree, guint32 id, gboolean on, GError **ret_error)
{
  const BleBluezController *adapter = ble_bluez_tree_find_adapter (tree, id);

  if (adapter == NULL)
    return lose (ret_error, BLE_RADIO_ERROR_NO_ADAPTER, "gone");
  return (adapter->shown.powered != FALSE) == on ? BLE_BLUEZ_MET : BLE_BLUEZ_WAITING;
}

BleBluezOutcome
ble_bluez_is_powered (BleBluezTree *tree, guint32 adapter, GError **ret_error)
{
  return check_power (tree, adapter, TRUE, ret_error);
}

BleBluezOutcome
ble_bluez_is_unpowered (BleBluezTree *tree, guint32 adapter, GError **ret_error)
{
  return check_power (tree, adapter, FALSE, ret_error);
}

BleBluezWaits *
ble_bluez_waits_new (BleBluezAdverts *adverts, BleBluezTree *tree)
{
  BleBluezWaits *waits = g_new0 (BleBluezWaits, 1);

  waits->adverts = adverts;
  waits->tree = tree;
  waits->context = g_main_context_ref_thread_default ();
  return waits;
}

static void
unref_wait (Wait *wait)
{
  if (g_atomic_ref_count_dec (&wait->refs))
    g_free (wait);
}

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* The one place where a wait ends. */
static void
end_wait (Wait *wait, const GError *error)
{
  BleBluezWaits *waits = wait->waits;

  wait->waits = NULL;
  waits->list = g_list_remove (waits->list, wait);
  drop_source (&wait->deadline);
  drop_source (&wait->cancel);
  if (waits->list == NULL)
    ble_bluez_adverts_set_eager (waits->adverts, FALSE);
  wait->func (error, wait->user_data);
  unref_wait (wait);
}

static void
end_wait_with (Wait *wait, BleRadioError code, const char *cause)
{
  g_autoptr (GError) error = g_error_new_literal (BLE_RADIO_ERROR, (gint) code, cause);

  end_wait (wait, error);
}

static void
check_wait (Wait *wait)
{
  g_autoptr (GError) error = NULL;

  if (!wait->synced)
    return;
  switch (wait->condition (wait->waits->tree, wait->id, &error))
    {
    case BLE_BLUEZ_WAITING:
      break;
    case BLE_BLUEZ_MET:
    case BLE_BLUEZ_LOST:
      end_wait (wait, error);
      break;
    }
}

static void
on_synced (gpointer user_data)
{
  Wait *wait = user_data;

  wait->synced = TRUE;
  if (wait->waits != NULL)
    check_wait (wait);
  unref_wait (wait);
}

static gboolean
on_deadline (gpointer user_data)
{
  end_wait_with (user_data, BLE_RADIO_ERROR_TIMED_OUT, "timed-out");
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancel (GCancellable *cancellable, gpointer user_data)
{
  end_wait_with (user_data, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  return G_SOURCE_REMOVE;
}

void
ble_bluez_waits_add (BleBluezWaits *waits,
                     BleBluezCondition condition,
                     guint32 id,
                     guint timeout_ms,
                     GCancellable *cancellable,
                     BleBluezWaitFunc func,
                     gpointer user_data)
{
  Wait *wait = g_new0 (Wait, 1);

  g_atomic_ref_count_init (&wait->refs);
  g_atomic_ref_count_inc (&wait->refs);
  wait->waits = waits;
  wait->condition = condition;
  wait->id = id;
  wait->func = func;
  wait->user_data = user_data;
  wait->deadline = g_timeout_source_new (timeout_ms);
  g_source_set_callback (wait->deadline, on_deadline, wait, NULL);
  g_source_attach (wait->deadline, waits->context);
  if (cancellable != NULL)
    {
      wait->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (wait->cancel, G_SOURCE_FUNC (on_cancel), wait, NULL);
      g_source_attach (wait->cancel, waits->context);
    }
  waits->list = g_list_append (waits->list, wait);
  ble_bluez_adverts_set_eager (waits->adverts, TRUE);
  ble_bluez_adverts_sync (waits->adverts, on_synced, wait);
}

void
ble_bluez_waits_check (BleBluezWaits *waits)
{
  g_autoptr (GList) list = g_list_copy (waits->list);

  for (GList *link = list; link != NULL; link = link->next)
    g_atomic_ref_count_inc (&((Wait *) link->data)->refs);
  for (GList *link = list; link != NULL; link = link->next)
    {
      Wait *wait = link->data;

      if (wait->waits != NULL)
        check_wait (wait);
      unref_wait (wait);
    }
}

static void
end_all_with (BleBluezWaits *waits, BleRadioError code, const char *cause)
{
  /* What the functions of the ended ones begin meanwhile stays. */
  for (guint n = g_list_length (waits->list); n > 0 && waits->list != NULL; n--)
    end_wait_with (waits->list->data, code, cause);
}

void
ble_bluez_waits_end_all (BleBluezWaits *waits)
{
  end_all_with (waits, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon");
}

void
ble_bluez_waits_free (BleBluezWaits *waits)
{
  if (waits == NULL)
    return;
  while (waits->list != NULL)
    end_all_with (waits, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  g_main_context_unref (waits->context);
  g_free (waits);
}
