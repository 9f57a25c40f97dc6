#!/usr/bin/env bash
# Puts the released program on the PATH of the steps that follow, when this commit is a
# release: its newest .github/digests/VERSION names the tree of all its other files. So the
# commit that a user pins pins the program too. Anything else is built from source, and so
# is a release when the input build is true.
#
# It says which by the output "build" of the step. Where a release can't be had as it was
# published, it fails, and no program runs.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
say() { echo "build=$1" >>"$GITHUB_OUTPUT"; }

version=
if [[ -d $root/.github/digests ]]; then
  version=$(cd "$root/.github/digests" && printf '%s\n' [0-9]* | sort -V | tail -n 1)
fi
digests=$root/.github/digests/$version
if [[ ${INPUT_BUILD:-} == true || ! -f $digests ]] ||
  [[ $("$root/.github/scripts/tree.sh" "$version") != "$(awk '$1 == "tree" { print $2 }' "$digests")" ]]; then
  echo "cpsync is built from source: this commit is not a release, or the input build is true"
  say true
  exit 0
fi

fail() {
  echo "::error title=cpsync was not installed::$1"
  echo "Nothing ran. To build this commit from source instead, set the input build to true."
  exit 1
}

case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
Linux-X64) platform=linux_amd64.tar.gz ;;
Linux-ARM64) platform=linux_arm64.tar.gz ;;
macOS-X64) platform=darwin_amd64.tar.gz ;;
macOS-ARM64) platform=darwin_arm64.tar.gz ;;
Windows-X64) platform=windows_amd64.zip ;;
Windows-ARM64) platform=windows_arm64.zip ;;
*) platform=none ;;
esac
name=cpsync_${version}_$platform
read -r size digest < <(awk -v name="$name" '$1 == name { print $2, $3 }' "$digests") ||
  fail "cpsync $version has no program for ${RUNNER_OS:-unknown} on ${RUNNER_ARCH:-unknown}"

archive=$RUNNER_TEMP/$name
from=${CPSYNC_RELEASES:-https://github.com/cpsync/cpsync/releases/download}/v$version/$name
rm -f "$archive"
curl --fail --silent --show-error --location --proto '=https,http' --retry 3 --max-time 120 \
  --max-filesize "$size" --output "$archive" "$from" || fail "$from could not be downloaded"

sum=$(if command -v sha256sum >/dev/null; then sha256sum "$archive"; else shasum -a 256 "$archive"; fi)
if [[ $(wc -c <"$archive") -ne $size || ${sum%% *} != "$digest" ]]; then
  rm -f "$archive"
  fail "$from is not what was released: its SHA-256 is ${sum%% *}, and .github/digests/$version has $digest"
fi

bin=$RUNNER_TEMP/cpsync-bin
rm -rf "$bin"
mkdir -p "$bin"
case $name in
*.zip) unzip -q "$archive" cpsync.exe -d "$bin" ;;
*) tar -xzf "$archive" -C "$bin" cpsync ;;
esac
rm -f "$archive"
echo "$bin" >>"$GITHUB_PATH"
say false
"$bin/cpsync" version
