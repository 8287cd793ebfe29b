"""What a break in a template changes for a reader, and what it does not."""

import pytest

from guanjia.ui.tests.reading import flat


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("<td>\n  8\n</td>\n<td>9</td>", "<td>8</td><td>9</td>"),
        ('<a\n  href="/x/"\n  >赣H</a\n>', '<a href="/x/">赣H</a>'),
        ("共 8\n  单", "共 8 单"),
        ("<p>\n  <b>8</b>\n</p>", "<p><b>8</b></p>"),
        (b"<li>\n  \xe5\x8d\x95</li>\n", "<li>单</li>"),
    ],
)
def test_a_break_nobody_sees_makes_no_difference(broken: str | bytes, whole: str) -> None:
    assert flat(broken) == whole


@pytest.mark.parametrize("broken", ["<b>8</b>\n<i>辆</i>", "8\n<span>辆</span>"])
def test_a_blank_that_is_seen_stays(broken: str) -> None:
    assert flat(broken) == broken.replace("\n", " ")
    assert flat(broken) != broken.replace("\n", "")
