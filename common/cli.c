/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "buf.h"
#include "cli-private.h"
#include "mem.h"
#include "status.h"
#include "trace.h"

const char *cli_name = "sluice";
bool cli_quiet;
int cli_argc;
char **cli_argv;
static const struct cli *self;

void cli_start(int argc, char **argv, const struct cli *cli)
{
	char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

	if (slash)
		argv[0] = slash + 1; /* getopt names the program by it */
	if (argc > 0)
		cli_name = argv[0];
	cli_argc = argc;
	cli_argv = argv;
	self = cli;
	while (true) {
		int fd = open("/dev/null", O_RDWR);

		if (fd < 0)
			break;
		if (fd > 2) {
			close(fd);
			break;
		}
	}
	signal(SIGPIPE, cli->changes ? SIG_IGN : SIG_DFL);
}

static void write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

/* Control characters of what a cloud answered must not reach a terminal. */
static void clean(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text) && *text != '\t')
			*text = *text == '\n' || *text == '\r' ? ' ' : '?';
}

char *cli_shown(const char *text)
{
	struct buf shown = {0};

	buf_str(&shown, text);
	trace_mask(&shown); /* services quote what they were sent */
	clean(shown.data);
	return buf_take(&shown);
}

static void say(const char *format, va_list args)
{
	char *text, *shown, *line;

	if (vasprintf(&text, format, args) < 0)
		mem_out();
	shown = cli_shown(text);
	line = mem_fmt("%s: %s\n", cli_name, shown);
	write_all(STDERR_FILENO, line, strlen(line));
	free(text);
	free(shown);
	free(line);
}

void cli_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void cli_note(const char *format, ...)
{
	va_list args;

	if (cli_quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

_Noreturn void cli_die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	exit(status);
}

_Noreturn void cli_fail(const struct failure *f)
{
	cli_die(f->status ? f->status : ST_BUG, "%s", f->message ? f->message : "failed");
}

static void print_usage(FILE *to)
{
	fprintf(to, "usage: ");
	for (const char *c = self->usage; *c; c++)
		if (*c == '\n' && c[1])
			fputs("\n       ", to);
		else if (*c != '\n')
			putc(*c, to);
	putc('\n', to);
}

_Noreturn void cli_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	print_usage(stderr);
	exit(ST_USAGE);
}

static _Noreturn void finish_stdout(void)
{
	if (fflush(stdout) || ferror(stdout) || fclose(stdout))
		cli_die(ST_IO, "cannot write to standard output: %s", strerror(errno));
	exit(ST_OK);
}

void cli_option(int option)
{
	switch (option) {
	case 'h':
		print_usage(stdout);
		fputs(self->help, stdout);
		puts("  -q, --quiet           no progress and notes on stderr\n"
		     "  -h, --help            this text\n"
		     "  -V, --version         the version");
		finish_stdout();
	case 'V':
		printf("%s (sluice) %s\n", cli_name, SLUICE_VERSION);
		finish_stdout();
	case 'q':
		cli_quiet = true;
		return;
	default:
		print_usage(stderr);
		exit(ST_USAGE);
	}
}

bool cli_number(const char *text, long long min, long long max, long long *number)
{
	char *end;
	long long n;

	if (!isdigit((unsigned char)text[text[0] == '-']))
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || *end || n < min || n > max)
		return false;
	*number = n;
	return true;
}

bool cli_duration(const char *text, long long *seconds)
{
	static const struct {
		char unit;
		long long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	const long long most = 10LL * 366 * 86400;
	size_t len = strlen(text);
	long long scale = 1, n;
	char digits[24];

	for (size_t i = 0; len && i < sizeof(units) / sizeof(*units); i++)
		if (text[len - 1] == units[i].unit) {
			scale = units[i].seconds;
			len--;
			break;
		}
	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!cli_number(digits, 0, most / scale, &n))
		return false;
	*seconds = n * scale;
	return true;
}

long long cli_number_arg(const char *option, const char *text, long long min, long long max)
{
	long long n;

	if (!cli_number(text, min, max, &n))
		cli_usage("%s takes a whole number from %lld to %lld, not '%s'", option, min, max,
			  text);
	return n;
}

long long cli_duration_arg(const char *option, const char *text)
{
	long long seconds;

	if (!cli_duration(text, &seconds))
		cli_usage("%s takes a time such as 90, 90s, 15m, 4h or 2d, not '%s'", option, text);
	return seconds;
}

void cli_file(const char **file, const char *text)
{
	if (*file)
		cli_usage("a second input file, '%s', behind '%s'", text, *file);
	if (!*text)
		cli_usage("the name of the input file is empty");
	*file = text;
}

const char *cli_text_arg(const char *option, const char *text)
{
	json_t *string = json_string(text);
	bool utf8 = string;

	json_decref(string);
	if (!*text)
		cli_usage("%s is empty", option);
	if (!utf8)
		cli_usage("%s is not UTF-8", option);
	return text;
}

void cli_operands(char *const *operands)
{
	for (; *operands; operands++)
		cli_text_arg("an operand", *operands);
}
