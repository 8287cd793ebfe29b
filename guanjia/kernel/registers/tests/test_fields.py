"""Columns from model fields say what the field says, and nothing that it does not."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.test.utils import isolate_apps

from guanjia.kernel.access.models import Look
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.kernel.registers.fields import field_of, of


def some_model() -> type[models.Model]:
    with isolate_apps("guanjia.kernel.org"):

        class Thing(models.Model):
            mass_kg = models.DecimalField("质量", max_digits=6, decimal_places=1, null=True)
            price_fen = models.BigIntegerField("价格")
            marks = models.PositiveSmallIntegerField("得分", validators=[MaxValueValidator(100)])
            level = models.IntegerField("楼层", validators=[MinValueValidator(-5)], default=1)

            class Meta:
                app_label = "org"

    return Thing


def test_a_column_says_what_the_field_says() -> None:
    thing = some_model()
    assert of(thing.mass_kg, unit="kg") == Column(
        name="mass_kg", title="质量(kg)", heading="质量", unit="kg", kind=Kind.DECIMAL, places=1,
        sort="mass_kg", model_field="org.thing.mass_kg",
    )  # fmt: skip
    marks = of(thing.marks)
    assert (marks.kind, marks.minimum, marks.maximum, marks.required) == (
        Kind.INTEGER, 0, 100, True,
    )  # fmt: skip
    level = of(thing.level)
    assert (level.minimum, level.maximum, level.required) == (-5, None, False)


def test_text_has_its_length_and_choices_their_term() -> None:
    name = of(Person.name)
    assert (name.kind, name.max_length, name.required) == (
        Kind.TEXT, Person._meta.get_field("name").max_length, True,
    )  # fmt: skip
    rank = of(Person.rank)
    assert rank.kind is Kind.CHOICE
    assert rank.choices is not None
    assert rank.choices.choices() == list(Person._meta.get_field("rank").choices or ())


def test_money_is_shown_in_yuan_and_named_without_fen() -> None:
    price = of(some_model().price_fen)
    assert (price.name, price.title, price.unit, price.places) == ("price", "价格(元)", "元", 2)
    assert price.value is not None
    assert price.value(SimpleNamespace(price_fen=12_345)) == Decimal("123.45")
    assert price.value(SimpleNamespace(price_fen=None)) is None
    dear = of(some_model().price_fen, unit="万元", name="price_wan")
    assert dear.value is not None
    assert (dear.name, dear.value(SimpleNamespace(price_fen=17_980_000))) == (
        "price_wan", Decimal("17.98"),
    )  # fmt: skip


def test_what_is_said_otherwise_goes_before_the_field() -> None:
    code = of(Unit.code, title="编码", sort="", required=False)
    assert (code.title, code.sort, code.required, code.unique) == ("编码", "", False, True)


def test_no_column_without_a_reader() -> None:
    with pytest.raises(TypeError, match="reference"):
        of(Person.unit)
    with pytest.raises(TypeError, match="GenericIPAddressField"):
        of(Look.address)
    with pytest.raises(TypeError, match="no field"):
        field_of(Person.__str__)
