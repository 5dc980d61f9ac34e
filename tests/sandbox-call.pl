#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# sandbox-call.pl URL METHOD CALL [BODY | @FILE]: one call of /_sandbox/, the answer's body on stdout;
# fails when there is none, or its status is above 399. There are thousands of these in a test run;
# this starts in a third of curl's time.
use strict;

my ($url, $method, $call, $body) = (@ARGV, '');
my ($port) = $url =~ m{^http://127\.0\.0\.1:(\d+)$} or die "sandbox-call: not the sandbox: $url\n";
if ($body =~ /^@(.+)/s) {
	open my $file, '<', $1 or die "sandbox-call: $1: $!\n";
	local $/;
	$body = <$file>;
}
socket my $to, 2, 1, 6 or die "sandbox-call: $!\n";	# AF_INET, SOCK_STREAM, TCP
connect $to, pack 'SnC4x8', 2, $port, 127, 0, 0, 1 or die "sandbox-call: $url: $!\n";
$SIG{PIPE} = 'IGNORE';
my $out = "$method /_sandbox/$call HTTP/1.0\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
while (length $out) {
	my $sent = syswrite $to, $out or die "sandbox-call: $url: $!\n";
	substr $out, 0, $sent, '';
}
my $answer = do { local $/; <$to> };
$answer =~ s{^HTTP/1\.. (\d+).*?\r\n\r\n}{}s or die "sandbox-call: $url: no answer\n";
my $status = $1;
print $answer;
exit($status > 399 ? 22 : 0);
