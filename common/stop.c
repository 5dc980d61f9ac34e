/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "stop.h"

static volatile sig_atomic_t asked;
static bool put_off;

static void note_signal(int number)
{
	asked = number;
}

void stop_catch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note_signal};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction old;

		/* nohup(1) and background jobs ignore some on purpose */
		if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

int stop_asked(void)
{
	return put_off ? 0 : asked;
}

void stop_put_off(bool off)
{
	put_off = off;
}

bool stop_failure(struct failure *f)
{
	return fail_set(f, 128 + asked, "interrupted", "interrupted by SIG%s",
			sigabbrev_np(asked) ? sigabbrev_np(asked) : "?");
}

_Noreturn void stop_die(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}
