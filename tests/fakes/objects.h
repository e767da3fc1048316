/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/objects.h: the objects on the bus: ObjectManager, Properties,
 * Introspectable, and the way of a call to its handler. It does not know what the
 * objects mean. */

#pragma once

#include "tests/fakes/bus.h"

typedef struct
{
  const char *name;
  const char *signature; /* of its arguments: "(a{sv})" */
  /* Takes @call and answers it, now or later. */
  void (*handle) (FakesCall *call, gpointer data);
} FakesMethod;

typedef struct
{
  const char *name;
  const char *signature;
  /* Returns: (transfer floating): or NULL when the object has no such property now. */
  GVariant *(*get) (gpointer data);
  /* Takes @call and answers it; NULL: read-only. */
  void (*set) (FakesCall *call, gpointer data, GVariant *value);
} FakesProperty;

typedef struct
{
  const char *name;
  const FakesMethod *methods; /* ends with a name of NULL, as @properties does */
  const FakesProperty *properties;
} FakesInterface;

typedef struct FakesObjects FakesObjects;

FakesObjects *fakes_objects_new (void);
void fakes_objects_free (FakesObjects *objects);

/* @bus: where signals go; NULL: nowhere. */
void fakes_objects_set_bus (FakesObjects *objects, FakesBus *bus);

/* @interface is static; @data is its handlers'. */
void fakes_objects_add (FakesObjects *objects,
                        const char *path,
                        const FakesInterface *interface,
                        gpointer data);
void fakes_objects_remove (FakesObjects *objects, const char *path);

/* A second interface at @path, where there is an object; it goes with the object, too. */
void fakes_objects_add_second (FakesObjects *objects,
                               const char *path,
                               const FakesInterface *interface,
                               gpointer data);
void fakes_objects_remove_second (FakesObjects *objects, const char *path);
/* PropertiesChanged of all of its properties. */
void fakes_objects_second_changed (FakesObjects *objects, const char *path);

/* The object goes without a word to anybody. */
void fakes_objects_drop (FakesObjects *objects, const char *path);

/* One PropertiesChanged; a property that is not there any more is invalidated. */
void
fakes_objects_changed (FakesObjects *objects, const char *path, const char *const *names);

/* Takes @call. */
void fakes_objects_dispatch (FakesObjects *objects, FakesCall *call);
