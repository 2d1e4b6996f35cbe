#!/bin/bash
# Fetches the free Flyway with Maven and compiles a small launcher, into $PIPELINE_TOOLS (default: .venv/tools in
# the checkout). The program there, flyway/flyway, takes the arguments of Flyway's own command line.
#
# Idempotent. Needs a JDK 17 or newer and Maven.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/flyway" && pwd)"
root="$(cd "$here/../../../.." && pwd)"
folder="${PIPELINE_TOOLS:-$root/.venv/tools}/flyway"
wanted="$(cat "$here"/pom.xml "$here"/*.java | sha256sum)"

if [ "$(cat "$folder/installed" 2>/dev/null)" = "$wanted" ]; then
  echo 'flyway is there'
  exit 0
fi
for program in mvn javac; do
  command -v "$program" >/dev/null || { echo "Flyway needs $program, which is not on PATH" >&2; exit 1; }
done
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
mvn --quiet --batch-mode -Dstyle.color=never --file "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/lib"
javac -d "$folder/classes" -cp "$folder/lib/*" "$here"/*.java
cat > "$folder/flyway" <<'PROGRAM'
#!/bin/bash
folder="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
# Half of the time of a short run would go into compiling what runs only once.
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$folder/classes:$folder/lib/*" Launcher "$@"
PROGRAM
chmod +x "$folder/flyway"
echo "$wanted" > "$folder/installed"
