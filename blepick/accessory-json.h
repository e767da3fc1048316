/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/accessory-json.h: an accessory of this command's app for programs: the same members
 * in every verb that tells of one. */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* Adds the members of one of ListAccessories (a{sv}) to the object that is open in @builder. */
void blepick_json_add_accessory (JsonBuilder *builder, GVariant *accessory);
/* The same as an object of its own. */
void blepick_json_add_accessory_object (JsonBuilder *builder, GVariant *accessory);
