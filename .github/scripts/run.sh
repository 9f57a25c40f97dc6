#!/usr/bin/env bash
# Does what the mode of the action says.
set -euo pipefail

case $INPUT_MODE in
validate | plan | apply | drift) exec "$(dirname "${BASH_SOURCE[0]}")/$INPUT_MODE.sh" ;;
*)
  echo "mode $INPUT_MODE: use validate, plan, apply or drift"
  exit 64
  ;;
esac
