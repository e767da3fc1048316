/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-management.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's <net/bluetooth/hci_sock.h>, which is not among the headers for user
 * space. */
#define PROTOCOL_HCI    1
#define CHANNEL_CONTROL 3
#define NO_DEVICE       0xffff

typedef struct
{
  sa_family_t family;
  guint16 device;
  guint16 channel;
} HciAddress;

/* doc/mgmt-api.txt of BlueZ 5.66 */
#define COMMAND_SET_POWERED    0x0005
#define COMMAND_DISCONNECT     0x0014
#define COMMAND_SET_BREDR      0x002a
#define COMMAND_ADVERTISE      0x003e
#define COMMAND_HIDE           0x003f
#define EVENT_COMMAND_COMPLETE 0x0001
#define EVENT_COMMAND_STATUS   0x0002
#define ANSWER_LENGTH          (ACCESSORY_MANAGEMENT_HEADER + 3) /* command, status */
#define MESSAGE_MAX            1024
#define PARAMETERS_MAX         128
#define INSTANCE               3 /* bluetoothd counts its own from 1 on */
#define FLAG_CONNECTABLE       (1U << 0)
#define ADVERTISE_HEAD_LENGTH  11

int
accessory_management_open (GError **error)
{
  const HciAddress address = { AF_BLUETOOTH, NO_DEVICE, CHANNEL_CONTROL };
  int fd = socket (AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTOCOL_HCI);

  if (fd >= 0 && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno),
               "the kernel's Bluetooth management socket: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

guint16
accessory_management_get_uint16 (const guint8 *octets)
{
  return (guint16) (octets[0] | octets[1] << 8);
}

/* The status in the answer to @command, which the kernel gives before write() returns;
 * -1: there is none. */
static int
read_status (int fd, guint command)
{
  guint8 message[MESSAGE_MAX];
  gssize length;

  while ((length = read (fd, message, sizeof message)) > 0)
    {
      guint event = accessory_management_get_uint16 (message);

      if (length >= ANSWER_LENGTH &&
          (event == EVENT_COMMAND_COMPLETE || event == EVENT_COMMAND_STATUS) &&
          accessory_management_get_uint16 (message + ACCESSORY_MANAGEMENT_HEADER) ==
            command)
        return message[ANSWER_LENGTH - 1];
    }
  return -1;
}

static gboolean
send_command (int fd,
              guint command,
              guint index,
              const guint8 *parameters,
              gsize length,
              GError **error)
{
  guint8 message[ACCESSORY_MANAGEMENT_HEADER + PARAMETERS_MAX] = {
    command & 0xff, command >> 8, index & 0xff, index >> 8, (guint8) length, 0,
  };

  g_return_val_if_fail (length <= PARAMETERS_MAX, FALSE);
  memcpy (message + ACCESSORY_MANAGEMENT_HEADER, parameters, length);
  length += ACCESSORY_MANAGEMENT_HEADER;
  if (write (fd, message, length) == (gssize) length)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno),
               "the kernel's Bluetooth management socket: %s", g_strerror (errno));
  return FALSE;
}

/* Sends a command without waiting for its answer, which may take long. */
static gboolean
begin_command (guint command,
               guint index,
               const guint8 *parameters,
               gsize length,
               GError **error)
{
  int fd = accessory_management_open (error);
  gboolean sent = FALSE;

  if (fd < 0)
    return FALSE;
  sent = send_command (fd, command, index, parameters, length, error);
  close (fd);
  return sent;
}

gboolean
accessory_management_set_le_only (guint index, GError **error)
{
  const guint8 off = 0;
  int fd = accessory_management_open (error);
  int status = -1;

  if (fd < 0)
    return FALSE;
  if (!send_command (fd, COMMAND_SET_BREDR, index, &off, sizeof off, error))
    {
      close (fd);
      return FALSE;
    }
  status = read_status (fd, COMMAND_SET_BREDR);
  close (fd);
  if (status != 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 "BR/EDR cannot be switched off: status %d of the kernel", status);
  return status == 0;
}

gboolean
accessory_management_power_off (guint index, GError **error)
{
  const guint8 off = 0;

  return begin_command (COMMAND_SET_POWERED, index, &off, sizeof off, error);
}

gboolean
accessory_management_disconnect (guint index,
                                 const guint8 peer[ACCESSORY_MANAGEMENT_PEER],
                                 GError **error)
{
  return begin_command (COMMAND_DISCONNECT, index, peer, ACCESSORY_MANAGEMENT_PEER,
                        error);
}

gboolean
accessory_management_advertise (guint index,
                                const GByteArray *data,
                                const GByteArray *response,
                                GError **error)
{
  /* instance, flags (4 octets), duration and timeout (2 each): default, lengths */
  const guint8 head[ADVERTISE_HEAD_LENGTH] = {
    INSTANCE,
    FLAG_CONNECTABLE,
    [9] = (guint8) data->len,
    (guint8) response->len,
  };
  g_autoptr (GByteArray) parameters = g_byte_array_new ();

  g_byte_array_append (parameters, head, sizeof head);
  g_byte_array_append (parameters, data->data, data->len);
  g_byte_array_append (parameters, response->data, response->len);
  return begin_command (COMMAND_ADVERTISE, index, parameters->data, parameters->len,
                        error);
}

gboolean
accessory_management_hide (guint index, GError **error)
{
  const guint8 instance = INSTANCE;

  return begin_command (COMMAND_HIDE, index, &instance, sizeof instance, error);
}
