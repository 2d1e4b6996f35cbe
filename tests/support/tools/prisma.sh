#!/bin/bash
# Installs Prisma's command line, its adapter for PostgreSQL and its schema engine in WebAssembly into
# $PIPELINE_TOOLS (default: .venv/tools in the checkout).
#
# Idempotent. Needs Node.js 18.18 or newer with npm. No install script runs, so nothing is fetched but packages.
# The adapter is newer than the command line: with one of the same version, `migrate deploy` does not work.
set -euo pipefail

wanted=(prisma@6.19.3 @prisma/adapter-pg@7.10.0
  @prisma/schema-engine-wasm@7.10.0-4.0edf323efd1d98336f3f0a68684b56f689b900d3)
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
folder="${PIPELINE_TOOLS:-$root/.venv/tools}/prisma"

if [ "$(cat "$folder/installed" 2>/dev/null)" = "${wanted[*]}" ]; then
  echo 'prisma is there'
  exit 0
fi
command -v npm >/dev/null || { echo 'Prisma is installed with npm, which is not on PATH' >&2; exit 1; }
mkdir -p "$folder"
cd "$folder"
echo '{"private": true}' > package.json
npm install --ignore-scripts --no-save --no-audit --no-fund --loglevel=error "${wanted[@]}"
echo "${wanted[*]}" > installed
