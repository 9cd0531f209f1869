#!/bin/sh
# Writes the checksums of everything vendored; run it after a deliberate change, and look at the difference.
set -eu
cd "$(dirname "$0")/.."
for folder in vincle/web/static/vendor tests/browser/vendor; do
  (cd "$folder" && find . -type f ! -name CHECKSUMS ! -name README.md | LC_ALL=C sort | sed 's|^\./||' | xargs sha256sum >CHECKSUMS)
done
sha256sum vincle/web/static/icons.svg | sed 's|vincle/web/static/|../|' >>vincle/web/static/vendor/CHECKSUMS
