#!/bin/sh
# nginx with the address of the web processes (DUNGHEN_WEB) and of the name server of this network.
set -eu
web=${DUNGHEN_WEB:-web:8000}
names=$(awk '/^nameserver/ { print ($2 ~ /:/) ? "[" $2 "]" : $2 }' /etc/resolv.conf | tr '\n' ' ')
resolver=${names:+resolver $names valid=5s;}
sed -e "s|^    RESOLVER$|    $resolver|" -e "s|http://WEB|http://$web|" /etc/dunghen/nginx.conf > /tmp/nginx.conf
exec nginx -c /tmp/nginx.conf -g 'daemon off;'
