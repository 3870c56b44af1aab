#!/bin/sh
# B7: nginx with one worker, 100 connections through a Lua handler to an upstream that takes 20 ms, and a paced /ping
# beside them. The reference is proxy_pass in the same nginx, in turn with it.
#
#   bench/b7.sh [ROUNDS [SECONDS]]
#
# Prints each measurement, then a row of medians. Needs wrk, and the tree built for LuaJIT.
set -eu
rounds=${1:-3}
seconds=${2:-5}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
modules=${NGINX_MODULES:-/usr/lib/nginx/modules}
PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d)
pids=

finish() {
	trap '' EXIT INT TERM HUP
	for pid in $pids; do
		kill -TERM "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

command -v wrk >/dev/null || { echo "b7: wrk is missing (apt install wrk)" >&2; exit 1; }
make -s -C "$root" LUA=luajit

user=
[ "$(id -u)" -ne 0 ] || user='user root;'

# Starts nginx with bench/nginx/$1.conf on a free port; $2: host and port of its upstream. Sets pid and port.
start() {
	mkdir -p "$dir/$1/temp"
	while :; do
		port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
		sed -e "s|@MODULES@|$modules|" -e "s|@USER@|$user|" -e "s|@ROOT@|$root|g" -e "s|@PORT@|$port|" \
			-e "s|@UPSTREAM@|$2|" "$root/bench/nginx/$1.conf" >"$dir/$1/nginx.conf"
		nginx -p "$dir/$1/" -c "$dir/$1/nginx.conf" -e "$dir/$1/error.log" -g 'daemon off;' 2>"$dir/output" &
		pid=$!
		pids="$pids $pid"
		until [ -s "$dir/$1/nginx.pid" ]; do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
		[ ! -s "$dir/$1/nginx.pid" ] || return 0
		grep -q 'bind() to .* failed' "$dir/output" || { cat "$dir/output" >&2; exit 1; }
	done
}

start upstream -
url=http://127.0.0.1:$port
export MISTRAL_API_KEY=bench-key MISTRAL_SERVER_URL="$url"
start nginx "${url#http://}"
worker=$(pgrep -P "$pid")

# Nanoseconds on a processor, of all threads of the worker.
cpu() {
	cat /proc/"$worker"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

ask() { # $1: connections, $2: pause, $3: URL
	wrk -t1 -c"$1" -d"${4:-$seconds}s" -s "$root/bench/nginx/report.lua" "$3" -- "$2" | sed -n 's/^report //p'
}

# $1: name, $2: URL
measure() {
	ask 5 5 "http://127.0.0.1:$port/ping" >"$dir/ping" &
	pinger=$!
	before=$(cpu)
	load=$(ask 100 0 "$2")
	after=$(cpu)
	wait "$pinger"
	printf '%s %s\n' "$load" "$(cat "$dir/ping")" |
		awk -v name="$1" -v ns=$((after - before)) -v s="$seconds" '{
			printf "%-7s %6d /s  p50 %6.2f  p99 %6.2f ms  %6.1f us CPU  /ping p99 %5.2f max %6.2f ms  failed %d\n",
				name, $1, $2, $3, ns / 1000 / ($1 * s), $8, $9, $5 + $10 }' | tee -a "$dir/lines"
}

ask 100 0 "http://127.0.0.1:$port/lua" 1 >/dev/null
ask 100 0 "http://127.0.0.1:$port/proxy" 1 >/dev/null
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	measure direct "$url/v1/workflows/hello"
	measure proxy "http://127.0.0.1:$port/proxy"
	measure lua "http://127.0.0.1:$port/lua"
done

awk '
	function median(name, column,    list, n, i, j, t) {
		n = split(values[name, column], list, " ")
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && list[j - 1] + 0 > list[j] + 0; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
		return list[int((n + 1) / 2)]
	}
	{ for (i = 2; i <= NF; i++) values[$1, i] = values[$1, i] " " $i }
	END {
		printf "B7  rate %.3f x (>= 0.97)  added p50 %.2f ms (<= 1)  /ping p99 %.2f ms (<= 8)  CPU %.2f x (<= 2)\n",
			median("lua", 2) / median("proxy", 2), median("lua", 5) - median("direct", 5), median("lua", 14),
			median("lua", 9) / median("proxy", 9)
	}' "$dir/lines"
