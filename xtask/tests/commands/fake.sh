#!/bin/sh
# Stands in for cargo, npm and the like, under whose names it is linked: notes how it was called,
# and does what little the caller relies on.
PATH=/usr/bin:/bin
name=$(basename "$0")
call="$name $*"
echo "$call" >>"$FAKE_CALLS"

case "$call" in
    "$FAKE_FAILS") exit 1 ;;
    "npm ci"*) mkdir -p node_modules ;;
    "npm run build") mkdir -p dist && echo page >dist/index.html ;;
    "npm run openapi") mkdir -p shared/api && cp openapi.json shared/api/schema.d.ts ;;
    "npm run test:server") echo "in=${PWD#"${0%/bin/*}/"} fettle=$FETTLE_BIN" >>"$FAKE_CALLS" ;;
    "npm run test:browser") echo "browser=$CHROMIUM fettle=$FETTLE_BIN" >>"$FAKE_CALLS" ;;
    "cargo nextest run"* | "cargo test"*) echo "tests=$FETTLE_TEST_POSTGRES" >>"$FAKE_CALLS" ;;
    "cargo bench"*) echo "bench=$FETTLE_BENCH_POSTGRES" >>"$FAKE_CALLS" ;;
    "cargo clippy"*) echo "debug=$CARGO_PROFILE_DEV_DEBUG target=$CARGO_TARGET_DIR" >>"$FAKE_CALLS" ;;
    "fettle openapi") echo "$FAKE_OPENAPI" ;;
    "node --version") echo v20.20.2 ;;
    "python3 --version") echo Python 3.11.7 ;;
    "python3 -m venv --clear "*) mkdir -p "$4/bin" && ln -sf "$(readlink -f "$0")" "$4/bin/python" ;;
    "pg_config --includedir") echo "$FAKE_HEADERS" ;;
    "fc-list :lang=zh") echo "Noto Sans CJK SC" ;;
    "id -u") echo "$FAKE_USER" ;;
    # A package is installed when its program is there.
    "apt-get "*install*make*) ln -s "$0" "$(dirname "$0")/make" ;;
esac
