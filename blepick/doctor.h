/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/doctor.h: the checks of `blepick doctor`: one question each, answered from what
 * this program may read or ask. They change nothing, and no answer holds anything private: no name
 * of a person, a machine or an accessory, and no address. */

#pragma once

#include "blepick/bus.h"

typedef enum
{
  DOCTOR_SKIPPED = 0, /* could not be looked at; the text says why */
  DOCTOR_GOOD,
  DOCTOR_REMARK,
  DOCTOR_BAD,
} DoctorState;

typedef struct
{
  DoctorState state;
  char *text;
  char *fix; /* or NULL */
} DoctorAnswer;

void doctor_answer_clear (DoctorAnswer *answer);

/* Sets @answer; @fix may be NULL. */
void doctor_answer_set (DoctorAnswer *answer,
                        DoctorState state,
                        const char *fix,
                        const char *format,
                        ...) G_GNUC_PRINTF (4, 5);

/* What the checks look at. */
typedef struct
{
  const char *root;     /* "" or a folder that stands for / */
  BlepickBus *bus;      /* NULL: there is no bus */
  GVariant *properties; /* of Broker1, a{sv}; NULL: it does not answer */
  GError *no_broker;    /* why not */
} DoctorPatient;

typedef struct
{
  const char *id;
  const char *title;
  void (*check) (const DoctorPatient *patient, DoctorAnswer *answer);
} DoctorCheck;

/* Of the machine: files alone. */
extern const DoctorCheck doctor_machine_checks[];
extern const guint doctor_n_machine_checks;

/* Of the service: the bus. */
extern const DoctorCheck doctor_service_checks[];
extern const guint doctor_n_service_checks;

/* The text of a small file below the patient's root, stripped; NULL when there is none. */
char *doctor_read (const DoctorPatient *patient, const char *path);
