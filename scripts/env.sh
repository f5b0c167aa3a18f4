#!/bin/sh
# Make .venv hold what uv.lock says: sh scripts/env.sh runtime|dev|bench
#
# Each level holds the one before it, so `make demo` after `make test` has nothing to do. A stamp
# in .venv remembers what was installed; with the stamp in place nothing is fetched, so a second
# run works without a network.
set -eu

UV_VERSION=0.13.9
OLDEST_UV=0.11

level=${1:?"say runtime, dev or bench"}
cd "$(dirname "$0")/.."

# A user's shell may point elsewhere; this project installs into its own folder only.
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME CONDA_PREFIX
unset UV_PYTHON UV_PROJECT UV_WORKING_DIRECTORY UV_FROZEN UV_NO_SYNC UV_NO_EDITABLE
unset UV_SYSTEM_PYTHON UV_BREAK_SYSTEM_PACKAGES UV_NO_DEV UV_DEV UV_NO_GROUP
unset UV_MANAGED_PYTHON UV_NO_MANAGED_PYTHON UV_PYTHON_PREFERENCE
export UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

fail() {
    printf 'debulk set-up: %s\n' "$*" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in python3 python3.13 python3.12 python3.11 python3.14; do
        if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    if command -v python3 >/dev/null 2>&1; then
        fail "$(python3 --version 2>&1) is too old. Install Python 3.11 or newer."
    fi
    fail "there is no python3. Install it: sudo apt-get install python3 python3-venv"
}

is_uv_new_enough() {
    found=$("$1" --version 2>/dev/null | awk '{print $2}')
    [ -n "$found" ] &&
        [ "$(printf '%s\n%s\n' "$OLDEST_UV" "$found" | sort -V | head -n 1)" = "$OLDEST_UV" ]
}

# Prints how to call uv: the user's own where there is a recent one, else one kept in .uv.
find_uv() {
    if command -v uv >/dev/null 2>&1 && is_uv_new_enough uv; then
        command -v uv
        return
    fi
    if ! is_uv_new_enough .uv/bin/uv; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            fail "python3 cannot make environments. Run: sudo apt-get install python3-venv"
        echo "Fetching uv $UV_VERSION into .uv" >&2
        rm -rf .uv
        "$python" -m venv .uv >&2 || fail "could not make .uv (see above)"
        .uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" >&2 ||
            fail "could not fetch uv. Check the network, or install uv $OLDEST_UV or newer."
    fi
    echo .uv/bin/uv
}

rank() {
    case $1 in
        runtime) echo 1 ;;
        dev) echo 2 ;;
        bench) echo 3 ;;
        *) echo 0 ;;
    esac
}

[ "$(rank "$level")" -gt 0 ] || fail "'$level' is no level. Say runtime, dev or bench."

case $PWD in
    *:*) fail "the folder's path holds a colon, which no Python environment can. Rename it: $PWD" ;;
esac

# The folder is part of the stamp: an environment does not survive being moved.
wanted="$(cat uv.lock pyproject.toml scripts/env.sh | cksum) $PWD"
stamp=.venv/debulk-environment
if [ -x .venv/bin/python ] && is_new_enough .venv/bin/python && [ -f "$stamp" ]; then
    installed=$(sed -n 1p "$stamp")
    if [ "$(sed -n 2p "$stamp")" = "$wanted" ] &&
        [ "$(rank "$installed")" -ge "$(rank "$level")" ]; then
        exit 0
    fi
    # A changed lock file renews what was there; it takes nothing away.
    if [ "$(rank "$installed")" -gt "$(rank "$level")" ]; then
        level=$installed
    fi
fi

case $level in
    runtime) groups= ;;
    dev) groups="--group dev" ;;
    bench) groups="--group dev --group bench --group peers" ;;
esac

python=$(find_python)
uv=$(find_uv)
echo "Setting up .venv ($level) from uv.lock; this takes a minute or two the first time"
rm -f "$stamp"
# shellcheck disable=SC2086 # the groups are words of their own
"$uv" sync --quiet --locked --compile-bytecode --no-default-groups --extra figures --extra web \
    --python "$python" $groups ||
    fail "could not install from uv.lock (see above). Check the network and try again."
echo "Compiling the simulation kernels, once"
.venv/bin/python -c 'from debulk.trials import run_trial; run_trial("orchestra", trials=1)' ||
    fail "the installed program does not run (see above)"
printf '%s\n%s\n' "$level" "$wanted" >"$stamp"
