#!/bin/sh
# Rebuilds vincle/web/static/vendor/echarts-<version>/echarts.min.js from the npm packages echarts and esbuild.
# Needs node and npm, at development time only. Afterwards: scripts/vendor_checksums.sh.
set -eu
echarts=6.1.0
esbuild=0.25.12
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund "echarts@$echarts" "esbuild@$esbuild"
cp "$root/scripts/charts_entry.js" entry.js
target="$root/vincle/web/static/vendor/echarts-$echarts"
mkdir -p "$target"
npx esbuild entry.js --bundle --minify --format=iife --global-name=echarts --target=es2020 --legal-comments=none \
  '--define:process.env.NODE_ENV="production"' "--outfile=$target/echarts.min.js"
cp node_modules/echarts/LICENSE node_modules/echarts/NOTICE "$target/"
cp node_modules/zrender/LICENSE "$target/LICENSE.zrender"
cp node_modules/tslib/LICENSE.txt "$target/LICENSE.tslib"
gzip -9nkf "$target/echarts.min.js"
