#!/bin/sh
# nginx with the address of the web processes (DUNGHEN_WEB) and of the name server.
set -eu
web=${DUNGHEN_WEB:-web:8000}
# The first one alone: that of this network. Others know no names of containers, and nginx asks them in turn.
name_server=$(awk '/^nameserver/ { print ($2 ~ /:/) ? "[" $2 "]" : $2; exit }' /etc/resolv.conf)
resolver=${name_server:+resolver $name_server valid=5s;}
sed -e "s|^    RESOLVER$|    $resolver|" -e "s|http://WEB|http://$web|" /etc/dunghen/nginx.conf > /tmp/nginx.conf
exec nginx -c /tmp/nginx.conf -g 'daemon off;'
