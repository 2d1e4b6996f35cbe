#!/bin/bash
# Makes a postgres image out of this machine's Debian PostgreSQL, since tests may reach no registry.
#
#   build-image.sh [TAG]      PG_MAJOR chooses the installation (15)
#
# The image keeps the official image's contract: POSTGRES_USER, _PASSWORD, _DB, _INITDB_ARGS, PGDATA.
set -euo pipefail

major="${PG_MAJOR:-15}"
tag="${1:-local/postgres:$major}"
server="/usr/lib/postgresql/$major"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
root="$work/root"

mkdir -p "$root"/{etc,tmp,root,bin,usr/bin,usr/local/bin,usr/lib/locale,var/run/postgresql} \
  "$root"/docker-entrypoint-initdb.d "$root"/var/lib/postgresql/data
chmod 1777 "$root/tmp"

tools=()
for name in bash sh id ls cat cp mv rm mkdir chown chmod find grep sed head tail cut tr sort wc env sleep date \
  touch stat mktemp basename dirname gzip tar setpriv true false test printf tee; do
  tools+=("$(type -P "$name")")
done
mapfile -t programs < <(find "$server" -type f \( -path '*/bin/*' -o -name '*.so' \) ! -name 'llvmjit*')
mapfile -t libraries < <(
  for file in "${tools[@]}" "${programs[@]}"; do ldd "$file" 2>/dev/null || :; done | grep -o '/[^ ]*' | sort -u
)
cp -L --parents "${tools[@]}" "${programs[@]}" "${libraries[@]}" "$root"
for shell in sh bash; do
  [ -e "$root/bin/$shell" ] || cp -L "/bin/$shell" "$root/bin/$shell"
done
cp -r --parents "/usr/share/postgresql/$major" /usr/share/zoneinfo /usr/lib/locale/C.utf8 "$root"
find "$root/usr/share/postgresql" -xtype l -delete
sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" "$root/usr/share/postgresql/$major/postgresql.conf.sample"
printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' 'postgres:x:999:999::/var/lib/postgresql:/bin/bash' > "$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'postgres:x:999:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
install -m 755 "$here/entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"

tar -C "$root" --owner=0 --group=0 --sort=name --mtime=@0 -c . | docker import \
  -c "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$server/bin" \
  -c 'ENV LANG=C.UTF-8' -c "ENV PG_MAJOR=$major" -c 'ENV PGDATA=/var/lib/postgresql/data' \
  -c 'VOLUME /var/lib/postgresql/data' -c 'EXPOSE 5432' \
  -c 'ENTRYPOINT ["docker-entrypoint.sh"]' -c 'CMD ["postgres"]' - "$tag" > /dev/null
# `docker import` cannot set the stop signal, and without SIGINT a stop waits for connected clients.
printf 'FROM %s\nSTOPSIGNAL SIGINT\n' "$tag" | DOCKER_BUILDKIT=0 docker build -q -t "$tag" - 2>/dev/null
