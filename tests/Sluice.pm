# SPDX-License-Identifier: ISC
# For data-driven tests in Perl: where things are, running a program in a fresh home with nothing
# inherited, comparing JSON.
package Sluice;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IPC::Open3;
use JSON::PP;
our @EXPORT = qw($tests $bin $build data json slurp spew run home);

our $tests = dirname(abs_path(__FILE__));
our $bin = $ENV{SLUICE_BIN} // "$tests/../bin";
our $build = $ENV{SLUICE_BUILD} // "$tests/../build";
my %kept = map { $_ => $ENV{$_} } grep { exists $ENV{$_} } qw(PATH ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS);

# The published data: beside the project when it is there, else our copy.
sub data {
	my ($path) = @_;
	for my $place ("$tests/../../shared/data", "$tests/data") {
		return "$place/$path" if -e "$place/$path";
	}
	die "no such data: $path\n";
}

sub slurp {
	my ($file) = @_;
	open my $in, '<:raw', $file or die "cannot read $file: $!\n";
	local $/;
	return scalar(<$in>) // '';
}

sub spew {
	my ($file, $text) = @_;
	open my $out, '>:raw', $file or die "cannot write $file: $!\n";
	print $out $text;
	close $out or die "cannot write $file: $!\n";
}

sub json { return JSON::PP->new->utf8->canonical->allow_nonref }

# A fresh directory.
sub home { return tempdir(CLEANUP => 1) }

# run({NAME => VALUE}, INPUT, COMMAND...): (status, stdout, stderr).
sub run {
	my ($env, $input, @command) = @_;
	my $dir = home();
	spew("$dir/in", $input);
	my $pid = fork // die "cannot fork: $!\n";
	if (!$pid) {
		%ENV = (HOME => $dir, %kept, LC_ALL => 'C', TZ => 'UTC', SLUICE_RUN => 'test',
			AWS_EC2_METADATA_DISABLED => 'true', %$env);
		delete $ENV{$_} for grep { !defined $ENV{$_} } keys %ENV;
		open STDIN, '<', "$dir/in" or die;
		open STDOUT, '>', "$dir/out" or die;
		open STDERR, '>', "$dir/err" or die;
		exec @command or die "cannot run $command[0]: $!\n";
	}
	waitpid $pid, 0;
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($status, slurp("$dir/out"), slurp("$dir/err"));
}
1;
