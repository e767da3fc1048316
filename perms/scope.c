/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/scope.h"

#include <stdlib.h>
#include <string.h>

#include "perms/error.h"

/* ---- UUIDs ---- */

/* Where the dashes of the 8-4-4-4-12 form are (RFC 4122, 3). */
static gboolean
is_dash_place (guint index)
{
  return index == 8 || index == 13 || index == 18 || index == 23;
}

gboolean
perms_uuid_parse (const char *text, PermsUuid *ret_uuid, GError **error)
{
  PermsUuid uuid = { { 0 } };
  guint digits = 0;
  gboolean is_good = strlen (text) == PERMS_UUID_TEXT_SIZE - 1;

  for (guint i = 0; is_good && text[i] != '\0'; i++)
    {
      if (is_dash_place (i))
        {
          is_good = text[i] == '-';
          continue;
        }
      is_good = g_ascii_isxdigit (text[i]) && !g_ascii_isupper (text[i]);
      guint8 *byte = &uuid.bytes[digits++ / 2];
      *byte = (guint8) (*byte << 4 | (g_ascii_xdigit_value (text[i]) & 0xf));
    }
  if (!is_good)
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "A UUID is 8-4-4-4-12 hexadecimal digits in lower case");
      return FALSE;
    }
  *ret_uuid = uuid;
  return TRUE;
}

void
perms_uuid_format (const PermsUuid *uuid, char ret_text[PERMS_UUID_TEXT_SIZE])
{
  char *out = ret_text;

  for (guint i = 0; i < sizeof uuid->bytes; i++)
    {
      if (is_dash_place ((guint) (out - ret_text)))
        *out++ = '-';
      g_snprintf (out, 3, "%02x", uuid->bytes[i]);
      out += 2;
    }
}

gboolean
perms_uuid_equal (const PermsUuid *a, const PermsUuid *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* ---- making ---- */

static int
compare_services (const void *a, const void *b)
{
  const PermsScopeService *left = a;
  const PermsScopeService *right = b;

  return memcmp (left->service.bytes, right->service.bytes, sizeof left->service.bytes);
}

static int
compare_attributes (const void *a, const void *b)
{
  return memcmp (a, b, sizeof (PermsScopeAttribute));
}

static gboolean
check_parts (PermsOperation any,
             const PermsScopeService *services,
             guint n_services,
             guint n_attributes,
             GError **error)
{
  gboolean is_good = (any & ~(guint) PERMS_OPERATION_ALL) == 0;

  if (n_services > PERMS_SCOPE_SERVICES_MAX || n_attributes > PERMS_SCOPE_ATTRIBUTES_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "A scope has at most %d services and %d characteristics",
                   PERMS_SCOPE_SERVICES_MAX, PERMS_SCOPE_ATTRIBUTES_MAX);
      return FALSE;
    }
  for (guint i = 0; i < n_services; i++)
    is_good = is_good && services[i].operations != PERMS_OPERATION_NONE &&
              (services[i].operations & ~(guint) PERMS_OPERATION_ALL) == 0;
  if (!is_good)
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "A service of a scope has one or more of read, write, notify");
      return FALSE;
    }
  return TRUE;
}

PermsScope *
perms_scope_new (PermsOperation any,
                 const PermsScopeService *services,
                 guint n_services,
                 const PermsScopeAttribute *attributes,
                 guint n_attributes,
                 GError **error)
{
  if (!check_parts (any, services, n_services, n_attributes, error))
    return NULL;

  /* One block: the head, the services, the attributes. */
  gsize services_size = n_services * sizeof *services;
  gsize attributes_size = n_attributes * sizeof *attributes;
  PermsScope *scope =
    g_atomic_rc_box_alloc0 (sizeof (PermsScope) + services_size + attributes_size);
  PermsScopeAttribute *attribute_room = (gpointer) (scope + 1);
  PermsScopeService *service_room = (gpointer) (attribute_room + n_attributes);

  if (n_services > 0)
    {
      memcpy (service_room, services, services_size);
      qsort (service_room, n_services, sizeof *service_room, compare_services);
    }
  if (n_attributes > 0)
    {
      memcpy (attribute_room, attributes, attributes_size);
      qsort (attribute_room, n_attributes, sizeof *attribute_room, compare_attributes);
    }

  for (guint i = 0; i < n_services; i++)
    {
      if (scope->n_services > 0 &&
          compare_services (&service_room[scope->n_services - 1], &service_room[i]) == 0)
        service_room[scope->n_services - 1].operations |= service_room[i].operations;
      else
        service_room[scope->n_services++] = service_room[i];
    }
  for (guint i = 0; i < n_attributes; i++)
    {
      if (scope->n_attributes == 0 ||
          compare_attributes (&attribute_room[scope->n_attributes - 1],
                              &attribute_room[i]) != 0)
        attribute_room[scope->n_attributes++] = attribute_room[i];
    }
  scope->any = any;
  scope->services = service_room;
  scope->attributes = attribute_room;
  return scope;
}

PermsScope *
perms_scope_ref (PermsScope *scope)
{
  return g_atomic_rc_box_acquire (scope);
}

void
perms_scope_unref (PermsScope *scope)
{
  g_atomic_rc_box_release (scope);
}

/* ---- text ---- */

static const char *
format_operations (PermsOperation operations)
{
  static const char *const names[] = { "", "r", "w", "rw", "n", "rn", "wn", "rwn" };

  return names[operations & PERMS_OPERATION_ALL];
}

char *
perms_scope_format (const PermsScope *scope)
{
  GString *text = g_string_new (NULL);
  char uuid[PERMS_UUID_TEXT_SIZE];

  if (scope->any != PERMS_OPERATION_NONE)
    g_string_append_printf (text, "*=%s;", format_operations (scope->any));
  for (guint i = 0; i < scope->n_services; i++)
    {
      perms_uuid_format (&scope->services[i].service, uuid);
      g_string_append_printf (text, "%s=%s;", uuid,
                              format_operations (scope->services[i].operations));
    }
  for (guint i = 0; i < scope->n_attributes; i++)
    {
      perms_uuid_format (&scope->attributes[i].service, uuid);
      g_string_append_printf (text, "!%s/", uuid);
      perms_uuid_format (&scope->attributes[i].characteristic, uuid);
      g_string_append_printf (text, "%s;", uuid);
    }
  if (text->len > 0)
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

static gboolean
parse_operations (const char *text, PermsOperation *ret_operations)
{
  for (guint flags = PERMS_OPERATION_READ; flags <= PERMS_OPERATION_ALL; flags++)
    {
      if (g_str_equal (text, format_operations (flags)))
        {
          *ret_operations = flags;
          return TRUE;
        }
    }
  return FALSE;
}

typedef struct
{
  PermsOperation any;
  PermsScopeService services[PERMS_SCOPE_SERVICES_MAX];
  guint n_services;
  PermsScopeAttribute attributes[PERMS_SCOPE_ATTRIBUTES_MAX];
  guint n_attributes;
} ScopeParts;

/* One item; '/' and '=' are at the place right after a UUID. */
static gboolean
parse_item (char *item, ScopeParts *parts)
{
  const gsize uuid_length = PERMS_UUID_TEXT_SIZE - 1;

  if (g_str_has_prefix (item, "*="))
    return parse_operations (item + 2, &parts->any);

  gboolean is_attribute = item[0] == '!';
  char *first = is_attribute ? item + 1 : item;
  if (strlen (first) <= uuid_length || first[uuid_length] != (is_attribute ? '/' : '='))
    return FALSE;
  first[uuid_length] = '\0';
  const char *rest = first + uuid_length + 1;
  if (is_attribute)
    {
      if (parts->n_attributes == PERMS_SCOPE_ATTRIBUTES_MAX)
        return FALSE;
      PermsScopeAttribute *attribute = &parts->attributes[parts->n_attributes++];
      return perms_uuid_parse (first, &attribute->service, NULL) &&
             perms_uuid_parse (rest, &attribute->characteristic, NULL);
    }
  if (parts->n_services == PERMS_SCOPE_SERVICES_MAX)
    return FALSE;
  PermsScopeService *service = &parts->services[parts->n_services++];
  return perms_uuid_parse (first, &service->service, NULL) &&
         parse_operations (rest, &service->operations);
}

#define ITEMS_MAX (1 + PERMS_SCOPE_SERVICES_MAX + PERMS_SCOPE_ATTRIBUTES_MAX)

PermsScope *
perms_scope_parse (const char *text, GError **error)
{
  g_auto (GStrv) items = g_strsplit (text, ";", ITEMS_MAX + 1);
  g_autofree ScopeParts *parts = g_new0 (ScopeParts, 1);
  gboolean is_good = TRUE;

  for (guint i = 0; is_good && items[i] != NULL; i++)
    is_good = i < ITEMS_MAX && parse_item (items[i], parts);

  if (is_good)
    {
      g_autoptr (PermsScope) scope =
        perms_scope_new (parts->any, parts->services, parts->n_services,
                         parts->attributes, parts->n_attributes, error);
      if (scope == NULL)
        return NULL;
      /* one text form: other orders and repetitions are refused */
      g_autofree char *canonical = perms_scope_format (scope);
      if (g_str_equal (canonical, text))
        return g_steal_pointer (&scope);
    }
  g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                       "A scope is a sorted list of UUID=rwn and !UUID/UUID items");
  return NULL;
}

/* ---- questions ---- */

static gboolean
equal_parts (const PermsScope *a, const PermsScope *b)
{
  for (guint i = 0; i < a->n_services; i++)
    {
      if (compare_services (&a->services[i], &b->services[i]) != 0 ||
          a->services[i].operations != b->services[i].operations)
        return FALSE;
    }
  for (guint i = 0; i < a->n_attributes; i++)
    {
      if (compare_attributes (&a->attributes[i], &b->attributes[i]) != 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
perms_scope_equal (const PermsScope *a, const PermsScope *b)
{
  return a == b || (a->any == b->any && a->n_services == b->n_services &&
                    a->n_attributes == b->n_attributes && equal_parts (a, b));
}

guint
perms_scope_hash (const PermsScope *scope)
{
  guint hash = 5381 + (guint) scope->any;

  for (guint i = 0; i < scope->n_services; i++)
    {
      for (guint j = 0; j < sizeof scope->services[i].service.bytes; j++)
        hash = hash * 33 + scope->services[i].service.bytes[j];
      hash = hash * 33 + (guint) scope->services[i].operations;
    }
  for (guint i = 0; i < scope->n_attributes; i++)
    {
      for (guint j = 0; j < sizeof scope->attributes[i].service.bytes; j++)
        hash = hash * 33 + scope->attributes[i].characteristic.bytes[j];
    }
  return hash;
}

gboolean
perms_scope_covers (const PermsScope *scope,
                    const PermsUuid *service,
                    PermsOperation operation)
{
  PermsOperation covered = scope->any;

  for (guint i = 0; i < scope->n_services; i++)
    {
      if (perms_uuid_equal (&scope->services[i].service, service))
        covered |= scope->services[i].operations;
    }
  return operation != PERMS_OPERATION_NONE && (operation & ~(guint) covered) == 0;
}

gboolean
perms_scope_names (const PermsScope *scope,
                   const PermsUuid *service,
                   const PermsUuid *characteristic)
{
  for (guint i = 0; i < scope->n_attributes; i++)
    {
      if (perms_uuid_equal (&scope->attributes[i].service, service) &&
          perms_uuid_equal (&scope->attributes[i].characteristic, characteristic))
        return TRUE;
    }
  return FALSE;
}

gboolean
perms_scope_contains (const PermsScope *outer, const PermsScope *inner)
{
  if ((inner->any & ~(guint) outer->any) != 0)
    return FALSE;
  for (guint i = 0; i < inner->n_services; i++)
    {
      const PermsScopeService *service = &inner->services[i];
      if (!perms_scope_covers (outer, &service->service, service->operations))
        return FALSE;
    }
  for (guint i = 0; i < inner->n_attributes; i++)
    {
      const PermsScopeAttribute *attribute = &inner->attributes[i];
      if (!perms_scope_names (outer, &attribute->service, &attribute->characteristic))
        return FALSE;
    }
  return TRUE;
}
