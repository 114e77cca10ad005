#!/bin/sh
# Make the virtual environment in $1 with the newest Python from 3.14 down to 3.11 that really runs
# (a pyenv shim is on PATH without running), and install the package with its dev group.
set -eu
venv=$1

if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --allow-existing --python '>=3.11' "$venv"
    exec uv pip install --quiet --python "$venv/bin/python" --editable . --group dev
fi

python=
for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            python=$candidate
            break
        fi
        without_venv=$candidate
    fi
done
if [ -z "$python" ]; then
    if [ -n "${without_venv:-}" ]; then
        echo "kite-tui: $without_venv has no venv module; install the package ${without_venv}-venv and run make again." >&2
    else
        echo "kite-tui: no Python 3.11 or newer found; install the package python3.11 (or newer) and run make again." >&2
    fi
    exit 1
fi

echo "Setting up $venv with $("$python" --version)…" >&2
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable . --group dev
