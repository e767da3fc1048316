/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What daemon.c (the rooms, and the name) and daemon-news.c (who hears what) share. */

#pragma once

#include "broker/accessories.h"
#include "broker/apps.h"
#include "broker/asks.h"
#include "broker/broker-object.h"
#include "broker/clients.h"
#include "broker/daemon.h"
#include "broker/devices.h"
#include "broker/identity.h"
#include "broker/keyboards.h"
#include "broker/links.h"
#include "broker/migrations.h"
#include "broker/permissions.h"
#include "broker/pickers.h"
#include "broker/policies.h"
#include "broker/presenters.h"
#include "broker/scanner.h"
#include "broker/sessions.h"
#include "broker/sleep.h"

struct BrokerDaemon
{
  BrokerDaemonFunc finished;
  gpointer user_data;
  GDBusConnection *connection;
  BleRadio *radio;
  BrokerClients *clients;
  BrokerIdentity *identity;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerPolicies *policies;
  BrokerApps *apps;
  BrokerDevices *devices;
  BrokerLinks *links;
  BrokerPresenters *presenters;
  BrokerMigrations *migrations;
  BrokerKeyboards *keyboards;
  BrokerPickers *pickers;
  BrokerAsks *asks;
  BrokerSessions *sessions;
  BrokerScanners *scanners;
  BrokerAccessories *accessories;
  BrokerObject *object;
  BrokerSleep *sleep;
  guint ready_source;
  guint watchdog_source;
  guint name;
  gboolean leaving;
};

/* Owns the name, if that has not been done. */
void broker_daemon_own_name (BrokerDaemon *daemon);

/* Follows permissions, migrations, questions and the radio from here on. */
void broker_daemon_follow (BrokerDaemon *daemon);

/* From the devices, and from the policies, which come before the rest is built. */
void broker_daemon_take_connected (const BleAddress *address,
                                   BleDeviceId device,
                                   gboolean connected,
                                   gpointer user_data);
void broker_daemon_take_policies (PermsManagedSet *set, gpointer user_data);
