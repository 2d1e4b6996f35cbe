#!/bin/bash
# Builds golang-migrate with its PostgreSQL driver into $PIPELINE_TOOLS (default: .venv/tools in the checkout).
#
# Idempotent. Needs Go 1.24 or newer and its module proxy; nothing is left outside of that folder and Go's caches.
set -euo pipefail

version=4.19.1
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
folder="${PIPELINE_TOOLS:-$root/.venv/tools}/migrate"

if [ "$("$folder/migrate" -version 2>&1 || :)" = "$version" ]; then
  echo "migrate $version is there"
  exit 0
fi
command -v go >/dev/null || { echo 'golang-migrate is built with Go 1.24 or newer, which is not on PATH' >&2; exit 1; }
mkdir -p "$folder"
# The program learns its own number only from this flag.
GOBIN="$(cd "$folder" && pwd)" GOFLAGS=-buildvcs=false go install -tags postgres -ldflags "-X main.Version=$version" \
  "github.com/golang-migrate/migrate/v4/cmd/migrate@v$version"
echo "migrate $version is built"
