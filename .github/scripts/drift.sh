#!/usr/bin/env bash
# Is red when the account is not as the manifests say, or when something needs a person.
set -euo pipefail
# shellcheck source=.github/scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run --read-status all --detailed-exitcode --fail-on-attention
exit "$code"
