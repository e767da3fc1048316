/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/error.h"

G_DEFINE_QUARK (perms_error_quark, perms_error)
