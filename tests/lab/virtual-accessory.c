/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A scripted BLE peripheral on a controller, through bluetoothd. tests/README.md has
 * its words, commands and events. */

#include <stdlib.h>
#include <unistd.h>

#include "tests/fakes/words.h"
#include "tests/lab/virtual-accessory-adapter.h"
#include "tests/lab/virtual-accessory-advertisement.h"
#include "tests/lab/virtual-accessory-agent.h"
#include "tests/lab/virtual-accessory-gatt.h"
#include "tests/lab/virtual-accessory-heart.h"
#include "tests/lab/virtual-accessory-peers.h"
#include "tests/lab/virtual-accessory-profile.h"
#include "tests/lab/virtual-accessory-report.h"
#include "tests/lab/virtual-accessory-script.h"

#define EXIT_USAGE 2

typedef struct
{
  AccessoryWords *words;
  GMainLoop *loop;
  int status;
  gboolean leaving;
  GDBusConnection *bus;
  AccessoryGatt *gatt;
  AccessoryAdvertisement *advertisement;
  AccessoryAgent *agent;
  AccessoryHeart *heart;
  AccessoryPeers *peers;
  AccessoryAdapter *adapter;
  AccessoryScript *script;
  gboolean vanished; /* by us, without power */
  gboolean pairing;  /* the agent was asked, and the pairing has not ended */
  guint lifetime;    /* timer of the link */
} Accessory;

static void
stop (Accessory *accessory, int status)
{
  accessory->status = status;
  g_main_loop_quit (accessory->loop);
}

static gboolean
on_lifetime_over (gpointer user_data)
{
  Accessory *accessory = user_data;

  accessory->lifetime = 0;
  accessory_peers_disconnect (accessory->peers);
  return G_SOURCE_REMOVE;
}

static void
end_pairing (Accessory *accessory, const char *event)
{
  accessory->pairing = FALSE;
  accessory_report ("%s", event);
}

static void
on_connected (Accessory *accessory)
{
  accessory_report ("connected");
  accessory_advertisement_set_linked (accessory->advertisement, TRUE);
  accessory_gatt_set_linked (accessory->gatt, TRUE);
  g_clear_handle_id (&accessory->lifetime, g_source_remove);
  if (accessory->words->lifetime_ms != 0)
    accessory->lifetime =
      g_timeout_add (accessory->words->lifetime_ms, on_lifetime_over, accessory);
}

static void
on_disconnected (Accessory *accessory)
{
  if (accessory->pairing)
    end_pairing (accessory, "pairing-failed");
  g_clear_handle_id (&accessory->lifetime, g_source_remove);
  accessory_gatt_set_linked (accessory->gatt, FALSE);
  accessory_advertisement_set_linked (accessory->advertisement, FALSE);
  accessory_report ("disconnected");
  if (accessory->leaving)
    accessory_adapter_leave (accessory->adapter);
}

static void
on_peer (AccessoryPeerEvent event, gpointer user_data)
{
  Accessory *accessory = user_data;

  switch (event)
    {
    case ACCESSORY_PEER_CONNECTED:
      on_connected (accessory);
      break;
    case ACCESSORY_PEER_DISCONNECTED:
      on_disconnected (accessory);
      break;
    case ACCESSORY_PEER_PAIRED:
      end_pairing (accessory, "paired");
      break;
    case ACCESSORY_PEER_PAIRING_FAILED:
      end_pairing (accessory, "pairing-failed");
      break;
    case ACCESSORY_PEER_UNPAIRED:
      accessory_report ("unpaired");
      break;
    }
}

static void
vanish (Accessory *accessory)
{
  accessory->vanished = TRUE;
  accessory_adapter_vanish (accessory->adapter);
  accessory_advertisement_set_wanted (accessory->advertisement, FALSE);
}

static void
on_asked (gpointer user_data)
{
  Accessory *accessory = user_data;

  accessory->pairing = TRUE;
  if (accessory->words->pairing == ACCESSORY_PAIRING_VANISH)
    vanish (accessory);
}

static void
on_subscribed (guint16 uuid, gboolean subscribed, gpointer user_data)
{
  Accessory *accessory = user_data;

  if (uuid == ACCESSORY_UUID_HEART_RATE_MEASUREMENT)
    accessory_heart_set_heard (accessory->heart, subscribed);
}

/* The control point knows one command, "reset energy expended"; nothing else is written. */
static void
on_written (guint16 uuid, GBytes *value, gpointer user_data)
{
  Accessory *accessory = user_data;

  if (uuid == ACCESSORY_UUID_HEART_RATE_CONTROL_POINT)
    accessory_heart_reset_energy (accessory->heart);
}

static const AccessoryGattEvents gatt_events = { on_subscribed, on_written };

static void
on_adapter (AccessoryAdapterState state, gpointer user_data)
{
  Accessory *accessory = user_data;

  switch (state)
    {
    case ACCESSORY_ADAPTER_FAILED:
      stop (accessory, EXIT_FAILURE);
      break;
    case ACCESSORY_ADAPTER_READY:
      accessory_advertisement_set_wanted (accessory->advertisement, TRUE);
      accessory_report ("ready");
      break;
    case ACCESSORY_ADAPTER_GONE:
      accessory_advertisement_set_wanted (accessory->advertisement, FALSE);
      accessory_gatt_forget_subscriptions (accessory->gatt);
      if (accessory->leaving)
        stop (accessory, EXIT_SUCCESS);
      break;
    case ACCESSORY_ADAPTER_LEFT:
      stop (accessory, EXIT_SUCCESS);
      break;
    }
}

static gboolean
do_passkey (guint passkey, gpointer user_data)
{
  return accessory_agent_enter_passkey (((Accessory *) user_data)->agent, passkey);
}

static gboolean
do_confirm (gboolean same, gpointer user_data)
{
  return accessory_agent_confirm (((Accessory *) user_data)->agent, same);
}

static gboolean
do_advertise (gboolean on, gpointer user_data)
{
  Accessory *accessory = user_data;

  if (on && accessory->vanished)
    accessory_adapter_power_on (accessory->adapter);
  accessory->vanished = accessory->vanished && !on;
  accessory_advertisement_set_wanted (accessory->advertisement, on);
  return TRUE;
}

static gboolean
do_vanish (gpointer user_data)
{
  vanish (user_data);
  return TRUE;
}

static gboolean
do_disconnect (gpointer user_data)
{
  return accessory_peers_disconnect (((Accessory *) user_data)->peers);
}

static gboolean
do_notify (guint16 uuid, GBytes *value, gpointer user_data)
{
  return accessory_gatt_notify (((Accessory *) user_data)->gatt, uuid, value);
}

static gboolean
do_rate (guint rate_ms, gpointer user_data)
{
  accessory_heart_set_rate (((Accessory *) user_data)->heart, rate_ms);
  return TRUE;
}

static gboolean
do_set (guint16 uuid, GBytes *value, gpointer user_data)
{
  return accessory_gatt_set_value (((Accessory *) user_data)->gatt, uuid, value);
}

static gboolean
do_quit (gpointer user_data)
{
  Accessory *accessory = user_data;

  accessory->leaving = TRUE;
  accessory_advertisement_set_wanted (accessory->advertisement, FALSE);
  if (!accessory_peers_disconnect (accessory->peers))
    accessory_adapter_leave (accessory->adapter);
  return TRUE;
}

static const AccessoryScriptCommands commands = {
  .passkey = do_passkey,
  .confirm = do_confirm,
  .advertise = do_advertise,
  .vanish = do_vanish,
  .disconnect = do_disconnect,
  .notify = do_notify,
  .rate = do_rate,
  .set = do_set,
  .quit = do_quit,
};

static gboolean
set_up (Accessory *accessory, GError **error)
{
  const AccessoryWords *words = accessory->words;
  g_autofree char *path = accessory_adapter_path (words);

  accessory->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  if (accessory->bus == NULL)
    return FALSE;
  accessory->gatt =
    accessory_gatt_new (accessory->bus, words, &gatt_events, accessory, error);
  if (accessory->gatt == NULL)
    return FALSE;
  accessory->advertisement = accessory_advertisement_new (words, error);
  if (accessory->advertisement == NULL)
    return FALSE;
  accessory->agent =
    accessory_agent_new (accessory->bus, words, path, on_asked, accessory, error);
  if (accessory->agent == NULL)
    return FALSE;
  accessory->peers = accessory_peers_new (words->adapters[0], on_peer, accessory, error);
  if (accessory->peers == NULL)
    return FALSE;
  accessory->heart = accessory_heart_new (accessory->gatt, words);
  accessory->adapter =
    accessory_adapter_new (accessory->bus, words, on_adapter, accessory);
  accessory->script = accessory_script_new (STDIN_FILENO, &commands, accessory);
  return TRUE;
}

static void
tear_down (Accessory *accessory)
{
  g_clear_handle_id (&accessory->lifetime, g_source_remove);
  accessory_script_free (accessory->script);
  accessory_adapter_free (accessory->adapter);
  accessory_peers_free (accessory->peers);
  accessory_agent_free (accessory->agent);
  accessory_advertisement_free (accessory->advertisement);
  accessory_gatt_free (accessory->gatt);
  accessory_heart_free (accessory->heart);
  if (accessory->bus != NULL)
    g_dbus_connection_flush_sync (accessory->bus, NULL, NULL);
  g_clear_object (&accessory->bus);
  g_main_loop_unref (accessory->loop);
  accessory_words_free (accessory->words);
}

int
main (int argc, char **argv)
{
  Accessory accessory = { .status = EXIT_SUCCESS };
  g_autoptr (GError) error = NULL;

  accessory.words = accessory_words_parse ((const char *const *) argv + 1, &error);
  if (accessory.words == NULL)
    {
      accessory_report_error ("words", error->message);
      return EXIT_USAGE;
    }
  accessory.loop = g_main_loop_new (NULL, FALSE);
  if (set_up (&accessory, &error))
    g_main_loop_run (accessory.loop);
  else
    {
      accessory_report_error ("start", error->message);
      accessory.status = error->domain == FAKES_ERROR ? EXIT_USAGE : EXIT_FAILURE;
    }
  tear_down (&accessory);
  return accessory.status;
}
