#!/bin/sh
# Builds the pinned kube-apiserver and etcd of tools/apiserver/go.mod into .tools/bin.
# Does nothing when they are there already, or when KUBEBUILDER_ASSETS names a folder
# that has both. The first build takes about 8 minutes on two cores and 2.5 GB of Go's
# caches. Exit code: 0 built or there, 69 no usable go, else that of the go command.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
module=$root/tools/apiserver
bin=$root/.tools/bin

if [ -x "${KUBEBUILDER_ASSETS:-}/kube-apiserver" ] && [ -x "${KUBEBUILDER_ASSETS:-}/etcd" ]; then
    echo "apiserver: using kube-apiserver and etcd of KUBEBUILDER_ASSETS"
    exit 0
fi

# The stamp is written last, so that a build broken off is taken up again.
want=$(cat "$module/go.mod" "$module/go.sum" "$0" | cksum)
stamp=$bin/.apiserver
if [ -x "$bin/kube-apiserver" ] && [ -x "$bin/etcd" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    exit 0
fi

if ! command -v go >/dev/null 2>&1; then
    echo "apiserver: NOT BUILT: there is no go on this machine (go 1.25 or newer is needed)" >&2
    exit 69
fi

version=$(sed -n 's/^.*k8s\.io\/kubernetes \(v[0-9.]*\)$/\1/p' "$module/go.mod")
minor=${version#v1.}
minor=${minor%%.*}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags="$flags -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor"
    flags="$flags -X $package.gitTreeState=clean"
done

build() { # program, package, linker flags
    echo "apiserver: building $1"
    nice -n 10 go build -C "$module" -p 2 -trimpath -ldflags "$3" -o "$bin/$1.new" "$2"
    mv -f "$bin/$1.new" "$bin/$1"
}

mkdir -p "$bin"
rm -f "$stamp"
export CGO_ENABLED=0 GOWORK=off
build etcd go.etcd.io/etcd/server/v3 "-s -w"
build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver "$flags"
echo "$want" >"$stamp"
echo "apiserver: kube-apiserver $version and etcd are in .tools/bin"
