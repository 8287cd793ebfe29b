"""``make test FOR=energy`` asks of the house what a change to that domain needs."""

import pytest

from guanjia.config.testing_choice import is_of_another


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("energy:institution", False),
        ("GET /api/energy/returns", False),
        ("energy.filings", False),
        ("portal:home", False),
        ("", False),
        ("fleet:trip", True),
        ("POST /api/space/works/{works_id}/settle", True),
        ("space.rooms-export", True),
    ],
)
def test_what_is_called_after_another_domain_is_left_out(name: str, other: bool) -> None:
    assert is_of_another(name, wanted="energy") is other
