#!/usr/bin/env bash
# Ask by curl. The outcome decides: an answer, a did-you-mean, or nothing known.
#   examples/ask.sh "my wifi is slow"
set -euo pipefail
server=${FIRSTLINE_URL:-http://localhost:2000}

reply=$(curl --silent --show-error --fail-with-body --get "$server/v1/ask" --data-urlencode "q=$1") || {
  # A refusal is JSON, too: detail is a sentence for people, code is for programs.
  jq --raw-output '"\(.code): \(.detail)"' <<<"$reply" >&2
  exit 1
}

case $(jq --raw-output .outcome <<<"$reply") in
  answer | smalltalk) jq --raw-output '.answer | "\(.title)\n\n\(.text)"' <<<"$reply" ;;
  suggestions) jq --raw-output '"Did you mean:", (.suggestions[] | "- \(.title)")' <<<"$reply" ;;
  no_answer) echo "Nothing is known about that." ;;
esac
