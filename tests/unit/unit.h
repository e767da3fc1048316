/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* cmocka needs its four headers first and in this order: every unit test
 * includes this file before anything else, and no other file includes cmocka. */

#pragma once

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */
