"""The departments that are installed and bring something to the demo."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from guanjia.demo.accounts import COMMON, DemoAccount
from guanjia.demo.declaration import Demo

_OWN = Path(__file__).parent / "ledgers"
EXPECTED = _OWN / "expected.json"  # what all ledgers add up to


def demos() -> dict[str, Demo]:
    """What each department brings, by the label of its app, in their turn."""
    found = {
        config.label: import_module(f"{config.name}.demo").DEMO
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "demo")
    }
    return dict(sorted(found.items(), key=lambda one: one[1].place))


def ledgers() -> Iterator[tuple[str, Path]]:
    """The registers to take in, in their order, each with its file; units and people first."""
    for key in ("org.units", "org.people"):
        yield key, _OWN / f"{key}.xlsx"
    for label, demo in demos().items():
        folder = Path(apps.get_app_config(label).path) / "demo" / "ledgers"
        for key in demo.ledgers:
            yield key, folder / f"{key}.xlsx"


def ledger(key: str) -> Path:
    """The file of one register."""
    return dict(ledgers())[key]


def accounts() -> tuple[DemoAccount, ...]:
    """Everybody who is named, with the duties that all departments give."""
    brought = tuple(demos().values())
    named = [account for demo in brought for account in demo.accounts]
    return tuple(
        account.with_grants(
            grant for demo in brought for grant in demo.grants.get(account.username, ())
        )
        for account in (*named, *COMMON)
    )
