/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/export.h: objects on the bus. Those that belong to one client are found by the
 * sender of the call: for everybody else their path does not exist, byte for byte, and
 * introspection lists nothing. Every call goes through a row of a method table: a method
 * without a row, and an option without one, are refused. */

#pragma once

#include <gio/gio.h>

/* Bounds of every call's arguments. Octets (ay) are bounded by their own method. */
#define BROKER_EXPORT_ARRAY_MAX  64
#define BROKER_EXPORT_STRING_MAX 256   /* bytes */
#define BROKER_EXPORT_DEPTH_MAX  4     /* variants inside one another */
#define BROKER_EXPORT_PARTS_MAX  65536 /* values in a message, those inside others too */

/* One key of a method's options; a row without a key ends the list. */
typedef struct
{
  const char *key;
  const char *type;                       /* a GVariant type */
  gboolean (*is_valid) (GVariant *value); /* NULL: every value of the type is */
} BrokerOption;

/* The options of a method that knows none. */
extern const BrokerOption broker_no_options[];

/* Who may call a method. */
typedef enum
{
  BROKER_CALLER_NOBODY = 0,
  BROKER_CALLER_OWNER, /* the client that the object belongs to */
  BROKER_CALLER_ANYBODY,
} BrokerCallerRule;

/* @invocation is to be answered exactly once. @options: the method's last argument, checked
 * against its rows; NULL for a method without. */
typedef void (*BrokerMethodFunc) (gpointer object,
                                  GDBusMethodInvocation *invocation,
                                  GVariant *parameters,
                                  GVariant *options);

/* One method; a row without a name ends the table. */
typedef struct
{
  const char *name;
  BrokerCallerRule who;
  BrokerMethodFunc handle;
  const BrokerOption *options; /* NULL: the method takes no options */
} BrokerMethod;

typedef struct
{
  GDBusInterfaceInfo *info; /* static */
  const BrokerMethod *methods;
  /* Returns a floating reference. NULL for an interface without properties. */
  GVariant *(*get_property) (gpointer object, const char *name);
} BrokerInterface;

typedef struct BrokerExport BrokerExport;

/* The object that @sender owns at @node, or NULL. */
typedef gpointer (*BrokerFindFunc) (const char *sender,
                                    const char *node,
                                    gpointer user_data);

/* Serves the objects of clients at @path/NODE; with @by_sender at @path/SENDER/NODE, SENDER being the
 * owner's unique name as broker_export_mangle() writes it. */
BrokerExport *broker_export_new (GDBusConnection *connection,
                                 const char *path,
                                 gboolean by_sender,
                                 const BrokerInterface *interface,
                                 BrokerFindFunc find,
                                 gpointer user_data,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Serves one object that everybody may see. */
BrokerExport *broker_export_new_public (GDBusConnection *connection,
                                        const char *path,
                                        const BrokerInterface *interface,
                                        gpointer object,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

void broker_export_free (BrokerExport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerExport, broker_export_free)

/* Returns: (transfer full): ":1.42" as "1_42". */
char *broker_export_mangle (const char *unique_name);

/* Emits a signal to @client alone. A floating @parameters is consumed. */
void broker_export_emit (GDBusConnection *connection,
                         const char *client,
                         const char *path,
                         const char *interface,
                         const char *signal,
                         GVariant *parameters);

/* PropertiesChanged of one property; @client NULL: for everybody. A floating @value is consumed. */
void broker_export_emit_changed (GDBusConnection *connection,
                                 const char *client,
                                 const char *path,
                                 const char *interface,
                                 const char *property,
                                 GVariant *value);

/* Answers with an error of the contract; @error of another domain becomes Unknown internal. */
void broker_export_return_error (GDBusMethodInvocation *invocation, const GError *error);

/* Answers with a socket, which the caller of this gives away, and the largest packet plus 3, as AcquireNotify does. */
void broker_export_return_socket (GDBusMethodInvocation *invocation,
                                  int descriptor,
                                  guint16 mtu);
