# shellcheck shell=bash
# What the steps share; sourced by them. Inputs come as variables, never as text of a
# script:
#
#   INPUT_PATHS      manifests, a file or directory a line
#   INPUT_KEY        name of what is planned
#   INPUT_SANDBOX    state of a simulated API to use a copy of; empty: the network
#   INPUT_MAX_EDITS, INPUT_MAX_ORDERS, INPUT_MAX_RENEWALS   limits; empty: cpsync's own

out=$RUNNER_TEMP/cpsync/$INPUT_KEY
mkdir -p "$out"

# output NAME VALUE gives the job a result of the step.
output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# run FLAG... runs cpsync on the manifests and saves what it has to say. Its exit code
# is in $code, for the step to judge.
run() {
  local flags=("$@") paths
  mapfile -t paths < <(grep -v '^[[:space:]]*$' <<<"$INPUT_PATHS")
  if [[ -n ${INPUT_MAX_EDITS:-} ]]; then flags+=(--max-edits "$INPUT_MAX_EDITS"); fi
  if [[ -n ${INPUT_MAX_ORDERS:-} ]]; then flags+=(--max-orders "$INPUT_MAX_ORDERS"); fi
  if [[ -n ${INPUT_MAX_RENEWALS:-} ]]; then flags+=(--max-renewals "$INPUT_MAX_RENEWALS"); fi
  if [[ -n ${INPUT_SANDBOX:-} ]]; then
    cp "$INPUT_SANDBOX" "$out/sandbox.json"
    flags+=(--sandbox "$out/sandbox.json")
  fi
  rm -f "$out/plan.json" "$out/plan.md"
  code=0
  cpsync "${flags[@]}" --out "json=$out/plan.json" --out "markdown=$out/plan.md" -- "${paths[@]}" || code=$?
  report
}

# report tells the job what came out.
report() {
  output exit-code "$code"
  output json "$out/plan.json"
  output markdown "$out/plan.md"
  output changes "$(changes)"
}

# changes says whether the plan holds anything to carry out.
changes() {
  if [[ -f $out/plan.json ]]; then
    jq 'any(.steps[]; .operations != [])' "$out/plan.json"
  else
    echo false
  fi
}
