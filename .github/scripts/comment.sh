#!/usr/bin/env bash
# Puts what was saved on the pull request and in the summary of the job.
set -euo pipefail

plan=$RUNNER_TEMP/cpsync/$INPUT_KEY/plan.json
if [[ ! -f $plan ]]; then
  echo "no plan was saved, so that there is none to show"
  exit 0
fi
exec cpsync comment --plan "$plan" --key "$INPUT_KEY" --summary
