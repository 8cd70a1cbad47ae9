#!/bin/sh
# Everything on this machine: deploy/serve.sh PORT DATA. Ctrl-C stops all of it.
set -eu
port=$1 data=$2
here=$(dirname "$0")
"$here/portal" --data "$data" init --demonstration
exec "$here/portal" --data "$data" serve --port "$port"
