#!/bin/sh
# Builds tools/oracle, the reference for effective requests and limits, into .tools/bin.
# Does nothing when the one of these sources is there already. Takes about half a minute
# the first time. Exit code: 0 built or there, 69 no usable go, else that of the go command.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
module=$root/tools/oracle
bin=$root/.tools/bin

want=$(cat "$module/go.mod" "$module/go.sum" "$module/main.go" "$0" | cksum)
stamp=$bin/.oracle
if [ -x "$bin/oracle" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    exit 0
fi

if ! command -v go >/dev/null 2>&1; then
    echo "oracle: NOT BUILT: there is no go on this machine (go 1.26 or newer is needed)" >&2
    exit 69
fi

mkdir -p "$bin"
rm -f "$stamp"
export CGO_ENABLED=0 GOWORK=off
echo "oracle: building"
nice -n 10 go build -C "$module" -p 2 -trimpath -ldflags "-s -w" -o "$bin/oracle.new" .
mv -f "$bin/oracle.new" "$bin/oracle"
echo "$want" >"$stamp"
echo "oracle: .tools/bin/oracle is ready"
