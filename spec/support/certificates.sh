#!/bin/sh
# Makes the certificates of the fault server in DIR, unless they are there already:
#   ca.pem           the authority to trust
#   good.pem         for localhost, signed by the authority
#   expired.pem      the same, but its time is over
#   wrong_host.pem   for another name, signed by the authority
#   self_signed.pem  for localhost, signed by nobody
#   client.pem       for a client that has to show who it is
# Each file but ca.pem holds a private key followed by its certificate.
#
# "openssl ca" signs, and not the shorter "openssl x509 -req": before OpenSSL 3.4 only the former can
# set the start and the end of a certificate, which the expired one needs.
set -eu

if [ $# -ne 1 ]; then
	echo "usage: $0 DIR" >&2
	exit 2
fi
mkdir -p "$1"
cd "$1"

# Two servers that start at the same time must not mix their certificates.
if command -v flock >/dev/null; then
	exec 9>lock
	flock 9
fi
[ ! -f ca.pem ] || exit 0

work=$(mktemp -d ./work.XXXXXX)
trap 'rm -rf "$work"' EXIT
: >"$work/index"
cat >"$work/ca.conf" <<CONF
[ca]
default_ca = authority
[authority]
database = $work/index
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
CONF

log() {
	"$@" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}

# request COMMON_NAME EXTENSION...: a new key, and a request for a certificate (or, with -x509, the certificate itself)
request() {
	common_name=$1
	shift
	log openssl req -config "$work/ca.conf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$common_name" "$@"
}

# signed FILE START END COMMON_NAME ALTERNATIVE_NAMES
signed() {
	request "$4" -new -keyout "$work/key" -out "$work/csr" -addext "subjectAltName=$5"
	log openssl ca -config "$work/ca.conf" -batch -notext -cert "$work/ca.pem" -keyfile "$work/ca.key" \
		-startdate "$2" -enddate "$3" -in "$work/csr" -out "$work/crt"
	cat "$work/key" "$work/crt" >"$1"
}

local_names=DNS:localhost,IP:127.0.0.1
start=20200101000000Z
end=20491231235959Z

request "Fault server test authority" -x509 -days 7300 -keyout "$work/ca.key" -out "$work/ca.pem" \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
signed good.pem $start $end localhost $local_names
signed expired.pem $start 20210101000000Z localhost $local_names
signed wrong_host.pem $start $end elsewhere.example DNS:elsewhere.example
signed client.pem $start $end client DNS:client.example
request localhost -x509 -days 7300 -keyout "$work/key" -out "$work/crt" -addext "subjectAltName=$local_names"
cat "$work/key" "$work/crt" >self_signed.pem

# Last, because its presence says that all the others are there.
mv "$work/ca.pem" ca.pem
