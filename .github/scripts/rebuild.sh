#!/usr/bin/env bash
# Builds a tagged release again, and fails unless it is what .github/digests/VERSION says.
#
#   rebuild.sh vVERSION
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cd "$root"
version=${1#v}
digests=.github/digests/$version
added=$(git diff --name-status --no-renames HEAD^ HEAD)
if [[ $added != "A"$'\t'"$digests" ]]; then
  echo "the tag v$version has to be on a commit that adds $digests and nothing else; this one has:"
  echo "$added"
  exit 1
fi
.github/scripts/release.sh "$version" HEAD^
if ! diff "$digests" dist/digests; then
  echo "what was built again is not what $digests says; nothing is published"
  exit 1
fi
# The notes are the section of this version.
awk -v head="## [$version]" 'index($0, "## ") == 1 { on = index($0, head) == 1; next } on' CHANGELOG.md >dist/notes.md
if [[ ! -s dist/notes.md ]]; then
  echo "CHANGELOG.md has no section $version"
  exit 1
fi
