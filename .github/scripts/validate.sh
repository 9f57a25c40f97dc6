#!/usr/bin/env bash
# What can be said without credentials. Pull requests of forks and of Dependabot get no
# secrets, and some repositories give none to any branch.
set -euo pipefail
# shellcheck source=.github/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mapfile -t paths < <(grep -v '^[[:space:]]*$' <<<"$INPUT_PATHS")
code=0
cpsync validate -- "${paths[@]}" || code=$?
rm -f "$out/plan.json" "$out/plan.md"
report
if ((code == 0)); then
  verdict='The manifests are valid.'
else
  verdict='The manifests have problems: see the log of the step.'
fi
{
  printf '### cpsync: no live plan\n\n%s\n\n' "$verdict"
  printf 'This run has no credentials, so that the live state was not read. Pull requests from\n'
  printf 'forks and from Dependabot get none: to see the plan, somebody who may push puts the\n'
  printf 'commits on a branch of this repository.\n'
} >>"$GITHUB_STEP_SUMMARY"
exit "$code"
