"""A pytest plugin: what Django does anew for every browser of a test is done once per process."""

import gc
from typing import Any

import pytest

# Settings that tests change and no middleware reads when it is put together. Any other change
# puts the middleware together anew.
_UNREAD = {
    "DEMO",
    "FILES_ROOT",
    "GUANJIA_HOME",
    "PASSWORD_HASHERS",
    "PUBLIC_URL",
    "ROOT_URLCONF",
    "SCHEME_TABLES",
    "TRUSTED_PROXIES",
    "UPLOAD_BYTES_MAX",
    "VOUCHER_FONTS",
    "VOUCHER_TEMPLATES",
}


_YOUNG = 50_000  # new objects between two looks for garbage; Python's own 700 is for small programs


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Once Django is ready."""
    _share_middleware()
    _migrate_lightly()


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: nobody need look for garbage in it.

    The tests of the whole house are a million objects, which were walked through again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 50, 100)


def _share_middleware() -> None:
    """One chain of middleware for all browsers: whitenoise looks at every static file for each."""
    from django.conf import settings  # noqa: PLC0415 — read before Django is ready
    from django.core.handlers.base import BaseHandler  # noqa: PLC0415 — as above
    from django.core.signals import setting_changed  # noqa: PLC0415 — as above
    from django.test.client import ClientHandler  # noqa: PLC0415 — as above

    chains: dict[tuple[str, ...], BaseHandler] = {}

    def load_middleware(handler: Any, is_async: bool = False) -> None:
        chosen = tuple(settings.MIDDLEWARE)
        if is_async:
            BaseHandler.load_middleware(handler, is_async=True)
            return
        if chosen not in chains:
            chains[chosen] = BaseHandler()
            chains[chosen].load_middleware()
        # All that the loading leaves behind; nothing of it belongs to one browser.
        vars(handler).update(vars(chains[chosen]))

    def forget(*, setting: str, **_: Any) -> None:
        if setting not in _UNREAD | {"MIDDLEWARE"}:
            chains.clear()

    setting_changed.connect(forget, weak=False)
    ClientHandler.load_middleware = load_middleware  # type: ignore[method-assign,assignment]


def _migrate_lightly() -> None:
    """Historical models do not learn of their constraints, indexes and triggers.

    Django would build each of them, and all that hang together with it, anew for every one of
    these; that is most of the time of the migrations, and nothing on PostgreSQL reads it. The
    statements are the same. `guanjia migrate` does without this, see tests/launcher.
    """
    from django.db.migrations.state import ProjectState  # noqa: PLC0415 — read before Django is ready
    from pgtrigger.migrations import AddTrigger  # noqa: PLC0415 — as above

    def append(state: Any, app_label: str, model_name: str, option: str, added: Any) -> None:
        options = state.models[app_label, model_name].options
        options[option] = [*options.get(option, []), added]

    def add_trigger(operation: Any, app_label: str, state: Any) -> None:
        append(state, app_label, operation.model_name, "triggers", operation.trigger)

    ProjectState._append_option = append  # type: ignore[attr-defined]  # private
    AddTrigger.state_forwards = add_trigger  # type: ignore[method-assign,assignment]
