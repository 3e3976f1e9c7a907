#!/bin/sh
# Names everything that is missing on this machine, each with the command that brings it.
set -u
python=${1:-python3.11}
missing=0
say() { printf 'missing: %s\n  do: %s\n' "$1" "$2"; missing=1; }
if ! command -v "$python" >/dev/null 2>&1; then
  say "$python (CPython 3.11 or newer)" "apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python3"
else
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    say "CPython 3.11 or newer" "make PYTHON=/path/to/a/newer/python3"
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    say "the venv module of $python" "apt-get install python3-venv"
  "$python" -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null ||
    [ "$(uname -s)" != Linux ] ||
    say "libgomp (LightGBM needs it)" "apt-get install libgomp1"
fi
exit $missing
