"""Compounds and buildings, and what they were on any past day.

What is known of a building (area, title, safety, state …) lies in its spells, one for each day.
The building itself carries the facts of the last spell, so that lists, forms and rules of today
need not join; the database copies them and refuses every other way of changing them. A building
that is entered brings its first facts with it: from these the database makes its first spell, whose
beginning nobody knows. So a building has facts on every day, without gap or overlap.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import FilteredRelation, Prefetch, Q
from django.db.models.functions import TruncDate
from django.db.models.query import ModelIterable

from guanjia.domains.space.terms.ledger import (
    BUILDING_FACTS,
    COMPOUND_FACTS,
    BuildingKind,
    BuildingState,
    SafetyGrade,
    Structure,
    TitleState,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


def _columns(facts: tuple[str, ...], of: str) -> str:
    return ", ".join(f"{of}.{name}" for name in facts)


def _first(what: str, facts: tuple[str, ...]) -> pgtrigger.Trigger:
    """A new row's facts become its first spell, of which nobody knows since when it held."""
    return pgtrigger.Trigger(
        name="begins_a_spell",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
            INSERT INTO space_{what}spell ({what}_id, during, why, told_at, {", ".join(facts)})
            VALUES (NEW.id, '(,)', '', now(), {_columns(facts, "NEW")});
            RETURN NULL;
        """,  # noqa: S608 — names of our own columns
    )


def _last(what: str, facts: tuple[str, ...], of: str) -> str:
    """The last spell of a row: the one that begins latest, also while its end is being moved."""
    return f"""SELECT {", ".join(facts)} FROM space_{what}spell
                WHERE {what}_id = {of} ORDER BY lower(during) DESC NULLS LAST LIMIT 1"""  # noqa: S608 — as above


def _guarded(what: str, facts: tuple[str, ...]) -> pgtrigger.Trigger:
    """No fact is changed but by a spell, whoever writes it."""
    return pgtrigger.Trigger(
        name="facts_come_from_spells",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(*facts),
        func=f"""
            IF NOT EXISTS (
                SELECT 1 FROM ({_last(what, facts, "NEW.id")}) s
                WHERE ({_columns(facts, "s")}) IS NOT DISTINCT FROM ({_columns(facts, "NEW")})
            ) THEN
                RAISE EXCEPTION 'space_{what}_is_as_its_last_spell: %', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 — as above
    )


def _copied(what: str, facts: tuple[str, ...]) -> pgtrigger.Trigger:
    """Whatever becomes of the spells, the row carries the facts of the last one at once."""
    return pgtrigger.Trigger(
        name="last_is_copied",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("of", "bigint")],
        func=f"""
            of := coalesce(NEW.{what}_id, OLD.{what}_id);
            -- Two who tell of one row wait for each other, so that the last word is copied last.
            PERFORM 1 FROM space_{what} WHERE id = of FOR NO KEY UPDATE;
            UPDATE space_{what} b SET ({", ".join(facts)}) = ({_columns(facts, "s")})
            FROM ({_last(what, facts, "of")}) s
            WHERE b.id = of AND ({_columns(facts, "b")}) IS DISTINCT FROM ({_columns(facts, "s")});
            RETURN NULL;
        """,  # noqa: S608 — as above
    )


def _covering(what: str) -> pgtrigger.Trigger:
    """Judged when the transaction ends: the spells of a row together are every day there is."""
    return pgtrigger.Trigger(
        name="cover_every_day",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        timing=pgtrigger.Deferred,
        declare=[("of", "bigint")],
        func=f"""
            of := coalesce(NEW.{what}_id, OLD.{what}_id);
            IF EXISTS (SELECT 1 FROM space_{what} WHERE id = of) AND (
                SELECT range_agg(during) FROM space_{what}spell WHERE {what}_id = of
            ) IS DISTINCT FROM '{{(,)}}'::datemultirange THEN
                RAISE EXCEPTION 'space_{what}_is_something_every_day: %', of
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 — as above
    )


class _OfTheDay(ModelIterable):
    """Rows as they were on a day: their facts are those of the spell that was joined (``now``)."""

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            for name in row.facts:
                setattr(row, name, getattr(row.now, name))
            yield row


class _Dated(models.QuerySet[Any]):
    """Rows with spells: read without a day they are as they are today."""

    def _at(self, day: date) -> Any:
        rows = self.annotate(
            now=FilteredRelation("spells", condition=Q(spells__during__contains=day))
        ).select_related("now")
        rows._iterable_class = _OfTheDay
        return rows


# ── compounds ────────────────────────────────────────────────────────────────────────────


class CompoundFacts(models.Model):
    """What changes about a compound."""

    address = models.CharField("地址", max_length=120, blank=True)
    land_m2 = models.DecimalField("土地面积", max_digits=12, decimal_places=2, null=True)
    land_title_no = models.CharField("土地权属证号", max_length=60, blank=True)

    facts = COMPOUND_FACTS

    class Meta:
        abstract = True


class Compounds(_Dated):
    """Filters over compounds, and how they were on a day."""

    def on(self, day: date) -> "Compounds":
        """The compounds with the facts of a day, to be shown and not to be saved."""
        rows: Compounds = self._at(day)
        return rows


class Compound(CompoundFacts):
    """A walled ground with buildings (院落); its facts are those of its last spell."""

    name = models.CharField("院落", max_length=60, unique=True)
    position = models.PositiveIntegerField("排序号", default=0)
    now: Any = None

    objects: Any = Compounds.as_manager()

    class Meta:
        verbose_name = "院落"
        ordering = ("position", "pk")
        triggers = [_first("compound", COMPOUND_FACTS), _guarded("compound", COMPOUND_FACTS)]

    def __str__(self) -> str:
        return self.name


class CompoundSpell(CompoundFacts):
    """What a compound was from a day on until it was something else (half-open)."""

    compound = models.ForeignKey(
        Compound, models.PROTECT, related_name="spells", verbose_name="院落"
    )
    during = DateRangeField("期间")
    why = models.CharField("原因", max_length=200, blank=True)
    told_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "院落情况"
        ordering = ("compound", "during")
        constraints = [
            ExclusionConstraint(
                name="space_a_compound_is_one_thing_at_a_time",
                expressions=[
                    ("compound", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="space_compound_spell_lasts", condition=Q(during__isempty=False)
            ),
            models.CheckConstraint(
                name="space_compound_spell_has_begun",
                condition=Q(during__startswith=None)
                | Q(during__startswith__lte=TruncDate("told_at")),
            ),
            models.CheckConstraint(
                name="space_land_has_an_area", condition=Q(land_m2=None) | Q(land_m2__gt=0)
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="space_compound_spell_during")]
        triggers = [
            pgtrigger.ReadOnly(name="stays_with_its_row", fields=["compound"]),
            _copied("compound", COMPOUND_FACTS),
            _covering("compound"),
        ]

    def __str__(self) -> str:
        return str(self.compound)


# ── buildings ────────────────────────────────────────────────────────────────────────────


class BuildingFacts(models.Model):
    """What changes about a building; areas in ㎡."""

    gross_m2 = models.DecimalField("建筑面积", max_digits=10, decimal_places=2)
    floors_above = models.PositiveSmallIntegerField("层数")
    kind = models.CharField("建筑类别", max_length=10, choices=BuildingKind.choices)
    built_year = models.PositiveSmallIntegerField("建成年份", null=True)
    structure = models.CharField("建筑结构", max_length=12, choices=Structure.choices, blank=True)
    title_state = models.CharField("权属状态", max_length=12, choices=TitleState.choices)
    title_no = models.CharField("权属证号", max_length=60, blank=True)
    title_owner = models.CharField("权属人", max_length=100, blank=True)
    titled_on = models.DateField("登记日期", null=True)
    title_m2 = models.DecimalField("证载面积", max_digits=10, decimal_places=2, null=True)
    delivered_on = models.DateField("交付日期", null=True)
    state = models.CharField("状态", max_length=10, choices=BuildingState.choices)
    safety = models.CharField("安全等级", max_length=2, choices=SafetyGrade.choices, blank=True)
    appraised_on = models.DateField("鉴定日期", null=True)

    facts = BUILDING_FACTS

    class Meta:
        abstract = True


class Buildings(_Dated):
    """Filters over buildings, and how they were on a day."""

    def within(self, scope: Scope) -> "Buildings":
        """The buildings in which a unit inside the scope has ever held a room; with sight of
        everything, all of them."""
        if scope.everything:
            return self
        wanted = in_units(scope, "rooms__holdings__unit")
        return self.filter(pk__in=Building.objects.filter(wanted).values("pk"))

    def on(self, day: date) -> "Buildings":
        """The buildings, and their compounds, with the facts of a day; to be shown and not to be
        saved. Two statements.

        What is filtered, sorted or added up in the database is ``now__state``, ``now__gross_m2`` …
        """
        rows: Buildings = self._at(day).prefetch_related(
            Prefetch("compound", queryset=Compound.objects.on(day))
        )
        return rows


class Building(BuildingFacts):
    """A building with offices (楼栋); its facts are those of its last spell."""

    compound = models.ForeignKey(
        Compound, models.PROTECT, related_name="buildings", verbose_name="院落"
    )
    name = models.CharField("楼栋", max_length=60)
    position = models.PositiveIntegerField("排序号", default=0)
    # Set on rows read as of a day (``Buildings.on``).
    now: Any = None

    objects: Any = Buildings.as_manager()

    class Meta:
        verbose_name = "楼栋"
        ordering = ("compound__position", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_one_building_of_a_name", fields=["compound", "name"]
            ),
        ]
        triggers = [_first("building", BUILDING_FACTS), _guarded("building", BUILDING_FACTS)]

    def __str__(self) -> str:
        return self.name


class BuildingSpell(BuildingFacts):
    """What a building was from a day on until it was something else (half-open)."""

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="spells", verbose_name="楼栋"
    )
    during = DateRangeField("期间")
    why = models.CharField("原因", max_length=200, blank=True)
    told_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "楼栋情况"
        ordering = ("building", "during")
        constraints = [
            ExclusionConstraint(
                name="space_a_building_is_one_thing_at_a_time",
                expressions=[
                    ("building", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="space_building_spell_lasts", condition=Q(during__isempty=False)
            ),
            models.CheckConstraint(
                name="space_building_spell_has_begun",
                condition=Q(during__startswith=None)
                | Q(during__startswith__lte=TruncDate("told_at")),
            ),
            models.CheckConstraint(
                name="space_building_has_an_area",
                condition=Q(gross_m2__gt=0) & (Q(title_m2=None) | Q(title_m2__gt=0)),
            ),
            models.CheckConstraint(
                name="space_building_has_a_floor",
                condition=Q(floors_above__gte=1, floors_above__lte=200),
            ),
            models.CheckConstraint(
                name="space_registered_title_has_a_number",
                condition=~Q(title_state=TitleState.REGISTERED) | ~Q(title_no=""),
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="space_building_spell_during")]
        triggers = [
            pgtrigger.ReadOnly(name="stays_with_its_row", fields=["building"]),
            _copied("building", BUILDING_FACTS),
            _covering("building"),
        ]

    def __str__(self) -> str:
        return str(self.building)
