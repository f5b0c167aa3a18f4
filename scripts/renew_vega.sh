#!/bin/sh
# Fetch the chart libraries that every report carries, in the versions given here, and print their
# sums for src/debulk/reports/assets/README.md. Needs npm. vega-lite must be the version in
# altair.SCHEMA_VERSION.
set -eu
assets=$(cd "$(dirname "$0")/../src/debulk/reports/assets" && pwd)
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
cd "$aside"
for package in vega@6.4.0 vega-lite@6.4.1 vega-embed@7.3.0; do
    name=${package%@*}
    archive=$(npm pack --silent "$package")
    mkdir "$name"
    tar -xzf "$archive" -C "$name" --strip-components=1
    cp "$name/build/$name.min.js" "$assets/$name.min.js"
    cp "$name/LICENSE" "$assets/LICENSE-$name"
done
cd "$assets"
sha256sum -- *.min.js
