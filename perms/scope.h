/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of an accessory a grant covers: services, with read / write / notify each, and
 * blocklisted characteristics named one by one. Immutable and reference counted, so
 * that a million grants can share a few scopes. Knows no short UUIDs and no blocklist:
 * callers bring canonical 128-bit UUIDs and say what is blocklisted. */

#pragma once

#include <glib.h>

#include "perms/types.h"

/* A 128-bit UUID in the order in which it is written, first octet first. */
typedef struct
{
  guint8 bytes[16];
} PermsUuid;

#define PERMS_UUID_TEXT_SIZE 37

/* Reads exactly "0000180d-0000-1000-8000-00805f9b34fb" (lower case). */
gboolean perms_uuid_parse (const char *text,
                           PermsUuid *ret_uuid,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void perms_uuid_format (const PermsUuid *uuid, char ret_text[PERMS_UUID_TEXT_SIZE]);
gboolean perms_uuid_equal (const PermsUuid *a, const PermsUuid *b);

#define PERMS_SCOPE_SERVICES_MAX   64
#define PERMS_SCOPE_ATTRIBUTES_MAX 64

typedef struct
{
  PermsUuid service;
  PermsOperation operations; /* flags, not none */
} PermsScopeService;

typedef struct
{
  PermsUuid service;
  PermsUuid characteristic;
} PermsScopeAttribute;

typedef struct
{
  PermsOperation any; /* operations on every service; none: only those listed */
  guint n_services;
  guint n_attributes;
  const PermsScopeService *services;     /* sorted, no service twice */
  const PermsScopeAttribute *attributes; /* blocklisted ones, sorted, none twice */
} PermsScope;

/* A scope of these parts, copied, sorted and joined (the operations of a service named
 * twice are united). Error: PERMS_ERROR_LIMIT, PERMS_ERROR_INVALID (a service without
 * operations). */
PermsScope *perms_scope_new (PermsOperation any,
                             const PermsScopeService *services,
                             guint n_services,
                             const PermsScopeAttribute *attributes,
                             guint n_attributes,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
PermsScope *perms_scope_ref (PermsScope *scope);
void perms_scope_unref (PermsScope *scope);

/* The one text form: items separated by ';', in this order: "*=rwn" (every service),
 * "UUID=rn" a service, "!UUID/UUID" a blocklisted characteristic in a service. The empty
 * text is the scope that covers nothing. Reading refuses anything that formatting would
 * not have written. Error: PERMS_ERROR_INVALID, PERMS_ERROR_LIMIT. */
PermsScope *
perms_scope_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *perms_scope_format (const PermsScope *scope);

gboolean perms_scope_equal (const PermsScope *a, const PermsScope *b);
guint perms_scope_hash (const PermsScope *scope);

/* TRUE if every operation in @operation is covered for @service. */
gboolean perms_scope_covers (const PermsScope *scope,
                             const PermsUuid *service,
                             PermsOperation operation);

/* TRUE if this blocklisted characteristic is named. */
gboolean perms_scope_names (const PermsScope *scope,
                            const PermsUuid *service,
                            const PermsUuid *characteristic);

/* TRUE if @inner gives nothing that @outer does not give. */
gboolean perms_scope_contains (const PermsScope *outer, const PermsScope *inner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsScope, perms_scope_unref)
