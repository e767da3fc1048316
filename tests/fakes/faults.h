/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/faults.h: calls that are to fail although nothing is wrong. */

#pragma once

#include "tests/fakes/bus.h"

typedef struct FakesFaults FakesFaults;

FakesFaults *fakes_faults_new (void);
void fakes_faults_free (FakesFaults *faults);

/* The next @count calls of @method ("Device1.Connect") fail with @error: "hang" for no answer at all, "Failed", or
 * "Failed:some-text" where the text is not the usual one. */
void fakes_faults_add (FakesFaults *faults,
                       const char *method,
                       const char *error,
                       guint count);

/* TRUE: the call was to fail, and is taken. */
gboolean fakes_faults_take (FakesFaults *faults, FakesCall *call);
