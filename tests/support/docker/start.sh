#!/bin/bash
# Installs and starts a Docker engine for the tests on a Debian machine, and builds their postgres image once.
#
#   . tests/support/docker/start.sh      exports DOCKER_HOST and what testcontainers needs to know
#
# Idempotent. Needs root. The engine keeps everything in $DOCKER_TESTS_DIR; end it with: kill "$(cat "$DOCKER_TESTS_DIR/pid")"
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
major="${PG_MAJOR:-15}"
export DOCKER_TESTS_DIR="${DOCKER_TESTS_DIR:-${TMPDIR:-/tmp}/pipeline-docker}"
export PIPELINE_POSTGRES_IMAGE="${PIPELINE_POSTGRES_IMAGE:-local/postgres:$major}"
export DOCKER_HOST="unix://$DOCKER_TESTS_DIR/docker.sock"
# The reaper's image cannot be pulled without a registry; this project sweeps by label instead.
export TESTCONTAINERS_RYUK_DISABLED=true

install_missing() {
  local packages=()
  command -v dockerd >/dev/null || packages+=(docker.io)
  command -v iptables >/dev/null || packages+=(iptables)
  [ -x "/usr/lib/postgresql/$major/bin/postgres" ] || packages+=("postgresql-$major")
  [ ${#packages[@]} -eq 0 ] && return
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

start_engine() {
  mkdir -p "$DOCKER_TESTS_DIR"
  chmod 700 "$DOCKER_TESTS_DIR"
  docker info >/dev/null 2>&1 && return
  setsid nohup dockerd --data-root "$DOCKER_TESTS_DIR/data" --exec-root "$DOCKER_TESTS_DIR/exec" \
    -p "$DOCKER_TESTS_DIR/pid" -H "$DOCKER_HOST" > "$DOCKER_TESTS_DIR/log" 2>&1 < /dev/null &
  for _ in $(seq 150); do
    docker info >/dev/null 2>&1 && return
    sleep 0.2
  done
  tail -20 "$DOCKER_TESTS_DIR/log" >&2
  return 1
}

install_missing
start_engine
docker image inspect "$PIPELINE_POSTGRES_IMAGE" >/dev/null 2>&1 ||
  PG_MAJOR="$major" "$here/build-image.sh" "$PIPELINE_POSTGRES_IMAGE"
