#!/usr/bin/env bash
# Builds a release of a commit into dist/, twice, and fails unless both are equal. It
# publishes nothing.
#
#   release.sh VERSION [COMMIT]    VERSION without a v, such as 0.1.0; COMMIT: HEAD
#
# dist/digests gets the hash of the tree that was built, and a line for each file to
# publish: name, size, SHA-256. It becomes .github/digests/VERSION.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
version=${1:?"release.sh VERSION [COMMIT]"}
commit=$(git -C "$root" rev-parse --verify "${2:-HEAD}^{commit}")
if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]]; then
  echo "version $version: write it as 0.1.0 or 0.1.0-rc.1"
  exit 64
fi
wanted=go$(awk '$1 == "go" { print $2 }' "$root/internal/tools/release.mod")
if [[ $(go env GOVERSION) != "$wanted" ]]; then
  echo "a release is built with $wanted (internal/tools/release.mod), and this is $(go env GOVERSION)"
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tools"
tool() { (cd "$root" && go build -modfile=internal/tools/release.mod -o "$work/tools/" "$@"); }
tool github.com/goreleaser/goreleaser/v2
# An SBOM holds the digest of this tool, so that is built alike everywhere.
CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false' tool github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
export PATH=$work/tools:$PATH

# build makes the release in a clone of its own, and lists what it came to.
build() {
  git clone --quiet --no-hardlinks "$root" "$work/$1"
  (
    cd "$work/$1"
    git checkout --quiet --detach "$commit"
    git tag --list | xargs -r git tag --delete >/dev/null # the version is the argument
    tree=$(.github/scripts/tree.sh "$version")
    GORELEASER_CURRENT_TAG=v$version goreleaser release --clean --skip=publish,announce,validate
    cd dist
    echo "tree $tree" >digests
    for file in cpsync_*.tar.gz cpsync_*.zip cpsync_*.deb cpsync_*.cdx.json; do
      echo "$file $(wc -c <"$file" | tr -d ' ') $(sha256sum "$file" | cut -d ' ' -f 1)"
    done >>digests
  )
}

build one
build two
if ! diff "$work/one/dist/digests" "$work/two/dist/digests"; then
  echo "two builds of $commit differ"
  exit 1
fi
rm -rf "$root/dist"
mkdir "$root/dist"
for name in $(awk '$1 != "tree" { print $1 }' "$work/one/dist/digests") checksums.txt digests; do
  cp "$work/one/dist/$name" "$root/dist/"
done
echo "$commit" >"$root/dist/commit" # what the programs have to say
cat "$root/dist/digests"
