/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dbus/names.h"

#include <stddef.h>

const char *
blepick_event_name (BlepickEvent event)
{
  switch (event)
    {
    case BLEPICK_EVENT_NONE:
      return NULL;
    case BLEPICK_EVENT_ACTIVATED:
      return "activated";
    case BLEPICK_EVENT_INVALIDATED:
      return "invalidated";
    case BLEPICK_EVENT_MIGRATION_COMPLETE:
      return "migration-complete";
    case BLEPICK_EVENT_ACCESSORY_ADDED:
      return "accessory-added";
    case BLEPICK_EVENT_ACCESSORY_REMOVED:
      return "accessory-removed";
    case BLEPICK_EVENT_ACCESSORY_CHANGED:
      return "accessory-changed";
    case BLEPICK_EVENT_ACCESSORY_DISCOVERED:
      return "accessory-discovered";
    case BLEPICK_EVENT_PICKER_DID_PRESENT:
      return "picker-did-present";
    case BLEPICK_EVENT_PICKER_DID_DISMISS:
      return "picker-did-dismiss";
    case BLEPICK_EVENT_PICKER_SETUP_BRIDGING:
      return "picker-setup-bridging";
    case BLEPICK_EVENT_PICKER_SETUP_FAILED:
      return "picker-setup-failed";
    case BLEPICK_EVENT_PICKER_SETUP_PAIRING:
      return "picker-setup-pairing";
    case BLEPICK_EVENT_PICKER_SETUP_RENAME:
      return "picker-setup-rename";
    case BLEPICK_EVENT_ACCESSORY_APPEARED:
      return "accessory-appeared";
    case BLEPICK_EVENT_ACCESSORY_LOST:
      return "accessory-lost";
    case BLEPICK_EVENT_CENTRAL_CHANGED:
      return "central-changed";
    default:
      return NULL;
    }
}
