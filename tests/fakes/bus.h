/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/bus.h: one connection to the bus: method calls come in, in order, on
 * the main loop; replies, signals and calls to agents go out. It knows of no
 * object and of no interface. */

#pragma once

#include <gio/gio.h>

typedef struct FakesBus FakesBus;

/* A method call that waits for its answer. The strings belong to the message. */
typedef struct
{
  GDBusConnection *connection;
  GDBusMessage *message;
  const char *sender;
  const char *path;
  const char *interface; /* "" when the caller named none */
  const char *member;
  GVariant *args; /* a tuple */
} FakesCall;

typedef struct
{
  /* Takes @call. */
  void (*called) (FakesCall *call, gpointer user_data);
  /* A unique name has left the bus. */
  void (*client_gone) (const char *client, gpointer user_data);
  void (*name_acquired) (gpointer user_data);
  /* Somebody else has the name, or the bus is gone. */
  void (*name_lost) (gpointer user_data);
} FakesBusListener;

/* Connects to the bus at @address. */
FakesBus *fakes_bus_new (const char *address,
                         const FakesBusListener *listener,
                         gpointer user_data,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sends what is queued and hangs up, as a daemon does that ends. */
void fakes_bus_free (FakesBus *bus);

void fakes_bus_own_name (FakesBus *bus, const char *name);

/* @args: floating references are taken; a plain one is kept by the caller. */
void fakes_bus_emit (FakesBus *bus,
                     const char *path,
                     const char *interface,
                     const char *member,
                     GVariant *args);

GDBusConnection *fakes_bus_connection (FakesBus *bus);

/* Each of these answers @call, once, and frees it. */
void fakes_call_return (FakesCall *call, GVariant *values);
void fakes_call_return_fd (FakesCall *call, int take_fd, GVariant *values);
/* @name: without "org.bluez.Error.". */
void fakes_call_fail (FakesCall *call, const char *name, const char *text);
void fakes_call_fail_dbus (FakesCall *call, const char *name, const char *text);

/* Never answers. */
void fakes_call_free (FakesCall *call);
