"""What the source may say: no domain word below the domains, no English on screen, no figure of a
regulation in Python."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from guanjia.kernel.access import duties
from guanjia.kernel.regulations import lawbook
from tests.house.asking import each

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "guanjia"

# Words that belong to a department. Whole words, so that "cards" is found and "discard" is not.
DOMAIN_WORDS = re.compile(
    r"\b(?:cars?|drivers?|trips?|odometers?|plates?|fleet|rooms?|meetings?|canteens?|meals?|"
    r"vehicles?|energy|repairs?)\b|车辆|公务用车|派车|驾驶员|会议室|食堂|用餐|办公用房|能耗|维修",
    re.IGNORECASE,
)
# Words of computing that only look like one.
# Widgets named after the shape they have.
WIDGETS = {"guanjia/ui/templatetags/gj.py": {"plate"}}
INNOCENT = re.compile(
    r"database driver|webdriver|drivers? (of|for) the database|board(s|ing)?", re.I
)


def sources(*folders: str, suffixes: tuple[str, ...]) -> list[Path]:
    """Our files below some folders, without tests, migrations and what others wrote."""
    return sorted(
        path
        for folder in folders
        for path in (HOUSE / folder).rglob("*")
        if path.suffix in suffixes
        and not {"tests", "migrations", "vendor", "__pycache__"} & set(path.parts)
    )


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@each(sources("kernel", "ui", suffixes=(".py", ".html")), name=name_of)
def test_no_domain_word_below_the_domains(path: Path) -> None:
    allowed = WIDGETS.get(name_of(path), set())
    found = [
        f"{number}: {line.strip()}"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        for words in [{word.lower() for word in DOMAIN_WORDS.findall(INNOCENT.sub("", line))}]
        if words - allowed
    ]
    assert not found


# ── Chinese on every page ───────────────────────────────────────────────────────────────

TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT = re.compile(r"\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)
HIDDEN = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
MARKUP = re.compile(r"<[^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r"\b[a-z-]+=\"[^\"]*\"|\bdata-[a-z-]+")
SHOWN_ATTRIBUTE = re.compile(r"\b(?:title|placeholder|aria-label|alt)=\"([^\"]*)\"")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
# Names that are the same in every language.
NAMES = {"Excel", "API", "VIN", "xlsx", "CSV", "GPS", "OpenAPI", "JSON", "SHA", "PDF", "km", "kWh"}
NAMES |= {"DXF", "SVG", "tce", "kgce", "tCO", "kgCO"}
NAMES |= {"Enter", "Esc", "Tab", "Ctrl", "Shift", "UTF", "http", "https", "GET", "POST", "Token"}
NAMES |= {
    "Word",
    "LibreOffice",
    "CSRFToken",
    "openapi",
    "json",
    "api",
    "CSRF",
    "UUID",
    "guanjia",
    "ETC",
}


def shown(path: Path) -> Iterator[str]:
    """The words of a template that people see."""
    text = COMMENT.sub(" ", path.read_text("utf-8"))
    text = TAG.sub(" ", text)
    text = HIDDEN.sub(" ", text)
    for attribute in SHOWN_ATTRIBUTE.findall(text):
        yield from ENGLISH.findall(attribute)
    text = ATTRIBUTE.sub(" ", MARKUP.sub(" ", text))  # a block that holds the attributes of a tag
    yield from ENGLISH.findall(re.sub(r"&\w+;", " ", text))


TEMPLATES = sorted(
    path for path in HOUSE.rglob("templates/**/*.html") if not {"tests", "vendor"} & set(path.parts)
)


@each(TEMPLATES, name=name_of)
def test_no_english_on_screen(path: Path) -> None:
    assert [word for word in shown(path) if word not in NAMES] == []


@each(TEMPLATES, name=name_of)
def test_a_template_loads_nothing_from_outside_and_runs_no_script_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), "no inline script: CSP"
    assert not re.search(r"\son[a-z]+=\"", text), "no inline handler: CSP"
    assert "javascript:" not in text


@each(TEMPLATES, name=name_of)
def test_every_form_that_changes_something_is_guarded(path: Path) -> None:
    text = path.read_text("utf-8")
    posts = len(re.findall(r"<form[^>]*method=\"post\"", text, re.IGNORECASE))
    tokens = len(re.findall(r"csrf_token|csrf", text))
    assert tokens >= posts


WORDS_NEVER_SAID = re.compile(r"操作成功|操作失败|系统错误|请稍后再试|！")


@each(
    sources("kernel", "ui", "domains", "portal", "config", "demo", suffixes=(".py", ".html")),
    name=name_of,
)
def test_sentences_are_calm(path: Path) -> None:
    found = WORDS_NEVER_SAID.findall(path.read_text("utf-8"))
    assert not found


# ── regulations are data ────────────────────────────────────────────────────────────────


DEPARTMENTS = ("fleet", "space", "energy")


@cache
def regulated_numbers(department: str) -> set[str]:
    """Every number that a provision of this installation sets, but for those of other departments:
    18 ㎡ for an office say nothing about cars."""
    found: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, bool) or value is None:
            return
        if isinstance(value, int | str):
            if re.fullmatch(r"\d+(\.\d+)?", str(value)):
                found.add(str(value))
        elif hasattr(value, "values"):
            for item in value.values():
                collect(item)

    book = lawbook.load(lawbook.folders())
    for key, provisions in book.by_key.items():
        if (whose := key.partition(".")[0]) in DEPARTMENTS and whose != department:
            continue
        for provision in provisions:
            collect(provision.value)
    return found


# Numbers of a regulation that also mean something else where they stand, and why.
MEANS_SOMETHING_ELSE = {
    ("fleet/rules/plates.py", "9"): "weights and values of a VIN",
    ("fleet/rules/plates.py", "3"): "weights and values of a VIN",
    ("fleet/queries/costs.py", "18"): "digits of the largest id",
    ("fleet/queries/sealing.py", "14"): "days around a holiday that are looked at",
    ("fleet/queries/sightings.py", "30"): "minutes between two reports of one passage",
    ("fleet/rules/order_lines.py", "20"): "letters of a line that a sentence quotes",
    ("energy/rules/returns.py", "500"): "letters of an explanation",
    ("energy/rules/schemes.py", "500"): "letters of an appeal",
    ("energy/rules/meters.py", "500"): "letters of a reason",
    ("energy/rules/publications.py", "200"): "letters of a reason",
    ("energy/rules/sampling.py", "500"): "letters of a note",
    ("energy/rules/sites.py", "200"): "letters of a reason",
    ("space/vouchers.py", "200"): "letters of a line",
    ("space/terms/plans.py", "40"): "letters of a label",
    ("space/terms/plans.py", "200"): "corners of a shape",
    ("space/terms/plans.py", "400"): "shapes of a plan",
    ("space/terms/rounds.py", "20"): "records of one sending",
    ("space/terms/rounds.py", "30"): "lines of a checklist",
    ("space/terms/rounds.py", "500"): "letters of a note",
    ("space/rules/disposals.py", "30"): "days into months",
    ("space/rules/disposals.py", "200"): "letters of a reason",
    ("space/rules/findings.py", "500"): "letters of a sentence",
    ("space/rules/plan_reading.py", "0.5"): "the smallest shape that is read as a room",
    ("space/rules/plan_reading.py", "50"): "shapes that are looked back at",
    ("space/rules/lives.py", "200"): "letters of a reason",
    ("space/rules/reconcile.py", "500"): "letters of a value",
    ("space/rules/surveys.py", "120"): "letters of a label",
    ("space/rules/surveys.py", "500"): "letters of a sentence",
    ("space/rules/tenancies.py", "200"): "letters of a reason",
    ("space/queries/rooms.py", "500"): "ids in one statement",
    ("space/queries/standards.py", "500"): "ids in one statement",
}

# What turns one unit into another: 分 into 元, a share into per cent, years into months, …
CONVERTS = {"12", "60", "100", "1000", "10000", "1000000"}


DOMAINS = HOUSE / "domains"
RULED = sorted(
    path.relative_to(DOMAINS).as_posix()
    for department in DEPARTMENTS
    for pattern in (
        *("figures.py", "vouchers.py", "approvals.py"),
        *(f"{room}/*.py" for room in ("terms", "rules", "queries")),
    )
    for path in (DOMAINS / department).glob(pattern)
)


def test_there_are_rules_to_look_at() -> None:
    wanted = {
        "fleet/rules/dispatch.py",
        "fleet/rules/prices.py",
        "space/rules/standards.py",
        "energy/rules/reckoning.py",
    }
    assert wanted <= set(RULED)


@each(RULED, name=str)
def test_no_number_of_a_regulation_stands_in_python(name: str) -> None:
    path, department = DOMAINS / name, name.partition("/")[0]
    numbers = regulated_numbers(department)
    wanted = {
        "fleet": {"120000", "180000", "600", "1.6"},
        "space": {"42", "2.6", "0.65"},
        "energy": {"0.1229", "0.7143", "15"},
    }
    assert wanted[department] <= numbers
    found = {
        str(node.value)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and str(node.value) in numbers - CONVERTS
        and (name, str(node.value)) not in MEANS_SOMETHING_ELSE
    }
    # Plain ones like 3 (a limit of three cars) say nothing; those that only a law sets do.
    assert {number for number in found if float(number) > 10 or "." in number} == set()


def test_the_law_is_in_order() -> None:
    assert lawbook.check() == []


# ── duties ──────────────────────────────────────────────────────────────────────────────

CHINESE = re.compile(r"[一-鿿]")


@each(duties.all_duties(), name=lambda duty: duty.key)
def test_a_duty_and_its_verbs_have_chinese_names(duty: duties.Duty) -> None:
    assert CHINESE.search(duty.title)
    for verb in duty.verbs | duty.reads:
        assert CHINESE.search(duties.title_of(verb)), verb


def test_every_verb_asked_for_in_code_is_somebodys_duty() -> None:
    asked = set()
    for path in sources("kernel", "ui", "domains", "portal", suffixes=(".py",)):
        text = path.read_text("utf-8")
        asked |= set(re.findall(r"(?:\.must|\.can|@needs|needs)\(\s*\"([a-z_.]+)\"", text))
    held = {verb for duty in duties.all_duties() for verb in duty.verbs | duty.reads}
    assert asked - held == set()
    assert "fleet.trip.dispatch" in held


def test_a_read_only_reach_can_change_nothing() -> None:
    """Whatever changes something is a verb, never a read."""
    changing = re.compile(r"\.must\(\s*\"([a-z_.]+)\"")
    musts = {
        verb
        for path in sources("kernel", "domains", suffixes=(".py",))
        if path.name == "actions.py" or path.parent.name == "actions"
        for verb in changing.findall(path.read_text("utf-8"))
    }
    reads = {verb for duty in duties.all_duties() for verb in duty.reads}
    assert musts
    assert not musts & reads
