/* SPDX-License-Identifier: ISC
 * ssh-log <LOG: how far ssh came by its own log, and why not farther. */
#include <stdio.h>
#include <string.h>

#include "ssh-private.h"

int main(void)
{
	const char *keys[] = {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/"
			      "GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk"};
	const struct ssh_target target = {.name = "web *1",
					  .host = "192.0.2.1",
					  .user = "me",
					  .host_keys = keys,
					  .n_host_keys = 1};
	struct ssh_log log = {0};
	struct failure f = {0};
	struct buf known = {0};
	char line[4096];

	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (ssh_log_line(&log, line))
			printf("phase %d\n", (int)log.phase);
	}
	ssh_log_failure(&log, &target, NULL, &f);
	printf("%d %s: %s%s\n", f.status, f.code, f.message, log.exited ? ", exited" : "");
	ssh_known_hosts_text(&known, &target);
	fputs(known.data, stdout);
	buf_free(&known);
	fail_free(&f);
	ssh_log_free(&log);
	return 0;
}
