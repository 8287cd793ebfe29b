"""The front door tells the truth: demo accounts, commands, pictures, links."""

import re
from pathlib import Path

import pytest

from guanjia.config import cli
from guanjia.demo import departments
from guanjia.demo.accounts import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", READMES)
def test_every_demo_account_is_named_with_the_password(name: str) -> None:
    text = (ROOT / name).read_text()
    assert PASSWORD in text
    told = set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE))
    assert {account.username for account in departments.accounts()} <= told


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    public = {command for command in cli.cli.commands if command != "manage"}
    for command in public:
        assert re.search(rf"`[^`\n]*{command}", text), command


@pytest.mark.parametrize("name", [*READMES, "docs/manual/README.md", "docs/domains/fleet.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    file = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text()):
        if not target.startswith("http"):
            assert (file.parent / target).exists(), target
