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
    from guanjia.config import light_history  # noqa: PLC0415 — once Django is ready

    _share_middleware()
    light_history.take()


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
