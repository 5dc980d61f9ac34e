#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A server on loopback that gives canned answers and writes down what it was asked.
#
#	stub.pl DIR
#
# Binds port 0, prints "http://127.0.0.1:PORT" and a newline, serves until its parent goes or it is
# killed. Answers are the files DIR/answer.* in the order of their names; each is used once, also
# those added later. One is a message as it goes over the wire, without Content-Length and Date:
#
#	HTTP/1.1 200 OK
#	Content-Type: text/xml
#	X-Stub: delay=0.2 times=3
#
#	<body/>
#
# X-Stub is not sent; its words, apart by spaces:
#	match=REGEX	only for a request whose "METHOD URL\nHEADERS\n\nBODY" matches (no spaces;
#			\s is one)
#	times=N		for so many requests; times=0: for any number
#	body=FILE	the body is that file's content
#	delay=SECONDS	answers later
#	gather=N	answers when N requests in all have arrived
#	reset		reads the request, then resets the connection
#	hangup		reads the request, then closes the connection
#	truncate=N	announces the whole body, sends N bytes of it and closes
#	stall=N		sends N bytes of the whole answer, then nothing more
#	chunked		sends the body as chunks of 7 bytes
#	raw		the file from the line after X-Stub's on is sent as it is, then closed
#	close		closes the connection after the answer (else it is kept alive)
#
# The Nth request is kept, byte for byte, as DIR/request.N (counted as they are complete), and
# "METHOD URL" as a line of DIR/log. When no answer is left: status 421, which no client retries.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

my $dir = shift // die "usage: stub.pl DIR\n";
my $parent = getppid;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128,
	Proto => 'tcp', Blocking => 0) or die "stub: cannot listen: $!\n";
$SIG{PIPE} = 'IGNORE';
$| = 1;
print 'http://127.0.0.1:', $listener->sockport, "\n";
open STDOUT, '>', '/dev/null';

my (%used, %conn);	# answer file => times; fileno => {sock, in, out, end, at, gather}
my $arrived = 0;

sub slurp {
	my ($file) = @_;
	open my $in, '<:raw', $file or die "stub: cannot read '$file': $!\n";
	local $/;
	return scalar(<$in>) // '';
}

sub complete {		# the first whole request of $in, taken off it, or undef
	my ($in) = @_;
	$$in =~ /\r?\n\r?\n/ or return;
	my ($head, $start) = ($`, $+[0]);
	my $size = $head =~ /^content-length:\s*(\d+)/im ? $1 : 0;
	if ($head =~ /^transfer-encoding:.*chunked/im) {
		substr($$in, $start) =~ /^(?:[0-9a-f]+\r\n.*?\r\n)*?0\r\n\r\n/is or return;
		$size = $+[0];
	}
	return if length($$in) < $start + $size;
	return substr($$in, 0, $start + $size, '');
}

sub read_answer {
	my ($file) = @_;
	my $text = slurp($file);
	my %how;
	if ($text =~ s/^x-stub:\s*(.*?)\r?\n//im) {
		my $after = substr($text, $-[0]);
		%how = map { /^(\w+)(?:=(.*))?$/s ? ($1, $2 // 1) : () } split ' ', $1;
		$text = $after if $how{raw};
	}
	return (\%how, $text);
}

sub choose {
	my ($request) = @_;
	(my $seen = $request) =~ s{^(\S+ \S+) HTTP/[\d.]+\r?\n}{$1\n};
	$seen =~ s/\r\n/\n/g;
	for my $file (sort glob "$dir/answer.*") {
		my ($how, $text) = read_answer($file);
		my $times = $how->{times} // 1;
		next if $times && ($used{$file} // 0) >= $times;
		next if defined $how->{match} && $seen !~ /$how->{match}/s;
		$used{$file}++;
		return ($how, $text);
	}
	return ({}, "HTTP/1.1 421 No Answer Left\nContent-Type: text/plain\n\nstub: no answer left\n");
}

sub wire {		# the answer's bytes
	my ($how, $text, $is_head) = @_;
	return $text if $how->{raw};
	my ($head, $body) = split /\r?\n\r?\n/, $text, 2;
	$head =~ s/\s+\z//;
	$head =~ s/\r?\n/\r\n/g;
	$body = defined $how->{body} ? slurp($how->{body}) : $body // '';
	$head .= "\r\nConnection: close" if $how->{close} || defined $how->{truncate};
	if ($how->{chunked}) {
		$head .= "\r\nTransfer-Encoding: chunked";
		$body = join('', map { sprintf "%x\r\n%s\r\n", length, $_ } unpack '(a7)*', $body) .
			"0\r\n\r\n";
	} elsif ($head !~ m{^HTTP/\S+ (?:1\d\d|204|304)} && $head !~ /^content-length:/im) {
		$head .= "\r\nContent-Length: " . length $body;
	}
	$body = '' if $is_head;
	$body = substr $body, 0, $how->{truncate} if defined $how->{truncate};
	my $all = "$head\r\n\r\n$body";
	return defined $how->{stall} ? substr $all, 0, $how->{stall} : $all;
}

sub drop {
	my ($c) = @_;
	delete $conn{fileno $c->{sock}};
	close $c->{sock};
}

sub take {		# a request has arrived: decide what becomes of it
	my ($c, $request) = @_;
	$arrived++;
	open my $out, '>:raw', "$dir/request.$arrived.part" or die "stub: $!\n";
	print $out $request;
	close $out;
	rename "$dir/request.$arrived.part", "$dir/request.$arrived";
	my ($line) = $request =~ m{^(\S+ \S+)};
	open my $log, '>>', "$dir/log" or die "stub: $!\n";
	print $log "$line\n";
	close $log;
	my ($how, $text) = choose($request);
	$c->{gather} = $how->{gather} // 0;
	$c->{at} = time + ($how->{delay} // 0);
	$c->{end} = $how->{reset} ? 'reset' : defined $how->{stall} ? 'never' :
		$how->{hangup} || $how->{raw} || $how->{close} || defined $how->{truncate} ? 'close' : '';
	$c->{out} = $how->{reset} || $how->{hangup} ? '' : wire($how, $text, $request =~ /^HEAD /);
	$c->{busy} = 1;
}

sub answer {
	my ($c) = @_;
	return if $arrived < $c->{gather} || time < $c->{at};
	if (length $c->{out}) {
		my $sent = syswrite $c->{sock}, $c->{out};
		return drop($c) if !defined $sent && !$!{EAGAIN};
		substr $c->{out}, 0, $sent // 0, '';
		return if length $c->{out};
	}
	return if $c->{end} eq 'never';
	setsockopt $c->{sock}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $c->{end} eq 'reset';
	return drop($c) if $c->{end};
	$c->{busy} = 0;
	my $next = complete(\$c->{in});
	take($c, $next) if defined $next;
}

while (getppid == $parent) {
	my @due = grep { $_->{busy} && $_->{gather} <= $arrived } values %conn;
	my $wait = 0.3;
	for my $c (@due) {
		my $left = length $c->{out} || $c->{end} ne 'never' ? $c->{at} - time : 0.3;
		$wait = $left > 0.001 ? $left : 0.001 if $left < $wait;
	}
	for my $sock (IO::Select->new($listener, map { $_->{sock} } values %conn)->can_read($wait)) {
		if ($sock == $listener) {
			my $new = $listener->accept or next;
			$new->blocking(0);
			$conn{fileno $new} = {sock => $new, in => '', out => '', busy => 0};
			next;
		}
		my $c = $conn{fileno $sock} or next;
		my $got = sysread $sock, $c->{in}, 65536, length $c->{in};
		next if !defined $got && $!{EAGAIN};
		if (!$got) { drop($c); next }
		if ($c->{in} =~ s/^((?:[^\n]+\n)*expect: *100-continue\r?\n)/X/i) {
			(my $head = $1) =~ s/^expect:.*\n//im;
			$c->{in} =~ s/^X/$head/;
			syswrite $sock, "HTTP/1.1 100 Continue\r\n\r\n";
		}
		my $request = $c->{busy} ? undef : complete(\$c->{in});
		take($c, $request) if defined $request;
	}
	$_->{busy} && answer($_) for values %conn;
}
