"""``{% load gj_charts %}{% chart cost %}``: see ``guanjia.ui.charts``."""

from typing import Any

from django import template

from guanjia.ui.charts import Chart

register = template.Library()


@register.inclusion_tag("ui/parts/chart.html", name="chart")
def chart(found: Chart, empty: str = "这个时段没有数据") -> dict[str, Any]:
    """The chart, its values as data for the script, and as a table behind 看数据."""
    return {"chart": found, "empty_words": empty, "data": found.data(), "rows": found.rows()}
