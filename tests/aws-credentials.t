#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# The credential chain, held against the SDKs' own cases: what it asks, of whom, in which order, and
# what it finds. Nothing is sent, see tests/unit/creds-replay.c.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(basename);
use Sluice;
use Test::More;

sub chain {			# chain(ENV, TRAFFIC, PROFILE): (requests, keys, error)
	my ($env, $traffic, @profile) = @_;
	my ($status, $out, $err) = run({AWS_EC2_METADATA_DISABLED => undef, %$env}, '',
		"$build/unit/creds-replay", $traffic, @profile);
	is($status, 0, 'creds-replay ends well') or diag $err;
	my (@requests, $keys, $error);
	for (map { json->decode($_) } split /\n/, $out) {
		push @requests, $_->{request} if $_->{request};
		$keys = $_->{keys} // $keys;
		$error = $_->{error} // $error;
	}
	return (\@requests, $keys, $error);
}

sub form {			# a form, or a URL's query
	my %pairs;
	for (split /&/, $_[0]) {
		my ($name, $value) = split /=/, $_, 2;
		($value //= '') =~ tr/+/ /;
		$value =~ s/%(..)/chr hex $1/ge;
		$pairs{$name} = $value;
	}
	return \%pairs;
}

# What an SDK said in its recording and we must say too.
sub asked_alike {
	my ($name, $got, $want) = @_;
	is($got->{method}, $want->{method}, "$name: method");
	my ($place, $query) = split /\?/, $want->{uri}, 2;
	my ($our_place, $our_query) = split /\?/, $got->{url}, 2;
	s{/$}{} for $place, $our_place;
	is($our_place, $place, "$name: where");
	is_deeply(form($our_query // ''), form($query // ''), "$name: query");
	my %ours = map { lc $_ => $got->{headers}{$_} } keys %{$got->{headers}};
	for (qw(accept x-aws-ec2-metadata-token x-aws-ec2-metadata-token-ttl-seconds x-amz-security-token
			x-amz-sso_bearer_token)) {
		my $value = $want->{headers}{$_} or next;
		is($ours{$_}, $value->[0], "$name: $_");
	}
	my $body = $want->{body} or return;
	my ($ours, $theirs) = (form($got->{body}), form($body));
	# A session's name is anyone's to choose; recordings were cut up by hand, see below.
	delete $_->{RoleSessionName} for $ours, $theirs;
	delete $_->{RoleArn} for $ours, $theirs;
	delete $_->{WebIdentityToken} for $ours, $theirs;
	is_deeply($ours, $theirs, "$name: parameters");
}

sub recorded {
	my ($file) = @_;
	my @requests;
	for my $event (@{json->decode(slurp($file))->{events}}) {
		my $action = $event->{action};
		push @requests, {%{$action->{Request}{request}}} if $action->{Request};
		$requests[-1]{body} .= $action->{Data}{data}{Utf8}
			if $action->{Data} && $action->{Data}{direction} eq 'Request';
	}
	return \@requests;
}

# Of cases that end in an error: its status, and what our words for it hold.
my %wrong = (
	eks_pod_identity_no_token_file => [78, qr/token\.jwt': No such file or directory/],
	imds_default_chain_error => [78, qr/^no AWS credentials: .*metadata service answers 404/],
	imds_disabled => [78, qr/^no AWS credentials: .*metadata service is disabled/],
	imds_no_iam_role => [78, qr/credential_source Ec2InstanceMetadata of profile 'default'/],
	sso_no_token_file => [78, qr/failed to read `.*dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json`: No such file/],
	sso_server_error => [75, qr/an error occurred while loading credentials/],
	web_identity_token_invalid_jwt => [69, qr/InvalidIdentityToken: No OpenIDConnect provider found in your account/],
	credential_process_invalid => [70, qr/external process.*could not parse response: invalid JSON in response/],
	empty_config => [78, qr/^no AWS credentials: /],
	invalid_config => [78, qr/config: line 2: property did not have a name/],
	sso_token => [78, qr/selected profile will resolve an access token instead of credentials/],
);
# Published cases that are not taken as they are, and why.
my %adapted = (
	credential_process => 'its command needs a shell, and no shell runs ours: sh -c is put before',
	credential_process_account_id_fallback => 'likewise',
	sso_server_error => 'the recording holds one attempt; we make more, the last answer is given again',
	web_identity_token_env => 'its recording has another account in RoleArn than its environment',
	web_identity_token_source_profile => 'its recording has another role and token than its files',
	imds_assume_role => 'its recording is signed with keys of another',
	ecs_assume_role => 'its recording is of imds_assume_role: the token that it sends is not the one it got',
);

for my $group (qw(default-credential-provider-chain profile-provider)) {
	for my $dir (sort glob data("aws/credentials/$group") . '/*') {
		my $name = basename($dir);
		my $case = json->decode(slurp("$dir/test-case.json"));
		my $root = home();
		system('cp', '-r', "$dir/fs", "$root/fs") == 0 or die if -d "$dir/fs";
		system('chmod', '-R', 'u+w', $root);
		note "$name: $adapted{$name}" if $adapted{$name};
		my %env = %{json->decode(slurp("$dir/env.json"))};
		$_ =~ s{^/(home|token\.jwt)}{$root/fs/$1} for values %env;
		for my $file (glob "$root/fs/home/.aws/{config,credentials}") {
			next if !-e $file;
			my $text = slurp($file);
			$text =~ s{= /token\.jwt}{= $root/fs/token.jwt}g;
			$text =~ s{^(credential_process = )(.*\|.*)}{$1sh -c '$2'}mg;
			spew($file, $text);
		}
		# These are of the profile alone, as when it is named by an option.
		my @profile = $group eq 'profile-provider' ? ('default') : ();
		if (@profile && $name =~ /empty_config/) {
			@profile = ();
			$env{AWS_EC2_METADATA_DISABLED} = 'true';
		}
		$env{AWS_EC2_METADATA_DISABLED} = 'true' if $name eq 'sso_token';
		my ($got, $keys, $error) = chain(\%env, "$dir/http-traffic.json", @profile);
		my $want = recorded("$dir/http-traffic.json");
		$#$got = $#$want if $name eq 'sso_server_error';
		delete $want->[1]{headers}{'x-amz-security-token'}
			if $name =~ /^(ecs_assume_role|web_identity_token_source_profile)$/;
		is(scalar @$got, scalar @$want, "$name: so many requests") or diag explain $got;
		asked_alike("$name $_", $got->[$_], $want->[$_]) for 0 .. ($#$got < $#$want ? $#$got : $#$want);
		if (my $ok = $case->{result}{Ok}) {
			is($keys->{$_}, $ok->{$_}, "$name: $_") for sort keys %$ok;
			diag explain $error if !$keys;
		} else {
			is($error->{status}, $wrong{$name}[0], "$name: status");
			like($error->{message}, $wrong{$name}[1], "$name: message");
		}
	}
}

# Profiles that assume roles. The keys made up for the Nth role are MADEn.
sub profile_files {
	my ($root, $input) = @_;
	my $config = '';
	for my $kind (['profile', $input->{profiles}], ['sso-session', $input->{sso_sessions} // {}]) {
		for my $name (sort keys %{$kind->[1]}) {
			$config .= "[$kind->[0] $name]\n";
			$config .= "$_ = $kind->[1]{$name}{$_}\n" for sort keys %{$kind->[1]{$name}};
		}
	}
	$config =~ s{/var/token\.jwt}{$root/token.jwt}g;
	mkdir "$root/.aws";
	spew("$root/.aws/config", $config);
	spew("$root/token.jwt", "a token\n");
}

sub signer { return ($_[0]{headers}{Authorization} // '') =~ /Credential=(.*?)\// ? $1 : '' }

my %said = (		# our words, where they differ
	'profile only contains configuration' => qr/^no AWS credentials/,
	'missing root profile (should never happen in practice)' => qr/the AWS profile 'A' is neither in/,
	'partial credentials error (missing secret)' => qr/has aws_access_key_id but no aws_secret_access_key/,
	'partial credentials error (missing access key)' => qr/has aws_secret_access_key but no aws_access_key_id/,
	'role_arn without source source_profile' => qr/profile must contain `source_profile`/,
);
for my $case (@{json->decode(slurp(data('aws/credentials/assume-role-tests.json')))}) {
	my ($name, $root, @expected) = ($case->{docs}, home());
	profile_files($root, $case->{input});
	my $sso = (grep { $_->{Sso} } @{$case->{output}{ProfileChain} // []})[0];
	if ($sso && !$sso->{Sso}{sso_role_name}) {
		SKIP: { skip "$name: a token for services that take one, no credentials", 1 }
		next;
	}
	if ($sso) {
		mkdir "$root/.aws/$_" for 'sso', 'sso/cache';
		spew("$root/.aws/sso/cache/6a36e9d25ec4ebeba5c7c8c31a1cf3b1a3fa5a05.json", '');
		my ($hex) = split ' ', `printf %s '$sso->{Sso}{sso_start_url}' | sha1sum`;
		spew("$root/.aws/sso/cache/$hex.json",
			'{"accessToken":"bearer","expiresAt":"2199-01-01T00:00:00Z"}');
	}
	my ($got, $keys, $error) = chain({HOME => $root, AWS_PROFILE => 'A', AWS_EC2_METADATA_DISABLED =>
		$case->{input}{profiles}{A}{credential_source} ? undef : 'true'}, '-');
	if (my $message = $case->{output}{Error}) {
		is($error->{status}, 78, "$name: status") or diag explain $keys;
		like($error->{message}, $said{$name} // qr/\Q$message\E/i, $name);
		next;
	}
	my $signer = '';
	for my $link (@{$case->{output}{ProfileChain}}) {
		if (my $key = $link->{AccessKey}) {
			$signer = $key->{access_key_id};
		} elsif ($link->{NamedSource}) {
			is((shift @$got)->{method}, 'PUT', "$name: metadata token");
			shift @$got for 1, 2;
			$signer = 'SERVICE';
		} elsif ($link->{Sso}) {
			is((shift @$got)->{url}, "https://portal.sso.$link->{Sso}{sso_region}.amazonaws.com/federation/" .
				"credentials?role_name=$link->{Sso}{sso_role_name}&account_id=$link->{Sso}{sso_account_id}", $name);
			$signer = 'SSO';
		} else {
			my ($how) = keys %$link;
			my $request = shift @$got;
			my $form = form($request->{body});
			is($form->{Action}, $how eq 'AssumeRole' ? $how : 'AssumeRoleWithWebIdentity', "$name: action");
			is($form->{RoleArn}, $link->{$how}{role_arn}, "$name: role");
			is($form->{ExternalId}, $link->{$how}{external_id}, "$name: external id");
			is($form->{RoleSessionName}, $link->{$how}{role_session_name} // 'sluice-test', "$name: session");
			is(signer($request), $how eq 'AssumeRole' ? $signer : '', "$name: signed by");
			$signer = 'MADE' . ($signer =~ /^MADE(\d+)/ ? $1 + 1 : 1);
		}
	}
	is($keys->{access_key_id}, $signer, "$name: keys");
	is(scalar @$got, 0, "$name: nothing more is asked");
}

# The container's credential services.
for my $case (@{json->decode(slurp(data('aws/credentials/ecs-tests.json')))->{tests}}) {
	my ($got, $keys, $error) =
		chain({%{$case->{env}}, AWS_EC2_METADATA_DISABLED => 'true'}, '-');
	if (my $url = $case->{result}{Ok}) {
		is($got->[0]{url}, $url, "container: $case->{docs}") or diag explain $error;
	} else {
		my $words = %{$case->{env}} ? qr/\Q$case->{result}{ErrorContains}\E/ : qr/^no AWS credentials/;
		like($error->{message}, $words, "container: $case->{docs}");
	}
}

# Corners of our own.
sub with_files {
	my ($env, $config, $credentials, @profile) = @_;
	my $root = home();
	mkdir "$root/.aws";
	spew("$root/.aws/config", $config);
	spew("$root/.aws/credentials", $credentials);
	return chain({HOME => $root, AWS_EC2_METADATA_DISABLED => 'true', %$env}, '-', @profile);
}
my $static = "aws_access_key_id = FILE\naws_secret_access_key = secret\n";
my %environment = (AWS_ACCESS_KEY_ID => 'ENV', AWS_SECRET_ACCESS_KEY => 'secret');
my ($got, $keys, $error) = with_files({%environment, AWS_PROFILE => 'x'}, '', "[x]\n$static");
is($keys->{access_key_id}, 'ENV', 'AWS_PROFILE does not beat the keys of the environment');
(undef, $keys) = with_files(\%environment, '', "[x]\n$static", 'x');
is($keys->{access_key_id}, 'FILE', 'a profile named by an option does');
(undef, $keys) = with_files({AWS_PROFILE => 'x', AWS_DEFAULT_PROFILE => 'y'}, '', "[x]\n$static");
is($keys->{access_key_id}, 'FILE', 'AWS_PROFILE before AWS_DEFAULT_PROFILE');
(undef, $keys) = with_files({}, "[default]\ncredential_process = false\n", "[default]\n$static");
is($keys->{access_key_id}, 'FILE', 'keys of the credentials file before credential_process');
my $json = '{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"secret"}';
(undef, $keys) = with_files({}, "[default]\ncredential_process = printf %s '$json'\n$static", '');
is($keys->{access_key_id}, 'PROCESS', '… which is before keys of the config file');
is($keys->{expiry}, 0, 'keys without an end');
(undef, undef, $error) = with_files({}, "[default]\ncredential_process = sh -c 'echo one >&2; echo no luck >&2; exit 3'\n", '');
is($error->{status}, 77, 'a process that fails');
like($error->{message}, qr/ended with status 3: no luck$/, '… is quoted');
(undef, undef, $error) = with_files({}, "[default]\ncredential_process = /no/such/program\n", '');
is($error->{status}, 78, 'a process that is not there');
(undef, undef, $error) = with_files({}, "[default]\ncredential_process = printf 'x\n", '');
like($error->{message}, qr/a quote is not closed/, 'a quote that is not closed');
(undef, undef, $error) = with_files({}, "[default]\ncredential_process = echo {\"Version\":2}\n", '');
is($error->{status}, 70, 'a process of another version');
(undef, undef, $error) = with_files({}, "[default]\nrole_arn = arn:x\nsource_profile = default\nmfa_serial = 1\n$static", '');
like($error->{message}, qr/MFA code/, 'no one is there to type a code');
($got) = with_files({}, "[default]\nrole_arn = arn:x\nsource_profile = default\nduration_seconds = 1800\nregion = cn-north-1\n$static", '');
is(form($got->[0]{body})->{DurationSeconds}, 1800, 'duration_seconds');
is($got->[0]{url}, 'https://sts.cn-north-1.amazonaws.com.cn/', 'STS of the region');
(undef, undef, $error) = with_files({AWS_CONTAINER_CREDENTIALS_FULL_URI => 'http://192.0.2.1/'}, '', '');
is($error->{status}, 78, 'container credentials are not asked of just any host');
(undef, undef, $error) = with_files({AWS_CONTAINER_CREDENTIALS_RELATIVE_URI => '/x',
	AWS_CONTAINER_AUTHORIZATION_TOKEN => "a\r\nX-Evil: 1"}, '', '');
like($error->{message}, qr/line break/, 'a token with a line break');
my $file = home() . '/token';
spew($file, 'from-file');
($got) = with_files({AWS_CONTAINER_CREDENTIALS_RELATIVE_URI => '/x', AWS_CONTAINER_AUTHORIZATION_TOKEN =>
	'from-env', AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE => $file}, '', '');
is($got->[0]{headers}{Authorization}, 'from-file', 'the token\'s file beats the token');
($got) = chain({AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE => 'IPv6'}, '-');
is($got->[0]{url}, 'http://[fd00:ec2::254]/latest/api/token', 'metadata over IPv6');
($got, $keys) = with_files({AWS_WEB_IDENTITY_TOKEN_FILE => $file, AWS_ROLE_ARN => 'arn:y', AWS_PROFILE => 'x'}, '', "[x]\n$static");
is(form($got->[0]{body})->{RoleArn}, 'arn:y', 'web identity of the environment before the keys of a profile');
(undef, undef, $error) = with_files({}, "[default]\nlogin_session = arn:z\n", '');
like($error->{message}, qr/aws login/, 'aws login');
(undef, undef, $error) = with_files({AWS_ACCESS_KEY_ID => 'only'}, '', '');
like($error->{message}, qr/AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not/, 'half a key');
done_testing;
