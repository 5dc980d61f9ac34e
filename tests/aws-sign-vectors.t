#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# The published Signature Version 4 vectors, through the aws-sign binary: the suite of aws-c-auth, two
# cases of smithy-rs, and what botocore signed. All requests are read as the folders have them.
use strict;
use warnings;
use Encode qw(decode);
use File::Basename qw(basename dirname);
use File::Spec::Functions qw(rel2abs);
use IPC::Open2;
use JSON::PP;
use Test::More;

my $tests = dirname(rel2abs(__FILE__));
my $bin = $ENV{SLUICE_BIN} || "$tests/../bin";
my $data = -d "$tests/../../shared/data/aws" ? "$tests/../../shared/data/aws" : "$tests/data/aws";
my $json = JSON::PP->new->utf8->canonical;
my %clean = map { $_ => $ENV{$_} } grep { /^(PATH|[A-Z]*SAN_OPTIONS)$/ && defined $ENV{$_} } keys %ENV;

sub slurp {
	my $file = shift;
	open my $in, '<:raw', $file or die "$file: $!\n";
	local $/;
	return <$in>;
}

sub text_of { decode('UTF-8', shift, Encode::FB_CROAK) }

# A raw request, with lines that go on in the next ones, as a record.
sub record_of {
	my ($head, $body) = split /\r?\n\r?\n/, text_of(slurp(shift)), 2;
	my ($first, @lines) = split /\r?\n/, $head;
	my ($method, $target) = $first =~ /^(\S+) (.*) HTTP\/1\.1$/ or die "request line: $first\n";
	my (@headers, $host);
	for my $line (@lines) {
		if ($line =~ /^\s/) {
			$headers[-1]{value} .= "\n$line";
		} else {
			my ($name, $value) = split /:/, $line, 2;
			push @headers, {name => $name, value => $value};
			$host = $value if lc $name eq 'host';
		}
	}
	my $record = {kind => 'http-request', method => $method, url => "https://$host$target",
		headers => \@headers};
	$record->{postData} = {mimeType => '', text => $body} if defined $body && length $body;
	return $record;
}

# The other way round.
sub raw_of {
	my $r = shift;
	my ($target) = $r->{url} =~ m{^https://[^/]+(.*)$}s;
	return join("\n", "$r->{method} $target HTTP/1.1",
		map { "$_->{name}:$_->{value}" } @{$r->{headers}}) .
		"\n\n" . ($r->{postData} ? $r->{postData}{text} : '');
}

sub aws_sign {
	my ($keys, $record, @options) = @_;
	local %ENV = (%clean, AWS_ACCESS_KEY_ID => $keys->{access_key_id},
		AWS_SECRET_ACCESS_KEY => $keys->{secret_access_key},
		$keys->{token} ? (AWS_SESSION_TOKEN => $keys->{token}) : ());
	my $pid = open2(my $out, my $in, "$bin/aws-sign", @options);
	print $in $json->encode($record);
	close $in;
	my $line = do { local $/; <$out> };
	waitpid $pid, 0;
	die "aws-sign @options: status $?\n" if $? || !defined $line;
	return $json->decode($line);
}

sub without_final_newlines {
	my $text = shift;
	$text =~ s/\n+\z//;
	return $text;
}

sub same_text {
	my ($got, $file, $what) = @_;
	is(without_final_newlines($got), without_final_newlines(text_of(slurp($file))), $what);
}

sub crt_case {
	my ($folder, $form) = @_;
	my $context = $json->decode(slurp("$folder/context.json"));
	my $date = $context->{timestamp} =~ s/[-:]//gr;
	my @options = ('--explain', '-s', $context->{service}, '-r', $context->{region}, '-d', $date);
	push @options, '--no-normalize' unless $context->{normalize};
	push @options, '--unsigned-token' if $context->{omit_session_token};
	push @options, '--content-sha256' if $context->{sign_body};
	push @options, '-e', $context->{expiration_in_seconds} if $form eq 'query';
	my $signed = aws_sign($context->{credentials}, record_of("$folder/request.txt"), @options);
	my ($signature) = raw_of($signed) =~ /Signature=([0-9a-f]{64})/;
	my $files = "$folder/$form";
	same_text($signed->{signing}{canonical_request}, "$files-canonical-request.txt",
		'canonical request');
	same_text($signed->{signing}{string_to_sign}, "$files-string-to-sign.txt", 'string to sign');
	same_text($signature, "$files-signature.txt", 'signature');
	same_text(raw_of($signed), "$files-signed-request.txt", 'signed request');
}

my @folders = grep { -d } glob "$data/sigv4-crt/*";
cmp_ok(scalar @folders, '>=', 38, 'the suite is there');
for my $folder (@folders) {
	for my $form ('header', 'query') {
		subtest basename($folder) . ", $form" => sub { crt_case($folder, $form) };
	}
}

my $example = {access_key_id => 'AKIDEXAMPLE',
	secret_access_key => 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'};

sub authorization {
	my ($value) = map { $_->{value} } grep { lc $_->{name} eq 'authorization' } @{$_[0]{headers}};
	return $value;
}

# Service and region come from the host, the date that is there is replaced.
subtest 'double-url-encode' => sub {
	my $folder = "$data/sigv4-extra/double-url-encode";
	my $signed = aws_sign($example, record_of("$folder/request.txt"), '--explain',
		'-d', '20210511T154045Z');
	same_text($signed->{signing}{canonical_request}, "$folder/header-canonical-request.txt",
		'canonical request');
	same_text($signed->{signing}{string_to_sign}, "$folder/header-string-to-sign.txt",
		'string to sign');
	my ($want) = slurp("$folder/header-signed-request.txt") =~ /^Authorization: (.*)$/m;
	is(authorization($signed), $want, 'authorization');
};

# The case is wrong in itself: its canonical request has the date of another case (20210511T154045Z),
# its request and its signed request have 20150830T123600Z. What they agree on is the path.
subtest 'double-encode-path' => sub {
	my $folder = "$data/sigv4-extra/double-encode-path";
	my $keys = {access_key_id => 'ANOTREAL',
		secret_access_key => 'notrealrnrELgWzOk3IfjzDKtFBhDby'};
	my $signed = aws_sign($keys, record_of("$folder/request.txt"), '--explain',
		'-s', 'service', '-r', 'us-east-1', '-d', '20150830T123600Z');
	is((split /\n/, $signed->{signing}{canonical_request})[1],
		(split /\n/, slurp("$folder/header-canonical-request.txt"))[1], 'path');
	my ($want) = slurp("$folder/header-signed-request.txt") =~ /^Authorization:(.*)$/m;
	is(authorization($signed), $want, 'authorization');
};

# Content-Length is left out: botocore adds it after it has signed.
sub golden_record {
	my $case = shift;
	my @headers = map { {name => $_, value => $case->{headers}{$_}} }
		grep { !/^(content-length|authorization)$/i } sort keys %{$case->{headers}};
	my $record = {kind => 'http-request', method => $case->{method}, url => $case->{url},
		headers => \@headers};
	$record->{postData} = {mimeType => $case->{headers}{'Content-Type'}, text => $case->{body}}
		if length $case->{body};
	return $record;
}

my %signing_name = (elb => 'elasticloadbalancing', elbv2 => 'elasticloadbalancing');
my $golden = $json->decode(slurp("$data/golden-requests/requests.json"));
for my $case (@{$golden->{cases}}) {
	my $name = "botocore: $case->{service} $case->{operation} $case->{url}";
	my $service = $signing_name{$case->{service}} || $case->{service};
	next unless defined $case->{authorization}; # AssumeRoleWithWebIdentity is not signed
	my @options = ('--explain', '-d', '20150830T123600Z');
	push @options, '-s', $service, '-r', $case->{region} if $case->{url} =~ m{^http://127};
	my $signed = aws_sign({%$golden, token => $case->{session_token}}, golden_record($case), @options);
	is($signed->{signing}{canonical_request}, $case->{canonical_request}, "$name: canonical request");
	is(authorization($signed), $case->{authorization}, $name);
}

done_testing();
