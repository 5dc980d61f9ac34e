/* SPDX-License-Identifier: ISC
 * Addresses and DNS names, one question a run, for names.t. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "dns-name.h"

static int print(char *text)
{
	puts(text ? text : "(none)");
	free(text);
	return 0;
}

static int print_address(const char *text)
{
	char out[ADDRESS_SIZE];
	struct address a;

	puts(address_parse(text, &a) ? address_text(&a, out) : "(none)");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "address"))
		return print_address(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "plain"))
		return print(dns_name_plain(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "full"))
		return print(dns_name_full(argv[2], argv[3]));
	if (argc == 4 && !strcmp(argv[1], "relative"))
		return print(dns_name_relative(argv[2], argv[3]));
	if (argc > 3 && !strcmp(argv[1], "zone")) {
		long i = dns_name_zone(argv[2], (const char *const *)argv + 3, (size_t)argc - 3);

		puts(i < 0 ? "(none)" : argv[3 + i]);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "wrong")) {
		const char *reason = dns_name_wrong(argv[2]);

		puts(reason ? reason : "(none)");
		return 0;
	}
	fputs("usage: net-names address|plain|full|relative|zone|wrong TEXT ...\n", stderr);
	return 64;
}
