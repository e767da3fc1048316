/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fuzz/fuzz.h: what a fuzz target is: one function that libFuzzer, or replay.c,
 * calls with hostile octets. It returns 0; a broken promise ends the process. */

#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length);
