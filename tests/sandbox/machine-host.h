/* SPDX-License-Identifier: ISC
 * The files of the machines among themselves. Below the directory of the machines:
 *	ssh_config, known_hosts		for those who log in
 *	tools/				what is in machines besides the programs of this system
 *	images/NAME/			a disk
 *	m/N/disk, m/N/own		of machine N; own is what its cloud knows of it
 * Messages are JSON objects, one a datagram. To the host:
 *	{"do":"start","n":N,"image":NAME,"files":{NAME:TEXT},"knobs":{…}}
 *	{"do":"stop"|"reboot"|"remove","n":N}, {"do":"copy","n":N,"image":NAME}
 *	{"do":"rename","image":NAME,"to":NAME}
 * and back {"n":N,"what":"halt"|"reboot"|"cancel","minutes":M}: what was asked for in it. */
#ifndef SANDBOX_MACHINE_HOST_H
#define SANDBOX_MACHINE_HOST_H

#include <sys/types.h>

#include "machine.h"

/* machine-host.c: serves until the other end of SOCKET is closed, then removes the directory. */
_Noreturn void host_run(int socket, const char *directory);

/* machine-proot.c */
const char *proot_missing(void); /* the name of a program that is needed and absent, NULL */
void make_stock(const char *top);
/* Makes the disk of IMAGE, of the stock if there is none, and runs init in that machine. */
_Noreturn void proot_run(const char *top, const char *machine, const char *image, bool cloud_init);

/* machine-kill.c: signals all that run under these proots; how many they were. */
size_t proot_signal(const pid_t *proots, size_t count, int signal);

/* machine-files.c */
bool write_file(const char *directory, const char *name, const char *text, mode_t mode);
void write_tools(const char *directory);
int run_program(const char *const argv[]); /* waits; its status */

/* machine-link.c */
const char *machines_directory(void);
void machines_write_config(
    const char *hosts); /* the part of ssh_config that is one machine's each */
void machines_send(const char *message);
json_t *machines_event(void); /* the next message of the host, NULL: none by now; new */
int machine_free_port(const char *address);

/* machine-data.c: the files of `own`: {NAME: TEXT}; new. */
json_t *machine_files(const struct machine_wish *wish, const json_t *knobs, int port);

#endif
