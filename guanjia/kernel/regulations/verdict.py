"""Verdicts: what a rule says of some facts, in a sentence, with the article it rests on. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Where a rule is written (依据).

    ``number`` is the 文号; ``since`` the day the text came into force; ``checked_on`` the day
    somebody compared our value with the official text, ``None`` when nobody has (未核对).
    A rule of our own has ``own=True`` and only a title.
    """

    title: str
    article: str = ""
    number: str = ""
    since: date | None = None
    checked_on: date | None = None
    source: str = ""
    key: str = ""
    own: bool = False

    @property
    def unchecked(self) -> bool:
        """Whether the page must say 未核对."""
        return not self.own and self.checked_on is None

    def line(self) -> str:
        """The citation in one line, as design and audit record show it."""
        if self.own:
            return f"规则：{self.title}"
        parts = [f"《{self.title}》{self.article}", self.number]
        if self.since is not None:
            parts.append(f"{self.since.year}年{self.since.month}月{self.since.day}日起施行")
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Option:
    """Something that can be done after a refusal; ``act`` is a key the page knows."""

    label: str
    act: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a rule found.

    ``headline`` says what is refused or warned of, ``sentence`` why, with the facts; ``field``
    names the form field or register column concerned; ``options`` what can be done instead.
    """

    code: str
    headline: str
    sentence: str
    cite: Citation | None = None
    field: str = ""
    options: tuple[Option, ...] = ()

    def text(self) -> str:
        """Headline and sentence as one line, for places without layout."""
        return f"{self.headline}{self.sentence}"


class Refused(Exception):
    """A rule said no; carries the findings with their articles."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("；".join(finding.text() for finding in self.findings))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the rules say: refusals block, warnings let pass, passes are shown on detail pages."""

    refusals: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    passes: tuple[Finding, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing blocks."""
        return not self.refusals

    def enforce(self) -> "Verdict":
        """Return itself, or raise ``Refused`` with every refusal."""
        if self.refusals:
            raise Refused(self.refusals)
        return self

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            refusals=self.refusals + other.refusals,
            warnings=self.warnings + other.warnings,
            passes=self.passes + other.passes,
        )

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """Plain data for the audit record; dates as ISO text."""
        return {
            kind: [_plain(finding) for finding in findings]
            for kind, findings in (
                ("refusals", self.refusals),
                ("warnings", self.warnings),
                ("passes", self.passes),
            )
            if findings
        }


def _plain(finding: Finding) -> dict[str, Any]:
    data = asdict(finding)
    if data["cite"]:
        for name in ("since", "checked_on"):
            day = data["cite"][name]
            data["cite"][name] = day.isoformat() if day else None
    return data


def verdict_from_json(data: dict[str, list[dict[str, Any]]]) -> Verdict:
    """The verdict as it was stored by ``as_json``: what was decided stays decided."""
    return Verdict(**{kind: tuple(map(_finding, items)) for kind, items in data.items()})


def _finding(item: dict[str, Any]) -> Finding:
    cite = dict(item["cite"]) if item.get("cite") else None
    if cite:
        for name in ("since", "checked_on"):
            cite[name] = date.fromisoformat(cite[name]) if cite.get(name) else None
    return Finding(
        code=item["code"],
        headline=item["headline"],
        sentence=item["sentence"],
        cite=Citation(**cite) if cite else None,
        field=item.get("field", ""),
        options=tuple(Option(**option) for option in item.get("options", ())),
    )


ALLOWED = Verdict()


def refuse(
    code: str,
    headline: str,
    sentence: str = "",
    cite: Citation | None = None,
    *,
    field: str = "",
    options: tuple[Option, ...] = (),
) -> Verdict:
    """A verdict that blocks."""
    return Verdict(
        refusals=(
            Finding(
                code=code,
                headline=headline,
                sentence=sentence,
                cite=cite,
                field=field,
                options=options,
            ),
        )
    )


def warn(
    code: str, headline: str, sentence: str = "", cite: Citation | None = None, *, field: str = ""
) -> Verdict:
    """A verdict that lets pass and says what it costs."""
    return Verdict(
        warnings=(Finding(code=code, headline=headline, sentence=sentence, cite=cite, field=field),)
    )


def passed(code: str, headline: str, sentence: str = "", cite: Citation | None = None) -> Verdict:
    """A verdict that says which rule was kept."""
    return Verdict(passes=(Finding(code=code, headline=headline, sentence=sentence, cite=cite),))


def merge(verdicts: Iterable[Verdict]) -> Verdict:
    """All findings of several rules together, in their order."""
    return sum(verdicts, ALLOWED)
