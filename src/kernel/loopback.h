/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink(7): one RTM_NEWLINK that sets IFF_UP on "lo". No allocation. */
#pragma once

int loopback_up(void);
