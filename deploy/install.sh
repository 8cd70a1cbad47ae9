#!/bin/sh
# From the unpacked bundle, without internet access: ./install.sh
# Needs Python 3.11 to 3.13 with venv, nothing else. Then: deploy/portal --help
set -eu
cd "$(dirname "$0")"
[ -d wheels ] || cd ..
if [ ! -d wheels ]; then
    echo "There is no folder wheels/ here: this is not an unpacked bundle." >&2
    exit 1
fi
deploy/environment.sh
if [ "$(id -u)" = 0 ] &&
    ! setpriv --reuid=65534 --regid=65534 --clear-groups sh -c ".venv/bin/python -c ''" 2>/dev/null; then
    echo "Only root may run $(readlink -f .venv/bin/python). Choose another Python, for instance:" >&2
    echo "  rm -r .venv; PYTHON=/usr/bin/python3 ./install.sh" >&2
    exit 1
fi
echo "Installed. Next:"
echo "  to look at it:   deploy/portal serve --prepare"
echo "  for real use:    settings as in deploy/env.example, then deploy/portal init"
