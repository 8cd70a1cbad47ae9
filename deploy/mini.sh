#!/bin/sh
# Builds the mini-program for a desktop browser into miniprogram_stub/dist; needs Node 20 or newer.
set -eu
cd "$(dirname "$0")/../miniprogram_stub"

if ! command -v npm >/dev/null; then
    echo "make mini: install Node 20 or newer first (it brings npm)" >&2
    exit 1
fi
npm ci --silent
npm run --silent build
echo "make mini: done. With 'make serve' running, open http://127.0.0.1:8000/dev/mini/"
