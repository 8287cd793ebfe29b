"""What is published of energy, and what everybody may read of it."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

from django.db.models import Q

from guanjia.domains.energy.models import (
    EnergyPublication,
    EnergyPublications,
    Institution,
    Scheme,
)
from guanjia.domains.energy.queries import analysis, areas, assessing, totals
from guanjia.domains.energy.queries.totals import Body, Group
from guanjia.domains.energy.rules import indicators, ranks, reckoning
from guanjia.domains.energy.rules.analysis_facts import YearFacts
from guanjia.domains.energy.rules.indicators import Line
from guanjia.domains.energy.rules.reckoning import Factors
from guanjia.domains.energy.terms.analyses import NOTICE_LIFE, PublicationKind, PublicationState
from guanjia.domains.energy.terms.assessment import Outcome
from guanjia.domains.energy.terms.energies import VEHICLE_FUEL, Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.engines.wordreports.paper import Paper
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.vouchers import codes

SEE, MAKE = "energy.notice.see", "energy.notice.make"
_WITH = ("analysis__institution", "scheme", "corrects", "correction", "published_by",
         "withdrawn_by", "drawn_by")  # fmt: skip


def publications(actor: Actor) -> EnergyPublications:
    """What this person may open: what was published, and drafts of what they see."""
    rows: EnergyPublications = EnergyPublication.objects.select_related(*_WITH)
    seen = EnergyPublication.objects.within(actor.scope(SEE))
    return rows.filter(~Q(state=PublicationState.DRAFT) | Q(pk__in=seen.values("pk")))


def in_reach(scope: Scope) -> EnergyPublications:
    """Those that somebody with this scope may do something with."""
    rows: EnergyPublications = EnergyPublication.objects.within(scope).select_related(*_WITH)
    return rows


def publication(*, actor: Actor, publication_id: int) -> EnergyPublication:
    """One; raises ``EnergyPublication.DoesNotExist`` for a draft that is not theirs to see."""
    found: EnergyPublication = publications(actor).get(pk=publication_id)
    return found


def sees_publication(actor: Actor, publication_id: int) -> bool:
    """Whether somebody may open a publication."""
    return bool(publications(actor).filter(pk=publication_id).exists())


NOTICES = Subject(
    model="energy.energypublication", title="能耗公示", page="energy:notice", key="publication_id",
    path="notices", stem="notice", see=SEE, sees=sees_publication, rows=in_reach,
    life=NOTICE_LIFE, beside=("analysis", "scheme"), name="", listed=("能耗公示", "energy:notices"),
    now=lambda notice: f"{notice}，{notice.get_kind_display()}，第 {notice.edition} 版",
)  # fmt: skip


def public(words: str = "") -> EnergyPublications:
    """What stands published now, the newest editions only; ``words``: titles and institutions."""
    rows: EnergyPublications = EnergyPublication.objects.filter(state=PublicationState.PUBLISHED)
    later = EnergyPublication.objects.told().filter(corrects__isnull=False)
    rows = rows.exclude(pk__in=later.values("corrects"))
    for word in words.split():
        rows = rows.filter(
            Q(title__icontains=word) | Q(names__icontains=word) | Q(issuer__icontains=word)
        )
    return rows.order_by("-year", "kind", "title")


def by_code(text: str) -> EnergyPublication | None:
    """What was published under a code, also corrected or withdrawn since, or ``None``."""
    rows = EnergyPublication.objects.told().select_related("corrects", "correction")
    found: EnergyPublication | None = rows.filter(code=codes.read(text)).first()
    return found


def editions(found: EnergyPublication) -> list[EnergyPublication]:
    """Every published edition of a publication, the first one first."""
    rows = EnergyPublication.objects.told().filter(kind=found.kind, year=found.year)
    if found.analysis is not None:
        rows = rows.filter(analysis__institution=found.analysis.institution_id)
    elif found.scheme_id is not None:
        rows = rows.filter(scheme=found.scheme_id)
    return list(rows.select_related("published_by").order_by("edition"))


def newest_of_year(year: int) -> EnergyPublication | None:
    """The last edition of a year's indicators, drafts too."""
    rows = EnergyPublication.objects.filter(kind=PublicationKind.YEAR, year=year)
    found: EnergyPublication | None = rows.order_by("-edition").first()
    return found


def newest_of_scheme(scheme_id: int) -> EnergyPublication | None:
    """The last edition of a scheme's ranks, drafts too."""
    rows = EnergyPublication.objects.filter(scheme=scheme_id).order_by("-edition")
    found: EnergyPublication | None = rows.first()
    return found


def ranks_of(scheme: Scheme) -> tuple[Paper, list[str]]:
    """How an assessment ended, and the institutions it names."""
    last = reckoning.last_day(scheme.year)
    rows = [
        ranks.Ranked(
            name=row.institution.name, area=areas.title(row.institution.area), total=row.total,
            grade=row.grade, outcome=Outcome(row.outcome), place=row.place,
        )
        for row in assessing.listed(Scope.all()).filter(scheme=scheme)
    ]  # fmt: skip
    paper = ranks.paper_of(
        title=str(scheme), source=scheme.source, rows=rows,
        grades=[grade.title for grade in assessing.grades(scheme)],
        listed=Institution.objects.listed(last).count(),
    )  # fmt: skip
    return paper, [row.name for row in rows if row.outcome is Outcome.PASSED]


# ── a year's indicators ──────────────────────────────────────────────────────────────────


def indicators_of(year: int, *, key_users: bool, today: date) -> tuple[Paper, list[str]]:
    """A year's indicators by area and kind, with ``key_users`` those of each key user; and the
    institutions and areas it names. Of a year that runs they are those of ``today``."""
    found = totals.year_of(Scope.all(), year)
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    by_area, by_kind = found.by(lambda body: body.area_id), found.by(lambda body: body.kind)
    users = list(analysis.key_users(Scope.all(), year))
    apart = {one.pk for one in users} | _analysed(year)
    listed = (
        [_single(one.now.name, analysis.year_facts(one.pk, year)) for one in users]
        if key_users
        else []
    )
    paper = indicators.paper_of(
        year=year,
        whole=_line("全市", found.whole, apart),
        areas=[_line(titles[pk], by_area[pk], apart) for pk in titles if pk in by_area],
        kinds=[
            _line(kind.label, by_kind[kind], apart) for kind in InstitutionKind if kind in by_kind
        ],
        key_users=listed if key_users else None,
        unknown=found.whole.coal.unknown,
        over=today.year > year,
    )
    return paper, [line.title for line in listed] + [titles[pk] for pk in titles if pk in by_area]


def _analysed(year: int) -> set[int]:
    """The institutions of which an analysis that tells of the year was ever published."""
    rows = EnergyPublication.objects.told().filter(
        kind=PublicationKind.ANALYSIS, year__range=(year, year + analysis.YEARS - 1)
    )
    return set(rows.values_list("analysis__institution", flat=True))


def _single(title: str, facts: YearFacts) -> Line:
    return Line(
        title=title, institutions=1, told=int(bool(facts.months)), months=len(facts.months),
        amounts=facts.amounts(), coal=facts.coal(), intensity=facts.intensity(),
    )  # fmt: skip


def _line(title: str, group: Group, apart: set[int]) -> Line:
    told: list[Body] = [body for body in group.bodies if body.months]
    counted = Group(factors=group.factors, bodies=told)
    return Line(
        title=title, institutions=len(group.bodies), told=len(told),
        months=sum((body.months for body in told), 0), amounts=counted.amounts,
        coal=reckoning.coal_told(counted.amounts, group.factors), intensity=counted.intensity,
        named=sum(body.id in apart for body in told),
        tellers={
            column: (len(behind), sum(body.id in apart for body in behind))
            for column, behind in _behind(told, group.factors).items()
        },
    )  # fmt: skip


def _behind(bodies: Sequence[Body], factors: Factors) -> dict[str, list[Body]]:
    """Who is behind each column of indicators: those of whom what it adds up is known."""

    def burns(body: Body, but: Collection[Energy] = ()) -> bool:
        return reckoning.coal_told(body.amounts, factors, without=but) is not None

    known: dict[str, Callable[[Body], bool]] = {
        "coal": burns,
        "electricity": lambda body: Energy.ELECTRICITY in body.amounts,
        "water": lambda body: Energy.WATER in body.amounts,
        "per_person": lambda body: burns(body) and bool(body.people),
        "per_m2": lambda body: burns(body, VEHICLE_FUEL) and bool(body.floor_m2),
        "water_per_person": lambda body: Energy.WATER in body.amounts and bool(body.people),
    }
    return {column: [body for body in bodies if test(body)] for column, test in known.items()}
