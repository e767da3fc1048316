/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/objects.h"

#include <string.h>

#define PROPERTIES     "org.freedesktop.DBus.Properties"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"
#define MANAGER        "org.freedesktop.DBus.ObjectManager"
#define PEER           "org.freedesktop.DBus.Peer"

typedef struct
{
  const FakesInterface *interface;
  gpointer data;
} Part;

typedef struct
{
  const FakesInterface *interface;
  gpointer data;
  Part second; /* its interface is NULL: there is none */
} Object;

struct FakesObjects
{
  FakesBus *bus;
  GHashTable *objects; /* path -> Object */
};

FakesObjects *
fakes_objects_new (void)
{
  FakesObjects *objects = g_new0 (FakesObjects, 1);

  objects->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return objects;
}

void
fakes_objects_free (FakesObjects *objects)
{
  g_hash_table_unref (objects->objects);
  g_free (objects);
}

void
fakes_objects_set_bus (FakesObjects *objects, FakesBus *bus)
{
  objects->bus = bus;
}

static const FakesProperty *
find_property (const Object *object, const char *name)
{
  for (const FakesProperty *row = object->interface->properties; row->name != NULL; row++)
    if (g_str_equal (row->name, name))
      return row;
  return NULL;
}

/* a{sv} of all that exist. */
static GVariant *
build_properties (const FakesInterface *interface, gpointer data)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (const FakesProperty *row = interface->properties; row->name != NULL; row++)
    {
      GVariant *value = row->get (data);

      if (value != NULL)
        g_variant_builder_add (&builder, "{sv}", row->name, value);
    }
  return g_variant_builder_end (&builder);
}

/* a{sa{sv}}: as bluetoothd does, with the two interfaces that every object has. */
static GVariant *
build_interfaces (const Object *object)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&builder, "{s@a{sv}}", INTROSPECTABLE,
                         g_variant_new ("a{sv}", NULL));
  g_variant_builder_add (&builder, "{s@a{sv}}", object->interface->name,
                         build_properties (object->interface, object->data));
  if (object->second.interface != NULL)
    g_variant_builder_add (&builder, "{s@a{sv}}", object->second.interface->name,
                           build_properties (object->second.interface,
                                             object->second.data));
  g_variant_builder_add (&builder, "{s@a{sv}}", PROPERTIES,
                         g_variant_new ("a{sv}", NULL));
  return g_variant_builder_end (&builder);
}

void
fakes_objects_add (FakesObjects *objects,
                   const char *path,
                   const FakesInterface *interface,
                   gpointer data)
{
  Object *object = g_new0 (Object, 1);

  g_return_if_fail (!g_hash_table_contains (objects->objects, path));

  object->interface = interface;
  object->data = data;
  g_hash_table_insert (objects->objects, g_strdup (path), object);
  if (objects->bus != NULL)
    fakes_bus_emit (objects->bus, "/", MANAGER, "InterfacesAdded",
                    g_variant_new ("(o@a{sa{sv}})", path, build_interfaces (object)));
}

void
fakes_objects_remove (FakesObjects *objects, const char *path)
{
  const Object *object = g_hash_table_lookup (objects->objects, path);

  g_return_if_fail (object != NULL);

  if (objects->bus != NULL)
    {
      const char *names[] = { PROPERTIES, INTROSPECTABLE, object->interface->name, NULL };

      fakes_bus_emit (objects->bus, "/", MANAGER, "InterfacesRemoved",
                      g_variant_new ("(o^as)", path, names));
    }
  g_hash_table_remove (objects->objects, path);
}

void
fakes_objects_add_second (FakesObjects *objects,
                          const char *path,
                          const FakesInterface *interface,
                          gpointer data)
{
  Object *object = g_hash_table_lookup (objects->objects, path);
  GVariantBuilder builder;

  g_return_if_fail (object != NULL && object->second.interface == NULL);

  object->second = (Part){ interface, data };
  if (objects->bus == NULL)
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&builder, "{s@a{sv}}", interface->name,
                         build_properties (interface, data));
  fakes_bus_emit (objects->bus, "/", MANAGER, "InterfacesAdded",
                  g_variant_new ("(oa{sa{sv}})", path, &builder));
}

void
fakes_objects_remove_second (FakesObjects *objects, const char *path)
{
  Object *object = g_hash_table_lookup (objects->objects, path);
  const char *names[] = { NULL, NULL };

  if (object == NULL || object->second.interface == NULL)
    return;
  names[0] = object->second.interface->name;
  object->second = (Part){ NULL, NULL };
  if (objects->bus != NULL)
    fakes_bus_emit (objects->bus, "/", MANAGER, "InterfacesRemoved",
                    g_variant_new ("(o^as)", path, names));
}

void
fakes_objects_second_changed (FakesObjects *objects, const char *path)
{
  const Object *object = g_hash_table_lookup (objects->objects, path);

  if (object == NULL || object->second.interface == NULL || objects->bus == NULL)
    return;
  fakes_bus_emit (objects->bus, path, PROPERTIES, "PropertiesChanged",
                  g_variant_new ("(s@a{sv}@as)", object->second.interface->name,
                                 build_properties (object->second.interface,
                                                   object->second.data),
                                 g_variant_new ("as", NULL)));
}

void
fakes_objects_drop (FakesObjects *objects, const char *path)
{
  g_hash_table_remove (objects->objects, path);
}

void
fakes_objects_changed (FakesObjects *objects, const char *path, const char *const *names)
{
  const Object *object = g_hash_table_lookup (objects->objects, path);
  GVariantBuilder changed, invalidated;

  if (object == NULL || objects->bus == NULL)
    return;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&invalidated, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; names[i] != NULL; i++)
    {
      const FakesProperty *row = find_property (object, names[i]);
      GVariant *value;

      g_assert (row != NULL);
      value = row->get (object->data);
      if (value != NULL)
        g_variant_builder_add (&changed, "{sv}", names[i], value);
      else
        g_variant_builder_add (&invalidated, "s", names[i]);
    }
  fakes_bus_emit (objects->bus, path, PROPERTIES, "PropertiesChanged",
                  g_variant_new ("(sa{sv}as)", object->interface->name, &changed,
                                 &invalidated));
}

static void
handle_get_managed_objects (FakesObjects *objects, FakesCall *call)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer path, object;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  g_hash_table_iter_init (&iter, objects->objects);
  while (g_hash_table_iter_next (&iter, &path, &object))
    g_variant_builder_add (&builder, "{o@a{sa{sv}}}", path, build_interfaces (object));
  fakes_call_return (call, g_variant_new ("(a{oa{sa{sv}}})", &builder));
}

/* The names of the nodes directly under @path, each once. */
static GHashTable *
list_children (FakesObjects *objects, const char *path)
{
  GHashTable *children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *prefix =
    g_str_equal (path, "/") ? g_strdup ("/") : g_strconcat (path, "/", NULL);
  GHashTableIter iter;
  gpointer other;

  g_hash_table_iter_init (&iter, objects->objects);
  while (g_hash_table_iter_next (&iter, &other, NULL))
    if (g_str_has_prefix (other, prefix))
      {
        const char *name = (const char *) other + strlen (prefix);

        g_hash_table_add (children, g_strndup (name, strcspn (name, "/")));
      }
  return children;
}

static void
describe_interface (GString *xml, const FakesInterface *interface)
{
  g_string_append_printf (xml, "<interface name=\"%s\">", interface->name);
  for (const FakesMethod *row = interface->methods; row->name != NULL; row++)
    g_string_append_printf (xml, "<method name=\"%s\"/>", row->name);
  for (const FakesProperty *row = interface->properties; row->name != NULL; row++)
    g_string_append_printf (xml, "<property name=\"%s\" type=\"%s\" access=\"%s\"/>",
                            row->name, row->signature,
                            row->set != NULL ? "readwrite" : "read");
  g_string_append (xml, "</interface>");
}

static void
handle_introspect (FakesObjects *objects, FakesCall *call)
{
  const Object *object = g_hash_table_lookup (objects->objects, call->path);
  g_autoptr (GHashTable) children = list_children (objects, call->path);
  g_autoptr (GString) xml = g_string_new ("<node>");
  GHashTableIter iter;
  gpointer name;

  if (object != NULL)
    describe_interface (xml, object->interface);
  g_hash_table_iter_init (&iter, children);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_string_append_printf (xml, "<node name=\"%s\"/>", (const char *) name);
  g_string_append (xml, "</node>");
  fakes_call_return (call, g_variant_new ("(s)", xml->str));
}

static void
fail_unknown (FakesCall *call, const char *what)
{
  g_autofree char *text =
    g_strdup_printf ("Method \"%s\" with interface \"%s\" on \"%s\": no such %s",
                     call->member, call->interface, call->path, what);
  g_autofree char *name =
    g_strdup_printf ("org.freedesktop.DBus.Error.Unknown%s",
                     g_str_equal (what, "object") ? "Object" : "Method");

  fakes_call_fail_dbus (call, name, text);
}

static void
fail_property (FakesCall *call, const char *name)
{
  g_autofree char *text = g_strdup_printf ("No such property '%s'", name);

  fakes_call_fail_dbus (call, "org.freedesktop.DBus.Error.InvalidArgs", text);
}

static void
handle_get (const Object *object, FakesCall *call)
{
  const FakesProperty *row;
  const char *interface, *name;
  GVariant *value = NULL;

  g_variant_get (call->args, "(&s&s)", &interface, &name);
  row = g_str_equal (interface, object->interface->name) ? find_property (object, name)
                                                         : NULL;
  if (row != NULL)
    value = row->get (object->data);
  if (value == NULL)
    fail_property (call, name);
  else
    fakes_call_return (call, g_variant_new ("(v)", value));
}

static void
handle_set (const Object *object, FakesCall *call)
{
  const FakesProperty *row;
  const char *interface, *name;
  g_autoptr (GVariant) value = NULL;

  g_variant_get (call->args, "(&s&sv)", &interface, &name, &value);
  row = g_str_equal (interface, object->interface->name) ? find_property (object, name)
                                                         : NULL;
  if (row == NULL)
    fail_property (call, name);
  else if (row->set == NULL)
    fakes_call_fail_dbus (call, "org.freedesktop.DBus.Error.PropertyReadOnly",
                          "Property is not writable");
  else if (!g_variant_is_of_type (value, G_VARIANT_TYPE (row->signature)))
    fakes_call_fail_dbus (call, "org.freedesktop.DBus.Error.InvalidSignature",
                          "Wrong type");
  else
    row->set (call, object->data, value);
}

static void
handle_get_all (const Object *object, FakesCall *call)
{
  const char *interface;

  g_variant_get (call->args, "(&s)", &interface);
  if (g_str_equal (interface, object->interface->name))
    fakes_call_return (call,
                       g_variant_new ("(@a{sv})", build_properties (object->interface,
                                                                    object->data)));
  else if (object->second.interface != NULL &&
           g_str_equal (interface, object->second.interface->name))
    fakes_call_return (call, g_variant_new ("(@a{sv})",
                                            build_properties (object->second.interface,
                                                              object->second.data)));
  else
    fakes_call_return (call, g_variant_new ("(a{sv})", NULL));
}

static gboolean
is_call (const FakesCall *call,
         const char *interface,
         const char *member,
         const char *signature)
{
  return g_str_equal (call->interface, interface) && g_str_equal (call->member, member) &&
         g_variant_is_of_type (call->args, G_VARIANT_TYPE (signature));
}

static void
dispatch_to_object (const Object *object, FakesCall *call)
{
  if (is_call (call, PROPERTIES, "Get", "(ss)"))
    handle_get (object, call);
  else if (is_call (call, PROPERTIES, "Set", "(ssv)"))
    handle_set (object, call);
  else if (is_call (call, PROPERTIES, "GetAll", "(s)"))
    handle_get_all (object, call);
  else
    {
      for (const FakesMethod *row = object->interface->methods; row->name != NULL; row++)
        if (is_call (call, object->interface->name, row->name, row->signature))
          {
            row->handle (call, object->data);
            return;
          }
      fail_unknown (call, "method");
    }
}

void
fakes_objects_dispatch (FakesObjects *objects, FakesCall *call)
{
  const Object *object = g_hash_table_lookup (objects->objects, call->path);

  if (is_call (call, PEER, "Ping", "()"))
    fakes_call_return (call, NULL);
  else if (is_call (call, INTROSPECTABLE, "Introspect", "()"))
    handle_introspect (objects, call);
  else if (g_str_equal (call->path, "/") &&
           is_call (call, MANAGER, "GetManagedObjects", "()"))
    handle_get_managed_objects (objects, call);
  else if (object == NULL)
    fail_unknown (call, "object");
  else
    dispatch_to_object (object, call);
}
