/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/sessions.h"

#include <string.h>

#include "broker/session.h"
#include "dbus/errors.h"

struct BrokerSessions
{
  BrokerSessionsRooms rooms;
  BrokerSessionsEmptyFunc empty;
  gpointer user_data;
  BrokerExport *export;
  BrokerRequests *requests;
  GPtrArray *list; /* of BrokerSession; in the order of opening */
  guint store_generation;
  BrokerSessionsFunc changed;
  gpointer changed_data;
};

static BrokerSession *
get_session (const BrokerSessions *sessions, guint index)
{
  return g_ptr_array_index (sessions->list, index);
}

static gboolean
is_of_client (const BrokerSession *session, const char *unique_name)
{
  return strcmp (broker_session_get_caller (session)->unique_name, unique_name) == 0;
}

/* 256 at most: a walk is as good as a table, and has one order. */
static gpointer
find_session (const char *sender, const char *node, gpointer user_data)
{
  BrokerSessions *sessions = user_data;
  gsize prefix = strlen (BLEPICK_SESSION_PATH "/");

  for (guint i = 0; i < sessions->list->len; i++)
    {
      BrokerSession *session = get_session (sessions, i);

      if (is_of_client (session, sender) &&
          strcmp (broker_session_get_path (session) + prefix, node) == 0)
        return session;
    }
  return NULL;
}

static BrokerSession *
find_first (const BrokerSessions *sessions, const char *unique_name)
{
  for (guint i = 0; i < sessions->list->len; i++)
    if (is_of_client (get_session (sessions, i), unique_name))
      return get_session (sessions, i);
  return NULL;
}

BrokerCaller *
broker_sessions_find_caller (BrokerSessions *sessions, const char *unique_name)
{
  const BrokerSession *session = find_first (sessions, unique_name);

  return session != NULL ? broker_session_get_caller (session) : NULL;
}

void
broker_sessions_foreach_caller (BrokerSessions *sessions,
                                void (*func) (BrokerCaller *caller, gpointer user_data),
                                gpointer user_data)
{
  for (guint i = 0; i < sessions->list->len; i++)
    {
      BrokerSession *session = get_session (sessions, i);
      const char *unique_name = broker_session_get_caller (session)->unique_name;

      /* The first session of its connection speaks for the rest. */
      if (find_first (sessions, unique_name) == session)
        func (broker_session_get_caller (session), user_data);
    }
}

void
broker_sessions_emit_app (BrokerSessions *sessions,
                          const char *app,
                          BlepickEvent event,
                          GVariant *details)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (details);

  for (guint i = 0; i < sessions->list->len; i++)
    if (strcmp (broker_session_get_caller (get_session (sessions, i))->app, app) == 0)
      broker_session_emit (get_session (sessions, i), event, kept);
}

void
broker_sessions_set_listener (BrokerSessions *sessions,
                              BrokerSessionsFunc changed,
                              gpointer user_data)
{
  sessions->changed = changed;
  sessions->changed_data = user_data;
}

static void
tell_changed (BrokerSessions *sessions)
{
  if (sessions->changed != NULL)
    sessions->changed (sessions->changed_data);
}

/* ---- opening and ending ---- */

/* Out of the list first: its end may be an event for others, and no more for itself. */
static void
drop_session (BrokerSessions *sessions, BrokerSession *session)
{
  guint index = 0;

  if (g_ptr_array_find (sessions->list, session, &index))
    broker_session_free (g_ptr_array_steal_index (sessions->list, index));
  tell_changed (sessions);
}

static void
on_session_ended (BrokerSession *session, gpointer user_data)
{
  BrokerSessions *sessions = user_data;
  g_autofree char *unique_name =
    g_strdup (broker_session_get_caller (session)->unique_name);

  drop_session (sessions, session);
  if (broker_sessions_find_caller (sessions, unique_name) == NULL)
    sessions->empty (unique_name, sessions->user_data);
}

static gboolean
check_limits (BrokerSessions *sessions, const BrokerCaller *caller, GError **error)
{
  guint n_connection = 0, n_user = 0;

  for (guint i = 0; i < sessions->list->len; i++)
    {
      const BrokerSession *session = get_session (sessions, i);

      n_connection += is_of_client (session, caller->unique_name) ? 1 : 0;
      n_user += broker_session_get_caller (session)->uid == caller->uid ? 1 : 0;
    }
  if (n_connection < BROKER_SESSIONS_CONNECTION_MAX &&
      n_user < BROKER_SESSIONS_USER_MAX && sessions->list->len < BROKER_SESSIONS_MAX)
    return TRUE;
  blepick_error_set (error, BLEPICK_ERROR_ACTIVATION_FAILED, "limits",
                     "There are too many sessions; close one");
  return FALSE;
}

const char *
broker_sessions_open (BrokerSessions *sessions, BrokerCaller *caller, GError **error)
{
  BrokerSession *session;

  if (!check_limits (sessions, caller, error))
    return NULL;
  session = broker_session_new (&sessions->rooms, sessions, sessions->requests, caller,
                                on_session_ended, sessions);
  g_ptr_array_add (sessions->list, session);
  tell_changed (sessions);
  return broker_session_get_path (session);
}

void
broker_sessions_activate (BrokerSessions *sessions, const char *path)
{
  for (guint i = 0; i < sessions->list->len; i++)
    if (strcmp (broker_session_get_path (get_session (sessions, i)), path) == 0)
      broker_session_activate (get_session (sessions, i));
}

void
broker_sessions_check_centrals (BrokerSessions *sessions)
{
  for (guint i = 0; i < sessions->list->len; i++)
    broker_session_check_central (get_session (sessions, i));
}

void
broker_sessions_take_vanished (BrokerSessions *sessions, const char *unique_name)
{
  gboolean had_any = FALSE;

  for (guint i = sessions->list->len; i > 0; i--)
    if (is_of_client (get_session (sessions, i - 1), unique_name))
      {
        drop_session (sessions, get_session (sessions, i - 1));
        had_any = TRUE;
      }
  if (had_any)
    sessions->empty (unique_name, sessions->user_data);
}

/* ---- all of them ---- */

BrokerSessions *
broker_sessions_new (const BrokerSessionsRooms *rooms,
                     BrokerSessionsEmptyFunc empty,
                     gpointer user_data,
                     GError **error)
{
  BrokerSessions *sessions = g_new0 (BrokerSessions, 1);

  sessions->rooms = *rooms;
  sessions->empty = empty;
  sessions->user_data = user_data;
  sessions->list = g_ptr_array_new_with_free_func ((GDestroyNotify) broker_session_free);
  sessions->requests =
    broker_requests_new (rooms->connection, rooms->pickers, rooms->asks, error);
  if (sessions->requests != NULL)
    sessions->export =
      broker_export_new (rooms->connection, BLEPICK_SESSION_PATH, FALSE,
                         &broker_session_interface, find_session, sessions, error);
  if (sessions->export == NULL)
    {
      broker_sessions_free (sessions);
      return NULL;
    }
  return sessions;
}

static void
end_all (BrokerSessions *sessions, const char *cause)
{
  for (guint i = 0; i < sessions->list->len; i++)
    {
      GVariantDict details;

      g_variant_dict_init (&details, NULL);
      g_variant_dict_insert (&details, "cause", "s", cause);
      broker_session_emit (get_session (sessions, i), BLEPICK_EVENT_INVALIDATED,
                           g_variant_dict_end (&details));
    }
  while (sessions->list->len > 0)
    on_session_ended (get_session (sessions, 0), sessions);
}

void
broker_sessions_take_rows_changed (BrokerSessions *sessions)
{
  guint generation = broker_permissions_store_generation (sessions->rooms.permissions);

  if (sessions->store_generation != generation)
    end_all (sessions, "store-damaged");
  sessions->store_generation = generation;
  broker_sessions_check_centrals (sessions);
}

void
broker_sessions_stop (BrokerSessions *sessions)
{
  end_all (sessions, "broker-stopping");
}

void
broker_sessions_free (BrokerSessions *sessions)
{
  if (sessions == NULL)
    return;
  while (sessions->list->len > 0)
    drop_session (sessions, get_session (sessions, 0));
  g_ptr_array_unref (sessions->list);
  broker_export_free (sessions->export);
  broker_requests_free (sessions->requests);
  g_free (sessions);
}
