#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Which answers are sent again, held against botocore's standard mode.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Sluice;
use Test::More;

my $data = json->decode(slurp(data('aws/retry/standard-retry-cases.json')));
sub judge {
	my ($status, $out, $err) = run({}, join("\n", map { json->encode($_) } @_), "$build/unit/retry-dump");
	is($status, 0, 'retry-dump ends well') or diag $err;
	return map { json->decode($_) } split /\n/, $out;
}

for my $case (@{$data->{decision_cases}}) {
	my $name = join ' ', map { "$_ $case->{$_}" } grep { $_ !~ /retry|throttling/ } sort keys %$case;
	SKIP: {
		skip "$name: the engine's, see http.t", 1 if $case->{transport} || $case->{attempt};
		skip "$name: only STS gives that code", 1
			if $case->{code} eq 'IDPCommunicationError' && $case->{service} ne 'sts';
		my ($got) = judge($case);
		is(!!$got->{retry}, !!$case->{retry}, $name);
		is(!!$got->{throttling}, !!$case->{throttling}, "$name: throttling") if exists $case->{throttling};
	}
}
for my $case (@{$data->{throttling_detector_cases}}) {
	my ($status, $code, $throttling) = @$case;
	my ($got, $change) = judge({status => $status, code => $code},
		{status => $status, code => $code, change => JSON::PP::true});
	my $name = "$status " . ($code // 'without a code');
	is(!!$got->{throttling}, !!$throttling, "$name: throttling");
	is(!!$change->{retry}, !!$throttling, "$name: a change is repeated only then");
}
for my $case (@{$data->{transient_detector_cases}}) {
	my ($status, $code, $transient) = @$case;
	my $name = ($status // '') . ' ' . ($code // 'without a code');
	SKIP: {
		skip "$name: the engine's, see http.t", 1 if !$status;
		skip "$name: throttling, which is sent again too", 1 if $code && $code eq 'Throttling';
		my ($got) = judge({status => $status, code => $code});
		is(!!$got->{retry}, !!$transient, "$name: transient");
	}
}
SKIP: {
	skip 'delay_cases, retry_after_cases: our pauses are shorter and never random from 0, see http.t', 1;
	skip 'quota_cases, _retry.json, sdk-default-configuration.json: a bucket means little to a filter ' .
		'that makes a few calls', 1;
}
# A quota that is used up is no rate, whatever its name.
my ($quota) = judge({status => 400, code => 'LimitExceeded'});
ok(!$quota->{retry}, 'LimitExceeded of Auto Scaling is a quota');
done_testing;
