#!/usr/bin/env bash
# Carries the plan out. The exit code is that of cpsync, whatever it is: a step that
# did not end well is red.
#
#   INPUT_APPROVED   saved plan that was approved; empty: what is planned now
#   INPUT_JOURNAL    file that is kept from run to run; may be empty
set -euo pipefail
# shellcheck source=.github/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

flags=(--apply)
if [[ ${GITHUB_EVENT_NAME:-} == schedule ]]; then flags+=(--read-status all); fi # once a day of every one
if [[ -n ${INPUT_APPROVED:-} ]]; then flags+=(--plan "$INPUT_APPROVED"); fi
if [[ -n ${INPUT_JOURNAL:-} ]]; then
  mkdir -p "$(dirname "$INPUT_JOURNAL")"
  flags+=(--journal "$INPUT_JOURNAL")
fi
run "${flags[@]}"
exit "$code"
