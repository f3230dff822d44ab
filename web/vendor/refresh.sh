#!/usr/bin/env bash
# Fetches the third-party assets of the page from npm at the versions named below, keeps only the
# files the page uses, byte for byte, and writes VERSIONS.md. Needs npm, tar and sha256sum.
#
#   web/vendor/refresh.sh          change a version below (or icons.txt) first, then run this
set -euo pipefail

BOOTSTRAP=5.3.9
BOOTSTRAP_ICONS=1.13.2
DOMPURIFY=3.4.18
SWAGGER_UI=5.35.0

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # name version -> an unpacked folder
  local archive
  archive=$(cd "$work" && npm pack --silent "$1@$2" 2>/dev/null)
  mkdir -p "$work/$1"
  tar -xzf "$work/$archive" -C "$work/$1" --strip-components=1
}

fetch bootstrap "$BOOTSTRAP"
fetch bootstrap-icons "$BOOTSTRAP_ICONS"
fetch dompurify "$DOMPURIFY"
fetch swagger-ui-dist "$SWAGGER_UI"

mkdir -p "$here/bootstrap" "$here/bootstrap-icons" "$here/dompurify" "$here/swagger-ui"
cp "$work/bootstrap/dist/css/bootstrap.min.css" "$work/bootstrap/dist/css/bootstrap.rtl.min.css" \
   "$work/bootstrap/LICENSE" "$here/bootstrap/"
cp "$work/dompurify/dist/purify.min.js" "$work/dompurify/LICENSE" "$work/dompurify/LICENSE-MPL" \
   "$here/dompurify/"
cp "$work/bootstrap-icons/LICENSE" "$here/bootstrap-icons/"
cp "$work/swagger-ui-dist/swagger-ui-bundle.js" "$work/swagger-ui-dist/swagger-ui.css" \
   "$work/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt" "$work/swagger-ui-dist/LICENSE" \
   "$work/swagger-ui-dist/NOTICE" "$here/swagger-ui/"

# One sprite of the icons named in icons.txt: <svg ...>paths</svg> -> <symbol id>paths</symbol>.
{
  echo '<svg xmlns="http://www.w3.org/2000/svg">'
  echo "<!-- Bootstrap Icons $BOOTSTRAP_ICONS, MIT, a subset; see LICENSE beside this file. -->"
  grep -v '^#' "$here/icons.txt" | sort -u | while read -r name; do
    tr -d '\n' <"$work/bootstrap-icons/icons/$name.svg" |
      sed -E "s|<svg[^>]*viewBox=\"([^\"]*)\"[^>]*>|<symbol id=\"$name\" viewBox=\"\1\">|; s|</svg>|</symbol>|; s|> +<|><|g"
    echo
  done
  echo '</svg>'
} >"$here/bootstrap-icons/icons.svg"

row() { # package version licence file
  local path="$here/$4"
  echo "| $1 | $2 | $3 | \`$4\` | $(wc -c <"$path") | $(gzip -9c "$path" | wc -c) | \`$(sha256sum "$path" | cut -c1-16)…\` |"
}
{
  cat <<'HEAD'
# Third-party assets

Written by `refresh.sh`, which fetches them from npm. The files are unchanged, except the icon
sprite: it is assembled from the icons named in `icons.txt`. Each folder holds its licence.

| package | version | licence | file | bytes | gzip | sha256 |
|---|---|---|---|---|---|---|
HEAD
  row bootstrap "$BOOTSTRAP" MIT bootstrap/bootstrap.min.css
  row bootstrap "$BOOTSTRAP" MIT bootstrap/bootstrap.rtl.min.css
  row bootstrap-icons "$BOOTSTRAP_ICONS" MIT bootstrap-icons/icons.svg
  row dompurify "$DOMPURIFY" "MPL-2.0 or Apache-2.0" dompurify/purify.min.js
  row swagger-ui-dist "$SWAGGER_UI" Apache-2.0 swagger-ui/swagger-ui-bundle.js
  row swagger-ui-dist "$SWAGGER_UI" Apache-2.0 swagger-ui/swagger-ui.css
  echo
  echo "\`bootstrap.rtl.min.css\` is loaded instead of \`bootstrap.min.css\` for languages written from"
  echo "right to left. No JavaScript of Bootstrap is used. Swagger UI is loaded by \`/docs\` alone."
} >"$here/VERSIONS.md"
cat "$here/VERSIONS.md"
