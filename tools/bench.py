"""`make bench`: measure on a throw-away database, print, and fail above the limits."""

import sys

import pytest

if __name__ == "__main__":
    # One process: two would measure each other.
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/bench/bench_ledgers.py"]))
