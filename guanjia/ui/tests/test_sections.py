"""A section says of a record what its model fields hold, as pages write it."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.db import models
from django.test.utils import isolate_apps

from guanjia.kernel.org.models import Person
from guanjia.kernel.registers.declaration import Column
from guanjia.kernel.registers.fields import of, term_of
from guanjia.ui.forms import WholeNumber, field_for
from guanjia.ui.sections import Section


def model() -> Any:
    with isolate_apps("guanjia.kernel.org"):

        class Thing(models.Model):
            held_l = models.DecimalField("容积", max_digits=5, decimal_places=1, null=True)
            price_fen = models.BigIntegerField("价格", null=True)
            run_km = models.PositiveIntegerField("里程", default=0)
            bought_on = models.DateField("购置日期")
            name = models.CharField("名称", max_length=5)

            class Meta:
                app_label = "org"

    return Thing


def test_a_section_writes_numbers_days_and_choices() -> None:
    thing = model()
    term = term_of(Person._meta.get_field("rank"))
    assert term is not None
    rank = next(iter(term))
    section = Section(
        title="档案",
        fields=(
            of(thing.held_l, unit="L"), of(thing.price_fen, unit="万元"),
            of(thing.run_km, unit="公里", heading="里程表"), of(thing.bought_on), of(Person.rank),
            of(thing.name), Column(name="twice", title="两遍", value=lambda row: row.name * 2),
        ),
    )  # fmt: skip
    row = SimpleNamespace(
        held_l=Decimal("50.0"), price_fen=17_980_000, run_km=12_345, bought_on=date(2020, 5, 8),
        rank=rank.value, name="甲",
    )  # fmt: skip
    assert section.rows(row) == [
        ("容积", "50 L"), ("价格", "17.98 万元"), ("里程表", "12,345 公里"),
        ("购置日期", "2020-05-08"), ("职级", rank.label), ("名称", "甲"), ("两遍", "甲甲"),
    ]  # fmt: skip
    empty = SimpleNamespace(held_l=None, price_fen=None, run_km=0, bought_on=None, rank="", name="")
    assert [text for _, text in section.rows(empty)] == ["", "", "0 公里", "", "", "", ""]


def test_a_form_field_has_the_label_and_the_bounds_of_its_model_field() -> None:
    thing = model()
    name, run = field_for(thing.name), field_for(thing.run_km)
    held = field_for(thing.held_l, unit="升", most=1_000)
    assert (name.label, name.required, held.required) == ("名称", True, False)
    assert isinstance(run, WholeNumber)

    def asked(**typed: str) -> forms.Form:
        form = forms.Form(typed)
        form.fields.update({"name": name, "held": held, "run": run})
        return form

    assert asked(name="一二三四五六", held="1001", run="-1").errors == {
        "name": ["名称最多 5 个字。"], "held": ["容积最多 1,000 升。"], "run": ["里程不小于 0。"],
    }  # fmt: skip
    assert asked(name="", held="0.05", run="1").errors["name"] == ["补填名称。"]
