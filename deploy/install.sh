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
echo "Installed. Next:"
echo "  to look at it:   deploy/portal serve --prepare"
echo "  for real use:    settings as in deploy/env.example, then deploy/portal init"
