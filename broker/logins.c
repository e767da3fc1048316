/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/logins.h"

#include <string.h>

#include "dbus/errors.h"

#define LOGIND              "org.freedesktop.login1"
#define MANAGER_PATH        "/org/freedesktop/login1"
#define MANAGER_INTERFACE   LOGIND ".Manager"
#define SESSION_INTERFACE   LOGIND ".Session"
#define USER_INTERFACE      LOGIND ".User"
#define PROPERTIES          "org.freedesktop.DBus.Properties"
#define LOGIND_TIMEOUT_MS   5000
#define SUBSCRIPTIONS_COUNT 3

struct BrokerLogins
{
  GDBusConnection *connection;
  guint subscriptions[SUBSCRIPTIONS_COUNT];
  GPtrArray *logins; /* of BrokerLogin, borrowed */
};

struct BrokerLogin
{
  BrokerLogins *logins;
  char *id;
  char *path; /* of logind's object */
  uid_t uid;
  gboolean in_front;
  gboolean is_asking;
  gboolean ask_again; /* something happened while it was asked */
  GCancellable *cancellable;
};

/* ---- one login ---- */

/* @properties: a{sv} of a session: whether it is @uid's and the active one of a seat. A login
 * over the network has no seat; a greeter is nobody's. */
static gboolean
read_in_front (GVariant *properties, uid_t uid)
{
  const char *seat = "", *state = "", *class = "";
  guint32 owner = (guint32) -1;

  return g_variant_lookup (properties, "User", "(uo)", &owner, NULL) &&
         g_variant_lookup (properties, "Seat", "(&so)", &seat, NULL) &&
         g_variant_lookup (properties, "State", "&s", &state) &&
         g_variant_lookup (properties, "Class", "&s", &class) && owner == uid &&
         seat[0] != '\0' && strcmp (state, "active") == 0 && strcmp (class, "user") == 0;
}

static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

static void ask_again (BrokerLogin *login);

static void
on_asked_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerLogin *login = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the login is no more */
  login->is_asking = FALSE;
  if (reply != NULL)
    {
      properties = g_variant_get_child_value (reply, 0);
      login->in_front = read_in_front (properties, login->uid);
    }
  else if (!is_absent (error)) /* while logind starts again nothing changes */
    login->in_front = FALSE;
  if (login->ask_again)
    ask_again (login);
}

static void
ask_again (BrokerLogin *login)
{
  login->ask_again = login->is_asking;
  if (login->is_asking)
    return;
  login->is_asking = TRUE;
  g_dbus_connection_call (login->logins->connection, LOGIND, login->path, PROPERTIES,
                          "GetAll", g_variant_new ("(s)", SESSION_INTERFACE),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          LOGIND_TIMEOUT_MS, login->cancellable, on_asked_again, login);
}

gboolean
broker_login_is_in_front (const BrokerLogin *login)
{
  return login->in_front;
}

const char *
broker_login_get_id (const BrokerLogin *login)
{
  return login->id;
}

void
broker_login_free (BrokerLogin *login)
{
  if (login == NULL)
    return;
  g_cancellable_cancel (login->cancellable);
  g_object_unref (login->cancellable);
  if (login->logins != NULL)
    (void) g_ptr_array_remove_fast (login->logins->logins, login);
  g_free (login->id);
  g_free (login->path);
  g_free (login);
}

/* ---- what is announced ---- */

static void
on_announced (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *signal,
              GVariant *parameters,
              gpointer user_data)
{
  BrokerLogins *logins = user_data;
  gboolean of_one = strcmp (signal, "PropertiesChanged") == 0;

  for (guint i = 0; i < logins->logins->len; i++)
    {
      BrokerLogin *login = g_ptr_array_index (logins->logins, i);

      if (!of_one || strcmp (login->path, path) == 0)
        ask_again (login);
    }
}

BrokerLogins *
broker_logins_new (GDBusConnection *connection)
{
  static const struct
  {
    const char *sender, *interface, *member, *argument;
  } rows[SUBSCRIPTIONS_COUNT] = {
    { LOGIND, PROPERTIES, "PropertiesChanged", SESSION_INTERFACE },
    { LOGIND, MANAGER_INTERFACE, "SessionRemoved", NULL },
    { "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", LOGIND },
  };
  BrokerLogins *logins = g_new0 (BrokerLogins, 1);

  logins->connection = g_object_ref (connection);
  logins->logins = g_ptr_array_new ();
  for (guint i = 0; i < SUBSCRIPTIONS_COUNT; i++)
    logins->subscriptions[i] = g_dbus_connection_signal_subscribe (
      connection, rows[i].sender, rows[i].interface, rows[i].member, NULL,
      rows[i].argument, G_DBUS_SIGNAL_FLAGS_NONE, on_announced, logins, NULL);
  return logins;
}

void
broker_logins_free (BrokerLogins *logins)
{
  if (logins == NULL)
    return;
  for (guint i = 0; i < SUBSCRIPTIONS_COUNT; i++)
    g_dbus_connection_signal_unsubscribe (logins->connection, logins->subscriptions[i]);
  for (guint i = 0; i < logins->logins->len; i++)
    ((BrokerLogin *) g_ptr_array_index (logins->logins, i))->logins = NULL;
  g_ptr_array_unref (logins->logins);
  g_object_unref (logins->connection);
  g_free (logins);
}

/* ---- finding one ---- */

/* Data of the task. */
typedef struct
{
  BrokerLogins *logins;
  uid_t uid;
  char *session;      /* logind's id */
  BrokerLogin *login; /* once it is known which */
} Finding;

static void
free_finding (gpointer data)
{
  Finding *finding = data;

  broker_login_free (finding->login);
  g_free (finding->session);
  g_free (finding);
}

static void
ask_logind (GTask *task,
            const char *path,
            const char *interface,
            const char *method,
            GVariant *parameters,
            GAsyncReadyCallback callback)
{
  const Finding *finding = g_task_get_task_data (task);

  g_dbus_connection_call (finding->logins->connection, LOGIND, path, interface, method,
                          parameters, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          LOGIND_TIMEOUT_MS, g_task_get_cancellable (task), callback,
                          g_object_ref (task));
}

static void
refuse (GTask *task)
{
  g_task_return_error (
    task, blepick_error_new (BLEPICK_ERROR_PICKER_RESTRICTED, "no-active-session",
                             "It belongs to no login that is in front of a "
                             "person."));
}

/* Returns: (transfer full): logind's answer, or NULL when that has settled the task. */
static GVariant *
take_answer (GTask *task, GObject *source, GAsyncResult *result, const char *type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE (type)))
    return g_steal_pointer (&reply);
  if (is_absent (error))
    g_task_return_pointer (task, NULL, NULL);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    refuse (task);
  return NULL;
}

static void
on_session_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Finding *finding = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = take_answer (task, source, result, "(a{sv})");
  g_autoptr (GVariant) properties = NULL;
  BrokerLogin *login;

  if (reply == NULL)
    return;
  properties = g_variant_get_child_value (reply, 0);
  login = g_steal_pointer (&finding->login);
  login->in_front = read_in_front (properties, finding->uid);
  g_task_return_pointer (task, login, (GDestroyNotify) broker_login_free);
}

/* From here on its announcements count, the ones before its answer as well. */
static void
read_session (GTask *task, const char *id, const char *path)
{
  Finding *finding = g_task_get_task_data (task);
  BrokerLogin *login = g_new0 (BrokerLogin, 1);

  login->logins = finding->logins;
  login->id = g_strdup (id);
  login->path = g_strdup (path);
  login->uid = finding->uid;
  login->cancellable = g_cancellable_new ();
  g_ptr_array_add (finding->logins->logins, login);
  finding->login = login;
  ask_logind (task, path, PROPERTIES, "GetAll", g_variant_new ("(s)", SESSION_INTERFACE),
              on_session_read);
}

static void
on_session_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Finding *finding = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = take_answer (task, source, result, "(o)");
  const char *path;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(&o)", &path);
  read_session (task, finding->session, path);
}

static void
on_display_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = take_answer (task, source, result, "(v)");
  g_autoptr (GVariant) display = NULL;
  const char *id, *path;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(v)", &display);
  if (!g_variant_is_of_type (display, G_VARIANT_TYPE ("(so)")))
    {
      refuse (task);
      return;
    }
  g_variant_get (display, "(&s&o)", &id, &path);
  if (id[0] == '\0')
    refuse (task);
  else
    read_session (task, id, path);
}

static void
on_user_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = take_answer (task, source, result, "(o)");
  const char *path;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(&o)", &path);
  ask_logind (task, path, PROPERTIES, "Get",
              g_variant_new ("(ss)", USER_INTERFACE, "Display"), on_display_found);
}

void
broker_logins_find_async (BrokerLogins *logins,
                          const BrokerCaller *caller,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Finding *finding = g_new0 (Finding, 1);

  g_task_set_source_tag (task, broker_logins_find_async);
  finding->logins = logins;
  finding->uid = caller->uid;
  finding->session = g_strdup (caller->session);
  g_task_set_task_data (task, finding, free_finding);
  if (caller->session[0] == '\0')
    {
      ask_logind (task, MANAGER_PATH, MANAGER_INTERFACE, "GetUser",
                  g_variant_new ("(u)", caller->uid), on_user_found);
      return;
    }
  ask_logind (task, MANAGER_PATH, MANAGER_INTERFACE, "GetSession",
              g_variant_new ("(s)", caller->session), on_session_found);
}

gboolean
broker_logins_find_finish (GAsyncResult *result, BrokerLogin **ret_login, GError **error)
{
  g_autoptr (GError) fault = NULL;
  BrokerLogin *login = g_task_propagate_pointer (G_TASK (result), &fault);

  if (fault != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  *ret_login = login;
  return TRUE;
}
