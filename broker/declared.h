/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/declared.h: whether an app asks for no more than its manifest declares. Decides by
 * what it is given; reads no file and knows no bus. */

#pragma once

#include "broker/picker-request.h"
#include "perms/manifest.h"

/* Everything that @request names has to be declared in @manifest: services, companies,
 * parts of names, blocklisted characteristics, `hid`, `accept-all`; in exclusions, too.
 * Battery (180F) and Device Information (180A) come with every grant and need no word.
 * @manifest NULL: the app has none. An app of the host may then look for whatever it
 * likes, but for `hid` and what is blocklisted, and the picker says that it declared
 * nothing; one in a sandbox (@sandboxed) gets no picker. Where the manifest says
 * `verified`, every item of @request requires it from here on; @request->declared says
 * whether there is one.
 * Error: InvalidRequest not-declared; the text names what. */
gboolean broker_declared_check (const PermsManifest *manifest,
                                gboolean sandboxed,
                                BrokerPickerRequest *request,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the app may be told what is around (`filter-discovery-results`): the manifest has
 * to say so, whoever asks. Error: InvalidRequest not-declared. */
gboolean broker_declared_check_discovery (const PermsManifest *manifest,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @services, which an app wants to have added to a grant, are declared; as for the
 * services of a descriptor. Error: InvalidRequest not-declared. */
gboolean broker_declared_check_services (const PermsManifest *manifest,
                                         gboolean sandboxed,
                                         const BleWantedService *services,
                                         guint n_services,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
