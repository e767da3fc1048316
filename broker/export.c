/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/export.h"

#include <gio/gunixfdlist.h>
#include <string.h>

#include "dbus/errors.h"

const BrokerOption broker_no_options[] = { { NULL, NULL, NULL } };

struct BrokerExport
{
  GDBusConnection *connection;
  const BrokerInterface *interface;
  char *path;
  guint registration; /* of a public object */
  guint subtree;
  guint filter;
  gpointer object; /* public */
  BrokerFindFunc find;
  gpointer user_data;
};

/* ---- checks ---- */

/* A part of the arguments that is still to be looked at. */
typedef struct
{
  GVariant *value;
  guint depth;
} Part;

static void
clear_part (gpointer part)
{
  g_variant_unref (((Part *) part)->value);
}

/* Whether @value itself is short enough; of what is in it, nothing is known. */
static gboolean
is_short (GVariant *value, guint depth)
{
  const GVariantType *type = g_variant_get_type (value);

  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING) ||
      g_variant_type_equal (type, G_VARIANT_TYPE_OBJECT_PATH) ||
      g_variant_type_equal (type, G_VARIANT_TYPE_SIGNATURE))
    return strlen (g_variant_get_string (value, NULL)) <= BROKER_EXPORT_STRING_MAX;
  if (depth > BROKER_EXPORT_DEPTH_MAX)
    return FALSE;
  return !g_variant_type_is_array (type) ||
         g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING) ||
         g_variant_n_children (value) <= BROKER_EXPORT_ARRAY_MAX;
}

static gboolean
is_within_bounds (GVariant *arguments)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  Part first = { g_variant_ref (arguments), 0 };
  gsize n_parts = 1;

  g_array_set_clear_func (parts, clear_part);
  g_array_append_val (parts, first);
  while (parts->len > 0)
    {
      Part part = g_array_index (parts, Part, parts->len - 1);
      g_autoptr (GVariant) value = g_variant_ref (part.value);

      g_array_set_size (parts, parts->len - 1);
      part.depth += g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT) ? 1 : 0;
      if (!is_short (value, part.depth))
        return FALSE;
      if (!g_variant_is_container (value) ||
          g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
        continue;
      n_parts += g_variant_n_children (value);
      if (n_parts > BROKER_EXPORT_PARTS_MAX)
        return FALSE;
      for (gsize i = 0; i < g_variant_n_children (value); i++)
        {
          Part child = { g_variant_get_child_value (value, i), part.depth };

          g_array_append_val (parts, child);
        }
    }
  return TRUE;
}

static gboolean
check_option (const BrokerOption *rows, const char *key, GVariant *value, GError **error)
{
  while (rows->key != NULL && strcmp (rows->key, key) != 0)
    rows++;
  if (rows->key == NULL)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "unknown-option",
                         "There is no option '%s'", key);
      return FALSE;
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (rows->type)) ||
      (rows->is_valid != NULL && !rows->is_valid (value)))
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-option",
                         "The option '%s' has a value that it cannot have", key);
      return FALSE;
    }
  return TRUE;
}

/* Whether each key of @options has a row, once, and a value that fits it. */
static gboolean
check_options (const BrokerOption *rows, GVariant *options, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantIter iter;
  const char *key;
  GVariant *next;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &next))
    {
      g_autoptr (GVariant) value = next;

      if (!check_option (rows, key, value, error))
        return FALSE;
      if (!g_hash_table_add (seen, (gpointer) key))
        {
          blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-option",
                             "The option '%s' is there twice", key);
          return FALSE;
        }
    }
  return TRUE;
}

/* ---- calls ---- */

/* The row of @name, if callers of this interface may call it; a method without a row may
 * be called by nobody. */
static const BrokerMethod *
find_method (const BrokerExport *self, const char *name, GError **error)
{
  BrokerCallerRule needed =
    self->find != NULL ? BROKER_CALLER_OWNER : BROKER_CALLER_ANYBODY;

  for (const BrokerMethod *row = self->interface->methods; row->name != NULL; row++)
    if (strcmp (row->name, name) == 0 && row->who == needed)
      return row;
  blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "no-method",
                     "%s cannot be called", name);
  return NULL;
}

/* *@ret_options are the options, which come last; NULL where @row takes none. */
static gboolean
check_parameters (const BrokerMethod *row,
                  GVariant *parameters,
                  GVariant **ret_options,
                  GError **error)
{
  g_autoptr (GVariant) options = NULL;

  if (!is_within_bounds (parameters))
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "too-large",
                         "An argument of %s is too long", row->name);
      return FALSE;
    }
  if (row->options == NULL)
    return TRUE;
  options = g_variant_get_child_value (parameters, g_variant_n_children (parameters) - 1);
  if (!check_options (row->options, options, error))
    return FALSE;
  *ret_options = g_steal_pointer (&options);
  return TRUE;
}

static void
run_method (BrokerExport *self, gpointer object, GDBusMethodInvocation *invocation)
{
  const char *name = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  const BrokerMethod *row = find_method (self, name, &error);

  if (row != NULL && check_parameters (row, parameters, &options, &error))
    row->handle (object, invocation, parameters, options);
  else
    broker_export_return_error (invocation, error);
}

/* The object of @path as @sender sees it, or NULL. */
static gpointer
find_object (BrokerExport *self, const char *sender, const char *path)
{
  if (self->find == NULL)
    return self->object;
  if (sender == NULL || !g_str_has_prefix (path, self->path) ||
      path[strlen (self->path)] != '/')
    return NULL;
  return self->find (sender, path + strlen (self->path) + 1, self->user_data);
}

/* The object is looked for again: GDBus comes here in another turn of the loop than in
 * on_dispatch(), and it may be gone since. */
static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  BrokerExport *self = user_data;
  gpointer object = find_object (self, sender, path);

  if (object == NULL)
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR,
                                           G_DBUS_ERROR_UNKNOWN_METHOD,
                                           "Object does not exist at path “%s”", path);
  else
    run_method (self, object, invocation);
}

static GVariant *
on_get_property (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *property,
                 GError **error,
                 gpointer user_data)
{
  BrokerExport *self = user_data;
  gpointer object = find_object (self, sender, path);

  if (object == NULL || self->interface->get_property == NULL)
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD,
                   "Object does not exist at path “%s”", path);
      return NULL;
    }
  return self->interface->get_property (object, property);
}

static const GDBusInterfaceVTable interface_vtable = { on_method_call,
                                                       on_get_property,
                                                       NULL,
                                                       { NULL } };

/* ---- objects of clients ---- */

static char **
on_enumerate (GDBusConnection *connection,
              const char *sender,
              const char *path,
              gpointer user_data)
{
  return g_new0 (char *, 1);
}

static GDBusInterfaceInfo **
on_introspect (GDBusConnection *connection,
               const char *sender,
               const char *path,
               const char *node,
               gpointer user_data)
{
  BrokerExport *self = user_data;
  GDBusInterfaceInfo **infos;

  if (node == NULL || sender == NULL ||
      self->find (sender, node, self->user_data) == NULL)
    return NULL;
  infos = g_new0 (GDBusInterfaceInfo *, 2);
  infos[0] = g_dbus_interface_info_ref (self->interface->info);
  return infos;
}

static const GDBusInterfaceVTable *
on_dispatch (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *node,
             gpointer *ret_user_data,
             gpointer user_data)
{
  BrokerExport *self = user_data;

  if (node == NULL || sender == NULL ||
      g_strcmp0 (interface, self->interface->info->name) != 0 ||
      self->find (sender, node, self->user_data) == NULL)
    return NULL;
  *ret_user_data = self;
  return &interface_vtable;
}

static const GDBusSubtreeVTable subtree_vtable = { on_enumerate,
                                                   on_introspect,
                                                   on_dispatch,
                                                   { NULL } };

/* A subtree of GDBus is one level deep, and one subtree a client would show in the
 * introspection of the level above who has objects. So the callers' own branches lead to
 * the one flat level: PATH/SENDER/NODE, sent by SENDER, is PATH/NODE. Everybody else's
 * branch is left alone, and nothing is there. Runs in GDBus's thread; @user_data never changes. */
static GDBusMessage *
on_message (GDBusConnection *connection,
            GDBusMessage *message,
            gboolean incoming,
            gpointer user_data)
{
  const char *root = user_data;
  const char *path, *sender;

  if (!incoming ||
      g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  path = g_dbus_message_get_path (message);
  sender = g_dbus_message_get_sender (message);
  if (path == NULL || sender == NULL || !g_str_has_prefix (path, root))
    return message;

  g_autofree char *mangled = broker_export_mangle (sender);
  g_autofree char *branch = g_strdup_printf ("%s/%s/", root, mangled);
  if (!g_str_has_prefix (path, branch))
    return message;
  g_autofree char *flat = g_strdup_printf ("%s/%s", root, path + strlen (branch));
  /* What came in is locked. A copy fails only where its descriptors cannot be doubled. */
  GDBusMessage *copy = g_dbus_message_copy (message, NULL);
  if (copy == NULL)
    return message;
  g_dbus_message_set_path (copy, flat);
  g_object_unref (message);
  return copy;
}

/* ---- the table ---- */

static BrokerExport *
make_export (GDBusConnection *connection,
             const char *path,
             const BrokerInterface *interface)
{
  BrokerExport *self = g_new0 (BrokerExport, 1);

  self->connection = g_object_ref (connection);
  self->interface = interface;
  self->path = g_strdup (path);
  return self;
}

BrokerExport *
broker_export_new (GDBusConnection *connection,
                   const char *path,
                   gboolean by_sender,
                   const BrokerInterface *interface,
                   BrokerFindFunc find,
                   gpointer user_data,
                   GError **error)
{
  g_autoptr (BrokerExport) self = make_export (connection, path, interface);

  self->find = find;
  self->user_data = user_data;
  self->subtree = g_dbus_connection_register_subtree (
    connection, path, &subtree_vtable,
    G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL, error);
  if (self->subtree == 0)
    return NULL;
  if (by_sender)
    self->filter =
      g_dbus_connection_add_filter (connection, on_message, g_strdup (path), g_free);
  return g_steal_pointer (&self);
}

BrokerExport *
broker_export_new_public (GDBusConnection *connection,
                          const char *path,
                          const BrokerInterface *interface,
                          gpointer object,
                          GError **error)
{
  g_autoptr (BrokerExport) self = make_export (connection, path, interface);

  self->object = object;
  self->registration =
    g_dbus_connection_register_object (connection, path, interface->info,
                                       &interface_vtable, self, NULL, error);
  return self->registration != 0 ? g_steal_pointer (&self) : NULL;
}

void
broker_export_free (BrokerExport *self)
{
  if (self == NULL)
    return;
  if (self->registration != 0)
    g_dbus_connection_unregister_object (self->connection, self->registration);
  if (self->subtree != 0)
    g_dbus_connection_unregister_subtree (self->connection, self->subtree);
  if (self->filter != 0)
    g_dbus_connection_remove_filter (self->connection, self->filter);
  g_object_unref (self->connection);
  g_free (self->path);
  g_free (self);
}

char *
broker_export_mangle (const char *unique_name)
{
  return g_strdelimit (g_strdup (unique_name + (unique_name[0] == ':')), ".", '_');
}

void
broker_export_emit (GDBusConnection *connection,
                    const char *client,
                    const char *path,
                    const char *interface,
                    const char *signal,
                    GVariant *parameters)
{
  /* Fails only for a connection that is closed: then nobody listens. */
  (void) g_dbus_connection_emit_signal (connection, client, path, interface, signal,
                                        parameters, NULL);
}

void
broker_export_emit_changed (GDBusConnection *connection,
                            const char *client,
                            const char *path,
                            const char *interface,
                            const char *property,
                            GVariant *value)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", property, value);
  broker_export_emit (connection, client, path, "org.freedesktop.DBus.Properties",
                      "PropertiesChanged",
                      g_variant_new ("(sa{sv}as)", interface, &changed, NULL));
}

void
broker_export_return_error (GDBusMethodInvocation *invocation, const GError *error)
{
  g_autoptr (GError) internal = NULL;

  if (error->domain != BLEPICK_ERROR)
    {
      internal =
        blepick_error_new (BLEPICK_ERROR_UNKNOWN, "internal", "%s", error->message);
      error = internal;
    }
  g_dbus_method_invocation_return_dbus_error (
    invocation, blepick_error_to_name ((BlepickError) error->code), error->message);
}

void
broker_export_return_socket (GDBusMethodInvocation *invocation,
                             int descriptor,
                             guint16 mtu)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new_from_array (&descriptor, 1);

  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation,
                                                           g_variant_new ("(hq)", 0, mtu),
                                                           descriptors);
}
