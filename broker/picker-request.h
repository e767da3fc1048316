/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/picker-request.h: what an app asks ShowPicker for, decoded once and
 * checked: items, descriptors, options. Decides nothing about who may ask for it. */

#pragma once

#include <glib.h>

#include "ble/address.h"
#include "ble/descriptor.h"

#define BROKER_PICKER_ITEMS_MAX 16
#define BROKER_PICKER_IMAGE_MAX 65536 /* octets */

/* What the app wants of the set-up; the numbers are AccessorySetupKit's. */
typedef enum
{
  BROKER_SETUP_RENAME = 1,
  BROKER_SETUP_CONFIRM_AUTHORIZATION = 2,
  BROKER_SETUP_FINISH_IN_APP = 4,
} BrokerSetup;

typedef struct
{
  char *name;      /* the app's words, sanitised */
  GVariant *image; /* ay or s as it came, checked; or NULL */
  BleDescriptor *descriptor;
  guint setup; /* BrokerSetup */
  gboolean migrates;
  BleAddress peripheral; /* of what is migrated; its type is not known */
} BrokerPickerItem;

typedef struct
{
  GPtrArray *
    items; /* of BrokerPickerItem: what is looked for; may be empty where something is migrated */
  GPtrArray *migrations; /* of BrokerPickerItem */
  guint timeout_s;       /* 0: unbounded */
  char *adapter;         /* "hci1", or NULL for the first that is powered */
  char *title;           /* the app's words, sanitised; "" for none */
  gboolean accept_unverified;
  gboolean declared; /* the app has a manifest: set by declared.h */
  gboolean filters;  /* the app says what is shown */
} BrokerPickerRequest;

/* @items: aa{sv}, @options: a{sv} without handle_token. NULL with InvalidRequest: empty-list, bad-descriptor (the text begins with
 * the place, "item 2: service-uuid"), bad-option, unknown-option. */
BrokerPickerRequest *
broker_picker_request_parse (GVariant *items,
                             GVariant *options,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The image of an item: PNG or SVG octets, or an icon's name. */
gboolean broker_picker_image_is_good (GVariant *image);

void broker_picker_request_free (BrokerPickerRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPickerRequest, broker_picker_request_free)

static inline const BrokerPickerItem *
broker_picker_request_item (const BrokerPickerRequest *request, guint index)
{
  return (const BrokerPickerItem *) g_ptr_array_index (request->items, index);
}
