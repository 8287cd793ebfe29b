"""Widgets: what they show, and what they never do."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from guanjia.kernel.regulations import verdict as verdicts
from guanjia.ui import icons
from guanjia.ui.tests.reading import flat

UI = Path(icons.__file__).parent
CITE = verdicts.Citation(
    title="机关事务管理条例",
    article="第二十五条",
    number="国务院令第 621 号",
    since=date(2012, 10, 1),
)
NO = verdicts.refuse(
    "lent",
    "不能指定这一项。",
    "它是别的单位的。",
    CITE,
    field="thing",
    options=(verdicts.Option(label="不指定", act="clear"),),
)
BUT = verdicts.warn("rest", "这天是休息日。", "须写明理由。", field="at")


def show(source: str, **context: Any) -> str:
    return flat(Template("{% load gj %}" + source).render(Context(context)))


class Form(forms.Form):
    use = forms.ChoiceField(
        label="用途", choices=[("A", "调研"), ("B", "会议")], widget=forms.RadioSelect
    )
    why = forms.CharField(label="事由", max_length=100, help_text="写清去做什么")
    thing = forms.ChoiceField(label="指定", choices=[("", "不指定"), ("1", "一号")], required=False)


def test_a_refusal_shows_its_article_and_that_nobody_checked_it() -> None:
    html = show("{% verdict v %}", v=NO + BUT)
    assert html.index("不能指定这一项。") < html.index("《机关事务管理条例》第二十五条")
    assert "2012年10月1日起施行" in html
    assert "未核对" in html
    assert 'role="alert"' in html
    assert 'value="clear:"' in html
    assert html.count("gj-verdict") == 2


def test_a_verdict_keeps_only_the_findings_of_a_field() -> None:
    html = show('{% verdict v field="at" %}', v=NO + BUT)
    assert "休息日" in html
    assert "不能指定" not in html


def test_passes_are_listed_only_where_asked() -> None:
    v = verdicts.passed("ok", "登记齐全。")
    assert "登记齐全" not in show("{% verdict v %}", v=v)
    assert "登记齐全" in show("{% verdict v passes=True plain=True %}", v=v)


def test_a_rule_of_our_own_says_so() -> None:
    own = verdicts.refuse("x", "不行。", cite=verdicts.Citation(title="只能有一单", own=True))
    html = show("{% verdict v %}", v=own)
    assert "规则：只能有一单" in html
    assert "未核对" not in html


def test_text_from_people_is_escaped() -> None:
    evil = "<script>x</script>"
    html = show(
        '{% chip "wait" "clock" e %}{% mark e %}{% label_plate e "蓝" %}{% person e e %}'
        "{% unit_name e e %}{% cut e %}{{ e|or_dash }}{% verdict v %}{% dl rows %}",
        e=evil,
        v=verdicts.refuse("x", evil, evil),
        rows=[(evil, evil)],
    )
    assert "<script>" not in html


def test_a_plate_is_copied_whole() -> None:
    html = show('{% label_plate "赣H8P515" "蓝" %}')
    assert re.sub(r"<[^>]+>", "", html) == "赣H8P515"


def test_nothing_is_a_dash_and_zero_is_a_number() -> None:
    assert "—" in show("{{ v|or_dash }}", v=None)
    assert show("{{ v|or_dash }}", v=0) == "0"
    assert "未加油" in show('{{ v|or_dash:"未加油" }}', v="")
    assert "—" in show("{{ v|day }}{{ v|num }}{{ v|yuan }}", v=None)


def test_a_field_links_its_error_and_help() -> None:
    form = Form({"use": "A", "why": ""})
    html = show("{% field form.why count=100 %}{% error_summary form %}", form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_why_error id_why_help"' in html
    assert "data-must" in html
    assert "0 / 100" in html
    assert "还有 1 处要改" in html
    assert 'href="#id_why"' in html


def test_radios_become_segments_and_the_chosen_one_is_checked() -> None:
    html = show("{% field form.use %}", form=Form({"use": "B", "why": "x"}))
    assert 'role="radiogroup"' in html
    assert re.search(r'value="B"[^>]*checked', html)


def test_a_field_without_faults_makes_no_summary() -> None:
    assert "要改" not in show("{% error_summary form %}", form=Form())


def test_the_pager_keeps_the_filter_in_the_address() -> None:
    request = RequestFactory().get("/", {"state": "待派车", "page": "2"})
    page = Paginator(range(247), 50).page(2)
    html = show('{% pager page "单" %}', page=page, request=request)
    assert "第 51–100 单，共 247 单，每页 50 单" in html
    assert "state=%E5%BE%85%E6%B4%BE%E8%BD%A6&amp;page=3" in html
    assert 'aria-current="page"' in html


def test_the_life_line_and_the_steps() -> None:
    html = show(
        "{% life s %}", s=[{"at": "now", "title": "待评价", "when": "尚未评价", "who": "莫兴"}]
    )
    assert 'data-at="now"' in html
    assert "尚未评价" in html
    html = show(
        "{% steps a %}",
        a=[
            {
                "tone": "stop",
                "icon": "arrow-back-up",
                "who": "邵红",
                "act": "退回",
                "opinion": "写明",
            }
        ],
    )
    assert "<q>写明</q>" in html


def test_a_dialog_repeats_the_verb() -> None:
    html = show(
        '{% confirm id="d" title="作废这张单" sentence="留痕。"'
        ' act="作废" keep="不作废" url="/x" %}',
        csrf_token="t",
    )
    assert "不作废" in html
    assert 'value="t"' in html


def test_a_missing_icon_is_an_error() -> None:
    with pytest.raises(KeyError):
        icons.svg("no-such-icon")


def test_every_icon_named_in_a_template_is_there() -> None:
    named = set()
    for template in (UI / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([^"]+)"', template.read_text(encoding="utf-8")))
    assert named <= set(icons.names())
    assert len(icons.names()) >= 90


def test_styles_stay_within_the_oldest_browser() -> None:
    css = (UI / "static" / "ui" / "guanjia.css").read_text(encoding="utf-8")
    for word in (
        ":has(",
        "color-mix",
        "oklch",
        "light-dark",
        "@container",
        "@layer",
        "http://fonts",
    ):
        assert word not in css.split("*/", 1)[1], word
    assert css.count("{") == css.count("}")


def test_no_template_asks_another_machine_or_runs_inline_script() -> None:
    for template in (UI / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r'(src|href)="(https?:)?//', text), template
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template
        assert not re.search(r"\son[a-z]+=", text), template
