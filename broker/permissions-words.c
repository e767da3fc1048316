/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/permissions-words.h"

#include <string.h>

#include "dbus/errors.h"
#include "perms/error.h"

PermsUuid
broker_words_uuid (const BleUuid *uuid)
{
  PermsUuid words;

  G_STATIC_ASSERT (sizeof words.bytes == sizeof uuid->octets);
  memcpy (words.bytes, uuid->octets, sizeof words.bytes);
  return words;
}

static BleUuid
make_uuid (const PermsUuid *words)
{
  BleUuid uuid;

  memcpy (uuid.octets, words->bytes, sizeof uuid.octets);
  return uuid;
}

PermsAccessory
broker_words_accessory (const BleAddress *address)
{
  PermsAccessory accessory = 0;

  if (!ble_address_is_identity (address))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (address->octets); i++)
    accessory = accessory << 8 | address->octets[i];
  return accessory | (guint64) (address->type == BLE_ADDRESS_PUBLIC ? 1 : 2) << 48;
}

BleAddress
broker_words_address (PermsAccessory accessory)
{
  BleAddress address;

  for (guint i = 0; i < G_N_ELEMENTS (address.octets); i++)
    address.octets[i] = (guint8) (accessory >> (40 - 8 * i));
  address.type = accessory >> 48 == 1 ? BLE_ADDRESS_PUBLIC : BLE_ADDRESS_RANDOM;
  return address;
}

PermsPairing
broker_words_pairing (BlePairMethod method)
{
  switch (method)
    {
    case BLE_PAIR_METHOD_JUST_WORKS:
      return PERMS_PAIRING_JUST_WORKS;
    case BLE_PAIR_METHOD_WE_SHOW:
    case BLE_PAIR_METHOD_THEY_SHOW:
      return PERMS_PAIRING_PASSKEY;
    case BLE_PAIR_METHOD_COMPARE:
      return PERMS_PAIRING_COMPARISON;
    case BLE_PAIR_METHOD_NONE:
    default:
      return PERMS_PAIRING_NONE;
    }
}

BlePairMethod
broker_words_method (PermsPairing pairing)
{
  switch (pairing)
    {
    case PERMS_PAIRING_JUST_WORKS:
      return BLE_PAIR_METHOD_JUST_WORKS;
    case PERMS_PAIRING_PASSKEY:
      return BLE_PAIR_METHOD_THEY_SHOW;
    case PERMS_PAIRING_COMPARISON:
      return BLE_PAIR_METHOD_COMPARE;
    case PERMS_PAIRING_NONE:
    default:
      return BLE_PAIR_METHOD_NONE;
    }
}

PermsStrength
broker_words_strength (const char *strength)
{
  PermsStrength value = PERMS_STRENGTH_NONE;

  (void) perms_strength_from_string (strength, &value);
  return value;
}

typedef struct
{
  BleAccess access;
  PermsOperation operation;
} OperationRow;

static const OperationRow operations[] = {
  { BLE_ACCESS_READ, PERMS_OPERATION_READ },
  { BLE_ACCESS_WRITE, PERMS_OPERATION_WRITE },
  { BLE_ACCESS_NOTIFY, PERMS_OPERATION_NOTIFY },
};

PermsOperation
broker_words_operation (guint access)
{
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (access == (guint) operations[i].access)
      return operations[i].operation;
  return PERMS_OPERATION_NONE;
}

static PermsOperation
collect_operations (guint access)
{
  guint sum = PERMS_OPERATION_NONE;

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if ((access & (guint) operations[i].access) != 0)
      sum |= (guint) operations[i].operation;
  return (PermsOperation) sum;
}

static guint
collect_access (guint wanted)
{
  guint sum = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if ((wanted & (guint) operations[i].operation) != 0)
      sum |= (guint) operations[i].access;
  return sum;
}

PermsScope *
broker_words_scope (const BleWantedService *services, guint n_services, GError **error)
{
  g_autoptr (GArray) covered = g_array_new (FALSE, TRUE, sizeof (PermsScopeService));
  g_autoptr (GArray) named = g_array_new (FALSE, TRUE, sizeof (PermsScopeAttribute));

  for (guint i = 0; i < n_services; i++)
    {
      PermsScopeService service = { broker_words_uuid (&services[i].service),
                                    collect_operations (services[i].access) };

      g_array_append_val (covered, service);
      for (guint j = 0; j < services[i].n_characteristics; j++)
        {
          PermsScopeAttribute attribute = {
            service.service, broker_words_uuid (&services[i].characteristics[j])
          };

          g_array_append_val (named, attribute);
        }
    }
  return perms_scope_new (PERMS_OPERATION_NONE,
                          (const PermsScopeService *) (gconstpointer) covered->data,
                          covered->len,
                          (const PermsScopeAttribute *) (gconstpointer) named->data,
                          named->len, error);
}

/* The characteristics that @scope names one by one in @service. */
static void
take_named (BleWantedService *wanted, const PermsScope *scope, const PermsUuid *service)
{
  wanted->characteristics = g_new0 (BleUuid, scope->n_attributes);
  for (guint i = 0; i < scope->n_attributes; i++)
    if (perms_uuid_equal (&scope->attributes[i].service, service))
      wanted->characteristics[wanted->n_characteristics++] =
        make_uuid (&scope->attributes[i].characteristic);
}

static BrokerLifetime
convert_lifetime (PermsLifetime lifetime)
{
  switch (lifetime)
    {
    case PERMS_LIFETIME_ALWAYS:
      return BROKER_LIFETIME_ALWAYS;
    case PERMS_LIFETIME_UNTIL:
      return BROKER_LIFETIME_UNTIL;
    case PERMS_LIFETIME_ONCE:
    default:
      return BROKER_LIFETIME_ONCE;
    }
}

BrokerGrant *
broker_words_grant (const PermsGrant *row, gboolean bonded_by_us)
{
  const PermsScope *scope = row->scope;
  guint n_services = scope != NULL ? scope->n_services : 0;
  BleWantedService *services = g_new0 (BleWantedService, n_services);
  BrokerGrant *grant = g_new0 (BrokerGrant, 1);
  g_autofree BleUuid *uuids = g_new0 (BleUuid, n_services);
  char *id = (char *) g_malloc (PERMS_ID_TEXT_SIZE);

  for (guint i = 0; i < n_services; i++)
    {
      services[i].service = uuids[i] = make_uuid (&scope->services[i].service);
      services[i].access = collect_access (scope->services[i].operations);
      take_named (&services[i], scope, &scope->services[i].service);
    }
  perms_id_format (&row->id, id);
  grant->id = id;
  grant->app = g_strdup (row->app);
  grant->uid = perms_app_key_uid (row->app);
  grant->address = broker_words_address (row->accessory);
  grant->name = g_strdup (row->name != NULL ? row->name : "");
  grant->kind = ble_kind_guess (0, uuids, n_services);
  grant->method = broker_words_method (row->pairing);
  grant->bonded_by_us = bonded_by_us;
  grant->awaiting = row->state == PERMS_GRANT_AWAITING;
  grant->lifetime = convert_lifetime (row->lifetime);
  grant->until_s = row->until_s;
  grant->granted_at_s = row->decision.time_s;
  grant->services = services;
  grant->n_services = n_services;
  return grant;
}

void
broker_words_free_grant (BrokerGrant *grant)
{
  BleWantedService *services = (BleWantedService *) grant->services;

  for (guint i = 0; i < grant->n_services; i++)
    g_free (services[i].characteristics);
  g_free (services);
  g_free ((char *) grant->id);
  g_free ((char *) grant->app);
  g_free ((char *) grant->name);
  g_free (grant);
}

void
broker_words_set_refusal (GError **error, PermsCause cause)
{
  switch (cause)
    {
    case PERMS_CAUSE_POLICY:
      blepick_error_set (error, BLEPICK_ERROR_USER_RESTRICTED, "denied-by-policy",
                         "This computer's policy does not allow it");
      break;
    case PERMS_CAUSE_DENIED_BY_USER:
      blepick_error_set (error, BLEPICK_ERROR_USER_RESTRICTED, "denied-by-user",
                         "You did not allow this app to use the accessory");
      break;
    case PERMS_CAUSE_BLOCKLISTED:
    case PERMS_CAUSE_OUT_OF_SCOPE:
      blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "out-of-scope",
                         "The app was not given this part of the accessory");
      break;
    case PERMS_CAUSE_REVOKED:
    case PERMS_CAUSE_EXPIRED:
    case PERMS_CAUSE_IDENTITY_CHANGED:
    case PERMS_CAUSE_WRONG_DEVICE:
      blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED,
                         perms_cause_to_string (cause),
                         "The app may not use the accessory any more");
      break;
    case PERMS_CAUSE_NONE:
    case PERMS_CAUSE_NOT_DECLARED:
    case PERMS_CAUSE_NO_GRANT:
    case PERMS_CAUSE_NOT_INSTALLED:
    case PERMS_CAUSE_LOCKED:
    case PERMS_CAUSE_NO_CONSENT:
    case PERMS_CAUSE_BROAD_GRANT_HELD:
    case PERMS_CAUSE_STALE:
    case PERMS_CAUSE_NOT_LINKED:
    case PERMS_CAUSE_DAMAGED:
    default:
      blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "no-grant",
                         "The app has no such accessory");
    }
}

GError *
broker_words_store_error (const GError *error)
{
  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_LIMIT))
    return blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "limits",
                              "There are too many permissions: %s", error->message);
  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_CLOSED))
    return blepick_error_new (BLEPICK_ERROR_INVALIDATED, "broker-stopping",
                              "The Bluetooth broker is stopping");
  return blepick_error_new (BLEPICK_ERROR_UNKNOWN, "store-failed",
                            "The permission could not be stored: %s", error->message);
}
