#!/usr/bin/env bash
# Puts what was saved on the pull request, or with the mode issue into an issue; the summary of the job has it already. First it
# waits until no apply has the journal, so that the steps after it may save that.
set -euo pipefail

plan=$RUNNER_TEMP/cpsync/$INPUT_KEY/plan.json
if [[ ! -f $plan ]]; then
  echo "no plan was saved, so that there is none to show"
  exit 0
fi
flags=(--plan "$plan" --key "$INPUT_KEY" --summary=never)
if [[ ${INPUT_MODE:-} == issue ]]; then
  flags+=(--issue)
  if [[ -n ${INPUT_ISSUE_BY:-} ]]; then flags+=(--issue-by "$INPUT_ISSUE_BY"); fi
fi
if [[ -n ${INPUT_JOURNAL:-} ]]; then flags+=(--journal "$INPUT_JOURNAL"); fi
exec cpsync comment "${flags[@]}"
