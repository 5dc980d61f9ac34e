#!/bin/sh
# SPDX-License-Identifier: ISC
# First boot of an instance: makes the user, writes the environment file, installs the software.
# boot-script(1) puts the values behind the line #!/bin/sh, as shell variables that are always set,
# perhaps empty:
#	NAME AMI_ENV AMI_REGION AMI_BUILD AMI_USER AMI_GROUP	from the record
#	ENVIRONMENT						the text of the environment file
#	AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY			the instance's keys; empty: its role
#	AMI_INSTALLER AMI_INSTALLER_URL AMI_INSTALLER_SHA256	what to install; empty: nothing
set -eu
umask 077
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

env_file=/etc/sluice.env
state=/var/lib/sluice
log=/var/log/sluice-boot.log

say() {
	printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

tell_failure() {
	status=$?
	[ "$status" -eq 0 ] || echo "sluice: first boot failed with status $status, see $log" >&3
}

make_user() {
	if id -u -- "$AMI_USER" >/dev/null 2>&1; then
		say 'the user is there'
	else
		say 'making the user'
		# -U fails where a group of this name exists already
		useradd -m -s /bin/sh -U -- "$AMI_USER" || useradd -m -s /bin/sh -g "$AMI_USER" -- "$AMI_USER"
	fi
}

write_environment() {
	say "writing $env_file"
	printf '%s' "$ENVIRONMENT" >"$env_file.new"
	chown -- "$AMI_USER:" "$env_file.new"
	chmod 0640 "$env_file.new"
	mv -f "$env_file.new" "$env_file"
}

# An option for `curl -K -`: no value is ever an argument, where ps(1) would show it.
option() {
	printf '%s = "' "$1"
	printf '%s' "$2" | sed 's/[\\"]/\\&/g'
	printf '"\n'
}

curl_quietly() {
	curl --fail --silent --show-error --location --proto '=https,http' --proto-redir '=https' \
		--connect-timeout 10 --max-time 900 --retry 5 "$@" --config -
}

metadata() {
	{
		option header "X-aws-ec2-metadata-token: $session"
		option url "http://169.254.169.254/latest/meta-data/iam/security-credentials/$1"
	} | curl_quietly
}

member() {
	printf '%s\n' "$keys" | sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p'
}

# Sets id, secret and token: the instance's own keys, else those of its role.
find_keys() {
	id=$AWS_ACCESS_KEY_ID secret=$AWS_SECRET_ACCESS_KEY token=
	[ -z "$id" ] || return 0
	session=$(option url 'http://169.254.169.254/latest/api/token' | curl_quietly --request PUT \
		--header 'X-aws-ec2-metadata-token-ttl-seconds: 300')
	role=$(metadata '')
	keys=$(metadata "$role")
	id=$(member AccessKeyId) secret=$(member SecretAccessKey) token=$(member Token)
}

# The hash of nothing is the body's; curl before 7.88 does not send it by itself.
fetch_from_s3_by_curl() {
	find_keys
	{
		option user "$id:$secret"
		option header 'x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
		[ -z "$token" ] || option header "x-amz-security-token: $token"
		option url "$AMI_INSTALLER_URL"
	} | curl_quietly --aws-sigv4 "aws:amz:$AMI_REGION:s3" --output "$1"
}

fetch_from_s3_by_aws() (
	if [ -n "$AWS_ACCESS_KEY_ID" ]; then
		export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	fi
	AWS_DEFAULT_REGION=$AMI_REGION
	export AWS_DEFAULT_REGION
	aws s3 cp --only-show-errors "$AMI_INSTALLER" "$1"
)

fetch() {
	case $AMI_INSTALLER in
	s3://*)
		if command -v aws >/dev/null 2>&1; then
			fetch_from_s3_by_aws "$1"
		else
			fetch_from_s3_by_curl "$1"
		fi
		;;
	*)
		if command -v curl >/dev/null 2>&1; then
			option url "$AMI_INSTALLER_URL" | curl_quietly --output "$1"
		else
			printf '%s\n' "$AMI_INSTALLER_URL" | wget --quiet --tries 5 --timeout 60 \
				--output-document "$1" --input-file -
		fi
		;;
	esac
}

check() {
	[ -n "$AMI_INSTALLER_SHA256" ] || return 0
	printf '%s  %s\n' "$AMI_INSTALLER_SHA256" "$1" | sha256sum -c -
}

# An install.sh, or an archive that has one at its top or in its only directory.
unpack() {
	case ${AMI_INSTALLER%%[?#]*} in
	*.sh) cp "$1" "$2/install.sh" ;;
	*.zip) unzip -q "$1" -d "$2" ;;
	*) tar -xf "$1" -C "$2" --no-same-owner ;;
	esac
	if [ ! -f "$2/install.sh" ]; then
		set -- "$1" "$2" "$2"/*/install.sh
		if [ $# -ne 3 ] || [ ! -f "$3" ]; then
			say 'the installer has no install.sh, or several'
			return 1
		fi
		work=${3%/*}
	fi
}

run_as_user() (
	set -a
	# shellcheck source=/dev/null
	. "$env_file"
	HOME=$(getent passwd "$AMI_USER" | cut -d : -f 6)
	USER=$AMI_USER LOGNAME=$AMI_USER
	cd "$work"
	umask 022
	exec runuser -u "$AMI_USER" -- ./install.sh 3>&-
)

install_software() {
	work=$state/installer
	rm -rf "$work"
	mkdir -p "$work"
	chmod 0755 "$state"
	say 'fetching the installer'
	fetch "$state/installer.file"
	check "$state/installer.file"
	unpack "$state/installer.file" "$work"
	rm -f "$state/installer.file"
	chmod u+x "$work/install.sh"
	chown -R -- "$AMI_USER:" "$state/installer"
	say 'running install.sh'
	run_as_user
}

mkdir -p /etc /var/log
exec 3>&2 >>"$log" 2>&1
trap tell_failure EXIT
say "first boot of $NAME, $AMI_ENV, build $AMI_BUILD, in $AMI_GROUP"
make_user
write_environment
if [ -n "$AMI_INSTALLER" ]; then
	install_software
fi
say 'done'
