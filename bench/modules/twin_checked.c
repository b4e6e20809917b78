// SPDX-License-Identifier: GPL-2.0
/*
 * The twin with copies that hardened usercopy checks, as C drivers usually make
 * them.
 */

#define TWIN_CHECKED
#include "twin.c"
