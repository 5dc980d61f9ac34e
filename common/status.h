/* SPDX-License-Identifier: ISC
 * Exit statuses of every filter, see sluice(7), EXIT STATUS. */
#ifndef SLUICE_STATUS_H
#define SLUICE_STATUS_H

enum {
	ST_OK = 0,
	ST_NO = 1,       /* the answer is no: no match, conflict, not healthy in time, different */
	ST_USAGE = 64,   /* wrong option or operand */
	ST_DATA = 65,    /* input wrong */
	ST_NOINPUT = 66, /* input or recording not there */
	ST_REFUSED = 69, /* the service refused */
	ST_BUG = 70,     /* the answer made no sense, or a bug */
	ST_IO = 74,      /* output could not be written */
	ST_TEMP = 75,    /* network, throttling or deadline: run it again */
	ST_PART = 76,    /* the input is not whole */
	ST_NOPERM = 77,  /* credentials refused */
	ST_CONFIG = 78,  /* configuration missing */
	ST_GUARD = 79,   /* a guard refused */
};

#endif
