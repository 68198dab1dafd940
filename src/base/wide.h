/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 128-bit intermediates, so that products of two 64-bit quantities are exact.
 */
#pragma once

#include <stdint.h>

__extension__ typedef unsigned __int128 wide_u128;
