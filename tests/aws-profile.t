#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# The files of ~/.aws, held against the SDKs' own cases.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Sluice;
use Test::More;

sub dump_of {
	my ($config, $credentials) = @_;
	my $dir = home();
	spew("$dir/config", $config) if defined $config;
	spew("$dir/credentials", $credentials) if defined $credentials;
	my ($status, $out, $err) =
		run({}, '', "$build/unit/profile-dump", "$dir/config", "$dir/credentials");
	is($status, 0, 'profile-dump ends well') or diag $err;
	return json->decode($out);
}

sub text { my $text = $_[0]; utf8::encode($text) if defined $text; return $text }

for my $case (@{json->decode(slurp(data('aws/profile-files/profile-parser-tests.json')))->{tests}}) {
	my $got = dump_of(text($case->{input}{configFile}), text($case->{input}{credentialsFile}));
	my $want = $case->{output};
	if (defined $want->{errorContaining}) {
		like($got->{error}, qr/\Q$want->{errorContaining}\E/i, $case->{name});
		next;
	}
	is_deeply($got->{profiles}, $want->{config}{profiles}, $case->{name}) or diag explain $got;
	is_deeply($got->{sso_sessions}, $want->{config}{sso_sessions} // {}, "$case->{name} (sso)");
}

# botocore's own files: what its parser makes of them (tests/unit/test_configloader.py).
my %botocore = (
	aws_config => {default => {aws_access_key_id => 'foo', aws_secret_access_key => 'bar'},
		personal => {aws_access_key_id => 'fie', aws_secret_access_key => 'baz',
			aws_security_token => 'fiebaz'}},
	aws_config_nocreds => {default => {region => 'us-west-2'}},
	aws_config_nested => {default => {aws_access_key_id => 'foo', aws_secret_access_key => 'bar',
		s3 => "\nsignature_version = s3v4\naddressing_style = path",
		cloudwatch => "\nsignature_version = v4", region => 'us-west-2'}},
	aws_bad_profile => {default => {aws_access_key_id => 'default',
			aws_secret_access_key => 'default'},
		'my profile' => {aws_access_key_id => 'default', aws_secret_access_key => 'default'},
		personal1 => {aws_access_key_id => 'access_personal1',
			aws_secret_access_key => 'key_personal1'}},
	foo_config => {default => {aws_access_key_id => 'foo', aws_secret_access_key => 'bar',
			foo_region => 'us-west-1'},
		foo => {aws_access_key_id => 'fie', aws_secret_access_key => 'baz'}},
	boto_config => {},
	boto_config_empty => {},
	aws_config_bad => undef,
	aws_config_badbytes => undef,
	aws_config_nested_bad => undef,
);
for my $name (sort keys %botocore) {
	my $got = dump_of(slurp(data("aws/profile-files/botocore-cfg/$name")), undef);
	if ($botocore{$name}) {
		is_deeply($got->{profiles}, $botocore{$name}, "botocore $name") or diag explain $got;
	} else {
		ok($got->{error}, "botocore $name is refused");
	}
}
my $got = dump_of(undef, slurp(data('aws/profile-files/botocore-cfg/aws_credentials')));
like($got->{error}, qr/expected a profile definition/, 'botocore aws_credentials, of another tool');
$got = dump_of(slurp(data('aws/profile-files/botocore-cfg/aws_services_config')), undef);
is($got->{services}{'my-services'}{s3}, "\nendpoint_url = https://localhost:5678/", 'services');
$got = dump_of(slurp(data('aws/profile-files/botocore-cfg/aws_sso_session_config')), undef);
is($got->{sso_sessions}{sso}{sso_region}, 'us-east-1', 'sso-session');

# Corners of our own.
$got = dump_of("\xef\xbb\xbf[default]\nregion = eu-west-1\n", undef);
is($got->{profiles}{default}{region}, 'eu-west-1', 'a byte order mark is no part of the file');
$got = dump_of("[services s]\nec2 =\n  # note\n  endpoint_url = http://127.0.0.1:1 # here\n", undef);
is($got->{services}{s}{ec2}, "\nendpoint_url = http://127.0.0.1:1 # here", 'indented comments');
$got = dump_of("[plugins]\ncli legacy\n[default]\na = b\n", undef);
is_deeply($got->{profiles}, {default => {a => 'b'}}, 'what foreign sections hold is not looked at');
$got = dump_of("[default]\na = # nothing\n", undef);
is($got->{profiles}{default}{a}, '', 'a value that is a comment');

# Where the files are.
for my $case (@{json->decode(slurp(data('aws/profile-files/file-location-tests.json')))->{tests}}) {
	SKIP: {
		skip "$case->{name}: Windows", 1 if $case->{platform} ne 'linux';
		my %env = (%{$case->{environment}}, AWS_PROFILE => $case->{profile} // 'no-such');
		my ($status, undef, $err) = run(\%env, '', "$build/unit/creds-dump", 'missing-one');
		like($err, qr/neither in '\Q$case->{configLocation}\E' nor in '\Q$case->{credentialsLocation}\E'/,
			$case->{name});
	}
}

SKIP: {
	skip 'recursion-detection.json: a header of Lambda functions, where no filter runs', 1;
}
done_testing;
