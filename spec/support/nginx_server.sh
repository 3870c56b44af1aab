#!/bin/sh
# nginx with Lua for a test, on a free loopback port: started by nginx.lua beside this file.
#
#   nginx_server.sh DIR
#
# NGINX_CONFIGURATION holds the configuration, with @PORT@ and @DIR@ where these are needed. Ends when standard input
# does, so that it never outlives the test.
set -u
umask 077

dir=$1
modules=${NGINX_MODULES:-/usr/lib/nginx/modules}
PATH=$PATH:/usr/sbin:/sbin
unset LUA_PATH LUA_CPATH LUA_INIT # nginx has its own Lua
# OpenResty has Lua built in.
if nginx -V 2>&1 | grep -Eq -e '--add-module=[^ ]*(ngx_lua|lua-nginx-module)'; then modules=; fi
nginx_pid=

finish() {
	trap '' INT TERM HUP
	if [ -n "$nginx_pid" ]; then
		kill -TERM "$nginx_pid" 2>/dev/null
		wait "$nginx_pid" 2>/dev/null
	fi
	exit "$1"
}
trap 'finish 0' INT TERM HUP

exec 3<&0
(
	cat <&3 >/dev/null
	kill -TERM $$ 2>/dev/null || kill -TERM "$(cat "$dir/nginx.pid")" 2>/dev/null
) >/dev/null 2>&1 &
exec 3<&-

mkdir "$dir/temp"
{
	printf '%s' "${modules:+load_module $modules/ndk_http_module.so; load_module $modules/ngx_http_lua_module.so;}"
	if [ "$(id -u)" = 0 ]; then echo 'user root;'; fi
} >"$dir/main.conf"

attempt=0
while :; do
	attempt=$((attempt + 1))
	port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
	printf '%s' "$NGINX_CONFIGURATION" | sed -e "s|@PORT@|$port|g" -e "s|@DIR@|$dir|g" >"$dir/nginx.conf"
	: >"$dir/error.log"
	nginx -p "$dir/" -c "$dir/nginx.conf" -e "$dir/error.log" -g 'daemon off;' >"$dir/output" 2>&1 &
	nginx_pid=$!
	# The pid file is written once the sockets listen. On a port that is taken nginx would try again for seconds.
	until [ -s "$dir/nginx.pid" ]; do
		if grep -q '\[emerg\]' "$dir/output" "$dir/error.log"; then break; fi
		sleep 0.01 2>/dev/null || sleep 1
	done
	if [ -s "$dir/nginx.pid" ]; then break; fi
	kill -KILL "$nginx_pid" 2>/dev/null
	wait "$nginx_pid" 2>/dev/null
	nginx_pid=
	if [ "$attempt" -ge 20 ] || ! grep -q 'bind() to .* failed' "$dir/error.log"; then
		cat "$dir/output" "$dir/error.log" >&2
		exit 1
	fi
done

printf '%s\n' "url=http://127.0.0.1:$port" "port=$port" "pid=$nginx_pid" "log=$dir/error.log" >"$dir/ready"
wait "$nginx_pid"
status=$?
nginx_pid=
finish "$status"
