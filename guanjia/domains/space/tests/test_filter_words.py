"""What a filter is called on a list: names of the reader's own scope only."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.tests import builders
from guanjia.domains.space.tests.builders import AT, City

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize(("who", "named"), [("stranger", False), ("clerk", True), ("keeper", True)])
def test_a_building_typed_by_number_is_named_inside_the_scope_only(
    city: City, who: str, *, named: bool
) -> None:
    """Of 1号楼 only 农业农村局 holds a room; whoever types its id elsewhere learns nothing."""
    annex = builders.annex(city)
    with time_machine.travel(AT, tick=False):
        client = Client()
        client.force_login(city.accounts[who], backend=BACKEND)
        query = {"view": "all", "building": annex.pk}
        html = client.get(reverse("space:rooms_list"), query).content.decode()
    assert ("1号楼" in html) is named
    assert f'<option value="{annex.pk}" selected>' in html, "what is set is shown all the same"
