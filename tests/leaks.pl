#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# leaks.pl FILE|DIRECTORY…: says where the secret in the environment variable CANARY is found, be it
# literal, percent-encoded, in JSON, XML, base64 (in any alignment) or hex, and exits 1; else 0.
use strict;
use warnings;
use File::Find;
use MIME::Base64;

my $secret = $ENV{CANARY} // die "leaks.pl: CANARY is not set\n";
my %forms;

sub form { my ($name, $text) = @_; $forms{$name} = $text if length $text >= 6 }

sub percent {
	my ($text, $keep) = @_;
	$text =~ s/([^A-Za-z0-9\-._~$keep])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

form('literal', $secret);
form('percent', percent($secret, ''));
form('percent but /', percent($secret, '/'));
(my $plus = percent($secret, ' ')) =~ tr/ /+/;
form('form', $plus);
form('percent, every byte', join '', map { sprintf '%%%02x', ord } split //, $secret);
(my $twice = percent($secret, '')) =~ s/%/%25/g;
form('percent twice', $twice);
(my $json = $secret) =~ s/(["\\])/\\$1/g;
form('JSON', $json);
(my $slash = $json) =~ s{/}{\\/}g;
form('JSON with \\/', $slash);
(my $go = $json) =~ s/([<>&])/sprintf '\\u%04x', ord $1/ge;
form('JSON as Go', $go);
(my $nested = $json) =~ s/(["\\])/\\$1/g;
form('JSON in JSON', $nested);
my %xml = ('&' => 'amp', '<' => 'lt', '>' => 'gt', '"' => 'quot', "'" => 'apos');
(my $some = $secret) =~ s/([&<>])/&$xml{$1};/g;
form('XML text', $some);
(my $all = $secret) =~ s/([&<>"'])/&$xml{$1};/g;
form('XML attribute', $all);
form('hex', unpack 'H*', $secret);
for my $shift (0 .. 2) {
	my $code = encode_base64(("\0" x $shift) . $secret, '');
	my $first = int(($shift * 8 + 5) / 6);
	my $last = int(($shift + length $secret) * 8 / 6);
	my $core = substr $code, $first, $last - $first;
	form("base64 at $shift", $core);
	$core =~ tr{+/}{-_};
	form("base64url at $shift", $core);
}

my $found = 0;

sub look {
	my ($file) = @_;
	open my $in, '<:raw', $file or return;
	local $/;
	my $text = <$in> // '';
	(my $joined = $text) =~ s/\\?[\r\n]+//g;	# base64 broken into lines
	for my $name (sort keys %forms) {
		my $form = quotemeta $forms{$name};
		next unless $text =~ /$form/i || $joined =~ /$form/i;
		print "$file: the secret, $name\n";
		$found = 1;
	}
}

find({no_chdir => 1, wanted => sub { look($_) if -f $_ }}, grep { -e } @ARGV);
exit $found;
