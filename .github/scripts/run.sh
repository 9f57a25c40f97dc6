#!/usr/bin/env bash
# Does what the mode of the action says. In the end this process is cpsync itself: the
# runner sends its signals to the process it started and to no other. cpsync writes the
# outputs of the step, and its exit code is that of the step.
#
# Inputs come as variables, never as text of a script:
#
#   INPUT_MODE       validate, plan, apply, drift or issue
#   INPUT_PATHS      manifests, a file or directory a line
#   INPUT_KEY        name of what is planned
#   INPUT_SANDBOX    state of a simulated API to use; empty: the network
#   INPUT_STRANGER   true: a pull request that gets no secrets
#   INPUT_BASE       of a plan: revision to tell this change from what was pending anyway
#   INPUT_APPROVED   of an apply: saved plan that was approved; empty: what is planned now
#   INPUT_APPROVE    of an apply: what needs an approval: all or changes
#   INPUT_PLAN_MAX_AGE   of an apply: time after which INPUT_APPROVED approves nothing
#   INPUT_JOURNAL    file that is kept from run to run; the other modes read it
#   INPUT_SETTLE     of an apply: ids of requests whose order in the journal was not placed
#   INPUT_ONLY, INPUT_TAG   a value a line
#   INPUT_CHECK_DNS  true: look up what domain control validation needs
#
# and INPUT_MAX_EDITS, INPUT_MAX_DOMAIN_CHANGES, INPUT_MAX_RENEWALS, INPUT_ORDER_COOLDOWN,
# INPUT_READ_STATUS, INPUT_FAIL_ON_EXPIRING, INPUT_API_URL, INPUT_TOKEN_URL and INPUT_SCOPE,
# each the value of a flag; empty: what cpsync does without it.
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
# each NAME VALUES adds a flag for each line.
each() {
  local value
  while IFS= read -r value; do flag "$1" "$value"; done <<<"$2"
}

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
issue) INPUT_READ_STATUS=${INPUT_READ_STATUS:-all} ;;
drift)
  flags+=(--detailed-exitcode --fail-on-action-required)
  INPUT_READ_STATUS=${INPUT_READ_STATUS:-all}
  ;;
apply)
  flags+=(--apply)
  if [[ ${GITHUB_EVENT_NAME:-} == schedule ]]; then INPUT_READ_STATUS=${INPUT_READ_STATUS:-all}; fi # once a day of every one
  flag --plan "${INPUT_APPROVED:-}"
  if [[ -n ${INPUT_APPROVED:-} ]]; then flag --plan-max-age "${INPUT_PLAN_MAX_AGE:-}"; fi
  flag --approve "${INPUT_APPROVE:-}"
  settle=${INPUT_SETTLE:-}
  set -f # a star is no name of a file
  for id in ${settle//,/ }; do flag --settle "$id"; done
  if [[ -n ${INPUT_JOURNAL:-} ]]; then mkdir -p "$(dirname "$INPUT_JOURNAL")"; fi
  ;;
*)
  echo "mode $mode: use validate, plan, apply, drift or issue"
  exit 64
  ;;
esac

if [[ $mode != validate ]]; then
  if [[ $mode == apply || -e ${INPUT_JOURNAL:-} ]]; then flag --journal "${INPUT_JOURNAL:-}"; fi
  flag --max-edits "${INPUT_MAX_EDITS:-}"
  flag --max-domain-changes "${INPUT_MAX_DOMAIN_CHANGES:-}"
  flag --max-renewals "${INPUT_MAX_RENEWALS:-}"
  flag --order-cooldown "${INPUT_ORDER_COOLDOWN:-}"
  flag --read-status "${INPUT_READ_STATUS:-}"
  flag --fail-on-expiring "${INPUT_FAIL_ON_EXPIRING:-}"
  flag --api-url "${INPUT_API_URL:-}"
  flag --token-url "${INPUT_TOKEN_URL:-}"
  flag --scope "${INPUT_SCOPE:-}"
  each --only "${INPUT_ONLY:-}"
  each --tag "${INPUT_TAG:-}"
  if [[ ${INPUT_CHECK_DNS:-} == true ]]; then flags+=(--check-dns); fi
  flag --sandbox "${INPUT_SANDBOX:-}"
  flags+=(--out "json=$out/plan.json" --out "markdown=$out/plan.md" --out "markdown=$GITHUB_STEP_SUMMARY")
fi

unset CPSYNC_RELEASES # it is for download.sh, and cpsync would not know it
paths=()
while IFS= read -r path; do
  if [[ -n ${path//[[:space:]]/} ]]; then paths+=("$path"); fi
done <<<"$INPUT_PATHS"
exec cpsync "${flags[@]}" -- ${paths[@]+"${paths[@]}"}
