#!/usr/bin/env bash
# Checks what the steps after it need, and whether there is anything for them to do: a
# pull request that touches no manifest is done within seconds, so that its check can be
# a required one.
#
#   INPUT_MODE    mode of the action
#   INPUT_PATHS   manifests, a file or directory a line
#   INPUT_BASE    revision that the pull request starts from; empty: do everything
#   INPUT_PULL, INPUT_COMMENTS   number of the pull request, and how many comments it has;
#                 empty: there is none
#
# The scripts run in bash 3.2, which macOS has, and need nothing but what is checked here
# and what POSIX has.
set -euo pipefail

fail() {
  echo "::error::cpsync: $1"
  exit 1
}
if ((BASH_VERSINFO[0] < 3 || (BASH_VERSINFO[0] == 3 && BASH_VERSINFO[1] < 2))); then
  fail "the runner has bash $BASH_VERSION, and the action needs 3.2 or later"
fi
command -v git >/dev/null || fail "the runner has no git, and the action needs it: install git in the image of the runner or the container"
for name in RUNNER_TEMP GITHUB_OUTPUT GITHUB_PATH GITHUB_STEP_SUMMARY; do
  if [[ -z ${!name:-} ]]; then fail "the variable $name is not set: the action runs on a runner of GitHub Actions"; fi
done

# touched says whether the change may concern a manifest. What is not sure is taken for one:
# a YAML file anywhere may be inherited, and a link may lead to anything.
touched() {
  local meta file path paths=()
  while IFS= read -r path; do
    path=${path%/}
    path=${path#./}
    case $path in "") ;; . | .. | /* | ../* | */../* | */..) return 0 ;; *) paths+=("$path") ;; esac
  done <<<"$INPUT_PATHS"
  if ((${#paths[@]} == 0)); then return 0; fi

  local list=$RUNNER_TEMP/cpsync-touched
  git ls-files -s -z -- "${paths[@]}" >"$list" 2>/dev/null || return 0
  while IFS= read -r -d '' meta; do
    case $meta in 120000* | 160000*) return 0 ;; esac
  done <"$list"
  git diff --raw --no-renames --no-ext-diff -z "$INPUT_BASE" HEAD -- >"$list" 2>/dev/null || return 0
  while IFS= read -r -d '' meta && IFS= read -r -d '' file; do
    case $meta in *120000* | *160000*) return 0 ;; esac
    case $file in *.[Yy][Aa][Mm][Ll] | *.[Yy][Mm][Ll]) return 0 ;; esac
    for path in "${paths[@]}"; do
      if [[ $file == "$path" || $file == "$path"/* ]]; then return 0; fi
    done
  done <"$list"
  return 1
}

# commented says whether a plan may stand on the pull request, which has to be updated then.
commented() {
  if [[ -z ${INPUT_PULL:-} || ${INPUT_COMMENTS:-} == 0 ]]; then return 1; fi
  if ((${INPUT_COMMENTS:-101} > 100)); then return 0; fi # more than a page
  local comments
  comments=$(curl -fsS --max-time 20 -K - "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$INPUT_PULL/comments?per_page=100" \
    <<<"header = \"Authorization: Bearer ${GITHUB_TOKEN:-}\"" 2>/dev/null) || return 0
  [[ $comments == *cpsync:comment* ]]
}

if [[ $INPUT_MODE != plan || -z ${INPUT_BASE:-} ]] || touched || commented; then exit 0; fi
echo "no manifest is touched since $INPUT_BASE, so that there is nothing to plan"
cat >>"$GITHUB_STEP_SUMMARY" <<'END'
### cpsync: no manifest touched

This change touches no manifest, so nothing was planned.
END
printf 'untouched=true\nexit-code=0\nchanges=false\n' >>"$GITHUB_OUTPUT"
