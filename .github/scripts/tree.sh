#!/usr/bin/env bash
# Prints the hash of git for the files of this directory, without .github/digests/VERSION.
# A release is told by it: the digests of a version name the tree that it was built from.
#
#   tree.sh VERSION
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# No setting of the machine or of the caller may change what the files come to.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_DIR=$work/git GIT_WORK_TREE=$root
unset GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS
git init --quiet
git config core.fileMode false # Windows has no such bits, and the hash is one
cd "$root"
git add --all --force .
git rm --quiet --cached --ignore-unmatch -- ".github/digests/$1"
git write-tree
