#!/bin/bash
# Everything for an office without internet access: build/jiuzhutong-VERSION.tar.gz, holding this
# tree, the packages for Python 3.11 to 3.13 on this kind of machine, and install.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/environment.sh
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -1)
name=jiuzhutong-$version
stage=build/$name
rm -rf "$stage" "build/$name.tar.gz"
mkdir -p "$stage/wheels"

tree() {
    if git rev-parse --verify -q HEAD >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . -type f -not -path './.*' -not -path './build/*' -not -path './deploy/tls/*' \
            -not -path './deploy/env' -not -path './deploy/.env' -not -path './deploy/backups/*' -not -path '*/__pycache__/*' -print0
    fi
}
tree | tar c --null --files-from=- | tar x -C "$stage"

for python in 3.11 3.12 3.13; do
    echo "Packages for Python $python…"
    .venv/bin/python -m pip download -qq --disable-pip-version-check --require-hashes --no-deps \
        --only-binary :all: --python-version "$python" -d "$stage/wheels" -r requirements.lock
done
cp deploy/install.sh "$stage/install.sh"
tar cz -C build --owner=0 --group=0 --sort=name -f "build/$name.tar.gz" "$name"
rm -rf "$stage"
(cd build && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
ls -lh "build/$name.tar.gz"
