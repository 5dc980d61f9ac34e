#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Where services answer, held against AWS's own cases.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Sluice;
use Test::More;

sub ask {
	my ($env, $flags, @questions) = @_;
	my ($status, $out, $err) = run($env, join("\n", map { json->encode($_) } @questions),
		"$build/unit/endpoint-dump", @$flags);
	is($status, 0, 'endpoint-dump ends well') or diag $err;
	return map { json->decode($_) } split /\n/, $out;
}

# The rules: hosts of every region and variant.
for my $service (qw(autoscaling cloudformation ec2 ecs elb elbv2 ssm sts)) {
	my @cases = @{json->decode(slurp(data("aws/endpoint-rules/$service/endpoint-tests-1.json")))->{testCases}};
	my @got = ask({}, [], map { my $p = $_->{params} // {}; {service => $service,
		region => $p->{Region}, fips => $p->{UseFIPS}, dualstack => $p->{UseDualStack},
		global => $p->{UseGlobalEndpoint}, endpoint => $p->{Endpoint}} } @cases);
	for my $case (@cases) {
		my ($got, $want) = (shift @got, $case->{expect});
		my $name = "$service: $case->{documentation}";
		if (defined $want->{error}) {
			is(lc($got->{error} // ''), lc $want->{error}, $name);
			next;
		}
		my $region = $want->{endpoint}{properties}{authSchemes}[0]{signingRegion};
		is($got->{url}, $want->{endpoint}{url}, $name) or diag explain $got;
		is($got->{region}, $region, "$name: signed for") if $region;
	}
}

# What the user configured.
for my $suite (@{json->decode(slurp(data('aws/endpoint-url-config/profile-tests.json')))->{testSuites}}) {
	my $dir = home();
	my $config = '';
	for my $name (sort keys %{$suite->{profiles}}) {
		my $profile = $suite->{profiles}{$name};
		$config .= "[profile $name]\n" . join '', map { "$_ = $profile->{$_}\n" } sort keys %$profile;
	}
	for my $name (sort keys %{$suite->{services}}) {
		my $services = $suite->{services}{$name};
		$config .= "[services $name]\n";
		for my $service (sort keys %$services) {
			$config .= "$service =\n" . join '',
				map { "  $_ = $services->{$service}{$_}\n" } sort keys %{$services->{$service}};
		}
	}
	spew("$dir/config", $config);
	for my $case (@{$suite->{endpointUrlTests}}) {
		my $client = $suite->{client_configs}{$case->{client_config}};
		my %env = (%{$suite->{environments}{$case->{environment}}}, AWS_CONFIG_FILE => "$dir/config",
			AWS_PROFILE => $case->{profile});
		# Our client has no such option; what it means is what the variable means.
		$env{AWS_IGNORE_CONFIGURED_ENDPOINT_URLS} = 'true' if $client->{ignore_configured_endpoint_urls};
		my ($got) = ask(\%env, ['-p'], {service => $case->{service}, id => uc $case->{service},
			region => 'fake-region-10', endpoint => $client->{endpoint_url}});
		is($got->{url}, $case->{output}{endpointUrl}, "$case->{name} ($case->{profile}, $case->{environment})")
			or diag explain $got;
	}
}

# Every region of every partition.
for my $partition (@{json->decode(slurp(data('aws/partitions/partitions.json')))->{partitions}}) {
	my @regions = grep { !/global/ } sort keys %{$partition->{regions}};
	my @got = ask({}, [], map { {service => 'ec2', region => $_} } @regions);
	is($_->{url}, 'https://ec2.' . shift(@regions) . ".$partition->{outputs}{dnsSuffix}", $partition->{id})
		for @got;
	@regions = grep { !/global/ } sort keys %{$partition->{regions}};
	@got = ask({}, [], map { {service => 'ec2', region => $_, dualstack => JSON::PP::true} } @regions);
	is($_->{url}, 'https://ec2.' . shift(@regions) . ".$partition->{outputs}{dualStackDnsSuffix}",
		"$partition->{id} dual stack") for @got;
}

# Corners of our own.
my @got = ask({}, [], {service => 'iam', region => 'eu-west-1'}, {service => 'iam', region => 'cn-north-1'},
	{service => 'ec2', region => 'us-east-1.evil.example/'}, {service => 'ec2', region => ''},
	{service => 'ec2', region => 'us-east-1', endpoint => 'http://127.0.0.1:5000/aws//'},
	{service => 'ec2', region => 'us-east-1', endpoint => 'localhost:5000'},
	{service => 'ec2', region => 'us-east-1', endpoint => 'ftp://localhost'});
is_deeply($got[0], {url => 'https://iam.amazonaws.com', region => 'us-east-1'}, 'a global service');
is_deeply($got[1], {url => 'https://iam.cn-north-1.amazonaws.com.cn', region => 'cn-north-1'},
	'… of another partition');
like($got[2]{error}, qr/not the name of an AWS region/, 'a region leads nowhere else');
like($got[3]{error}, qr/not the name of an AWS region/, 'nor an empty one');
is($got[4]{url}, 'http://127.0.0.1:5000/aws', 'a path before, no slash behind');
like($got[5]{error}, qr/not an http or https URL/, 'no scheme');
like($got[6]{error}, qr/not an http or https URL/, 'another scheme');
my $env = {AWS_USE_FIPS_ENDPOINT => 'true', AWS_USE_DUALSTACK_ENDPOINT => 'True'};
@got = ask($env, ['-p'], {service => 'ssm', region => 'us-east-2'});
is($got[0]{url}, 'https://ssm-fips.us-east-2.api.aws', 'FIPS and dual stack from the environment');
@got = ask({AWS_STS_REGIONAL_ENDPOINTS => 'legacy'}, ['-p'], {service => 'sts', region => 'eu-west-1'});
is_deeply($got[0], {url => 'https://sts.amazonaws.com', region => 'us-east-1'}, 'STS as it was');
done_testing;
