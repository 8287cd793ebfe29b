"""`make bench`: measure on a throw-away database, print, and fail above the limits."""

import sys

import pytest

MEASURED = (
    "tests/bench/bench_ledgers.py",
    "tests/bench/bench_rooms.py",
    "tests/bench/bench_room_lists.py",
    "tests/bench/bench_energy.py",
    "tests/bench/bench_meters.py",
)

if __name__ == "__main__":
    # One process: two would measure each other.
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *MEASURED]))
