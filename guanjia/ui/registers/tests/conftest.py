"""Accounts, rows and Excel files for the pages of the sample register."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.tests.people import PEOPLE, person, tree

HEADERS = ("工号", "姓名", "职级", "单位编码", "职务", "手机号", "入职日期")
GOOD = ("N1", "钱七", "科级以下", "C1", "科员", "15812342391", "2020年3月5日")


@pytest.fixture(autouse=True)
def _site(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = "guanjia.ui.registers.tests.site"
    settings.GUANJIA_HOME = tmp_path
    # The front hall's own middleware wants the front hall's urls; the register needs neither.
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if ".portal." not in name]
    monkeypatch.setitem(catalogue._registers, PEOPLE.key, PEOPLE)
    for key, verbs in (("tests-clerk", {"tests.take"}), ("tests-chief", {"tests.reveal"})):
        duty = duties.Duty(
            key=key, title="测试", verbs=frozenset(verbs), reads=frozenset({"tests.see"})
        )
        monkeypatch.setitem(duties._duties, key, duty)


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
    """The tree, with three people in it."""
    found = tree()
    person("A1", "张三", found["C1"], rank=Rank.BUREAU_HEAD)
    person("A2", "李四", found["C11"], title="综合科负责人兼政策法规科联络员")
    person("A3", "王五<b>", found["C2"])
    return found


@pytest.fixture
def sign_in(units: dict[str, Unit]) -> Callable[..., Client]:
    """A browser of an account with a duty and a reach."""

    def browser(duty: str = "tests-clerk", reach: str = "CITY", unit: str = "") -> Client:
        account = Account.objects.create(
            username=f"{duty}-{reach}-{unit}",
            name="熊燕欣",
            must_change_password=False,
            created_at=timezone.now(),
        )
        Grant.objects.create(
            account=account,
            duty=duty,
            reach=reach,
            unit=units[unit] if unit else None,
            since=date(2020, 1, 1),
        )
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


@pytest.fixture
def clerk(sign_in: Callable[..., Client]) -> Client:
    """May look and import everywhere."""
    return sign_in()


def workbook(*rows: Sequence[Any], headers: Sequence[str] = HEADERS) -> io.BytesIO:
    """An Excel file as offices keep it: title line, header, rows, signature line."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "人员名录"
    sheet.append(["某市人员名录"])
    sheet.append(list(headers))
    for row in rows:
        sheet.append(list(row))
    sheet.append(["填表人：熊燕欣"])
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    buffer.name = "人员.xlsx"
    return buffer
