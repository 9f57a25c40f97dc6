#!/usr/bin/env bash
# Does what the mode of the action says. In the end this process is cpsync itself: the
# runner sends its signals to the process it started and to no other. cpsync writes the
# outputs of the step, and its exit code is that of the step.
#
# Inputs come as variables, never as text of a script:
#
#   INPUT_MODE       validate, plan, apply or drift
#   INPUT_PATHS      manifests, a file or directory a line
#   INPUT_KEY        name of what is planned
#   INPUT_SANDBOX    state of a simulated API to use; empty: the network
#   INPUT_STRANGER   true: a pull request that gets no secrets
#   INPUT_BASE       of a plan: revision to tell this change from what was pending anyway
#   INPUT_APPROVED   of an apply: saved plan that was approved; empty: what is planned now
#   INPUT_JOURNAL    of an apply: file that is kept from run to run
#   INPUT_SETTLE     of an apply: ids of requests whose order in the journal was not placed
#   INPUT_MAX_EDITS, INPUT_MAX_ORDERS, INPUT_MAX_RENEWALS   limits; empty: cpsync's own
set -euo pipefail

if [[ ! $INPUT_KEY =~ ^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$ ]]; then # it is a name of a directory
  echo "a key is made of letters and digits, with single . _ - between them"
  exit 64
fi
out=$RUNNER_TEMP/cpsync/$INPUT_KEY
mkdir -p "$out"
rm -f "$out/plan.json" "$out/plan.md"

flags=(--github-output "$GITHUB_OUTPUT")
# flag NAME VALUE adds a flag, unless its value is empty.
flag() { if [[ -n $2 ]]; then flags+=("$1" "$2"); fi; }

mode=$INPUT_MODE
if [[ $mode == plan && ${INPUT_STRANGER:-} == true && -z ${INPUT_SANDBOX:-}${CPSYNC_CLIENT_ID:-}${CPSYNC_ACCESS_TOKEN:-} ]]; then
  mode=validate
fi

case $mode in
validate)
  flags=(validate "${flags[@]}")
  cat >>"$GITHUB_STEP_SUMMARY" <<'END'
### cpsync: no live plan

The manifests were checked, and the live state was not read: this run has no credentials.
Where the manifests have problems the step is red, and its log names them. Pull requests
from forks and from Dependabot get no credentials: to see the plan, somebody who may push
puts the commits on a branch of this repository.
END
  ;;
plan) flag --base "${INPUT_BASE:-}" ;;
drift) flags+=(--read-status all --detailed-exitcode --fail-on-attention) ;;
apply)
  flags+=(--apply)
  if [[ ${GITHUB_EVENT_NAME:-} == schedule ]]; then flags+=(--read-status all); fi # once a day of every one
  flag --plan "${INPUT_APPROVED:-}"
  flag --journal "${INPUT_JOURNAL:-}"
  settle=${INPUT_SETTLE:-}
  set -f # a star is no name of a file
  for id in ${settle//,/ }; do flag --settle "$id"; done
  if [[ -n ${INPUT_JOURNAL:-} ]]; then mkdir -p "$(dirname "$INPUT_JOURNAL")"; fi
  ;;
*)
  echo "mode $mode: use validate, plan, apply or drift"
  exit 64
  ;;
esac

if [[ $mode != validate ]]; then
  flag --max-edits "${INPUT_MAX_EDITS:-}"
  flag --max-orders "${INPUT_MAX_ORDERS:-}"
  flag --max-renewals "${INPUT_MAX_RENEWALS:-}"
  if [[ -n ${INPUT_SANDBOX:-} ]]; then
    flags+=(--sandbox "$INPUT_SANDBOX")
  fi
  flags+=(--out "json=$out/plan.json" --out "markdown=$out/plan.md" --out "markdown=$GITHUB_STEP_SUMMARY")
fi

paths=()
while IFS= read -r path; do
  if [[ -n ${path//[[:space:]]/} ]]; then paths+=("$path"); fi
done <<<"$INPUT_PATHS"
exec cpsync "${flags[@]}" -- ${paths[@]+"${paths[@]}"}
