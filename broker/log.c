/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/log.h"

#include <glib.h>
#include <string.h>

#include "ble/names.h"

/* Of one message: a path and a reason have room. */
#define COLUMNS_MAX 2000

static GLogWriterOutput
write_readable (GLogLevelFlags level,
                const GLogField *fields,
                gsize n_fields,
                gpointer user_data)
{
  g_autofree GLogField *readable = g_memdup2 (fields, n_fields * sizeof *fields);
  g_autofree char *message = NULL;

  for (gsize i = 0; i < n_fields && message == NULL; i++)
    {
      const GLogField *field = &fields[i];

      if (strcmp (field->key, "MESSAGE") != 0)
        continue;
      message = ble_text_sanitise (field->value,
                                   field->length < 0 ? strlen (field->value)
                                                     : (gsize) field->length,
                                   COLUMNS_MAX);
      readable[i].value = message;
      readable[i].length = -1;
    }
  return g_log_writer_default (level, readable, n_fields, user_data);
}

void
broker_log_init (void)
{
  g_log_set_writer_func (write_readable, NULL, NULL);
}
