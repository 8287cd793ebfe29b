"""What may be done about buildings and compounds (楼栋、院落)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from guanjia.domains.space.actions import buildings as actions
from guanjia.domains.space.forms import buildings as forms
from guanjia.domains.space.forms.ledger import FILE_KINDS, FilesForm
from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.queries import buildings as reading
from guanjia.domains.space.terms.ledger import BuildingKind, BuildingState
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

BUILDING, COMPOUND, ENTER = reading.BUILDING, reading.COMPOUND, reading.ENTER


def _row(row: Building | Compound, _: Actor, today: date) -> Mapping[str, Any]:
    return {"row": row, "today": today}


def _past(row: Building | Compound, form: forms.Dated, _: Actor, __: datetime) -> Mapping[str, Any]:
    """Of a past day the form shows that day's facts, and leads back to it."""
    if not form.past:
        return {}
    page = "space:building" if isinstance(row, Building) else "space:compound"
    day = f"{form.seen:%Y-%m-%d}"
    return {"now": f"以下是 {day} 的登记", "back_url": f"{reverse(page, args=[row.pk])}?on={day}"}


def _amended(row: Building | Compound, given: Mapping[str, Any]) -> str:
    """What came of it: where a later day had told a fact by itself, it still stands."""
    facts = given["facts"]
    if not facts:
        return f"{row} 没有改动"
    names = [name for name, value in facts.items() if getattr(row, name) != value]
    later = "、".join(str(getattr(row._meta.get_field(name), "verbose_name", "")) for name in names)
    return f"已更正 {row} 的台账" + (f"；{later}后来另有登记，今天的不变" if later else "")


def _titled(row: Building, _: date) -> Mapping[str, Any]:
    return {
        "state": row.title_state, "number": row.title_no, "owner": row.title_owner,
        "on": row.titled_on, "area_m2": row.title_m2,
    }  # fmt: skip


NEW = Act(
    key="new", title="新建楼栋", button="登记楼栋", on=BUILDING, verb=ENTER, makes=True,
    form=forms.BuildingNew, do=actions.add_building,
    first=lambda *_: {"kind": BuildingKind.MULTI, "state": BuildingState.DELIVERED},
    lead="许多栋一起登记，用导入 Excel", said="已登记 {name}，接着登记权属和房间",
)  # fmt: skip
TITLE = Act(
    key="title", title="登记权属", on=BUILDING, verb=ENTER, form=forms.TitleForm, first=_titled,
    do=actions.record_title, hears=True, main=False,
    lead="权属统一登记到机关事务管理部门名下；资料缺失、权属不清的做权属备案",
    said=lambda row, given: f"已登记 {row} 的权属：{given['title'].state.label}",
)  # fmt: skip
APPRAISAL = Act(
    key="appraisal", title="登记安全鉴定", button="登记鉴定", on=BUILDING, verb=ENTER,
    form=forms.AppraisalForm, do=actions.record_appraisal, hears=True, main=False,
    icon="shield-check", lead="按鉴定报告填写，报告附在楼栋页",
    said=lambda row, given: f"已登记 {row} 的安全鉴定：{given['grade'].label}",
)  # fmt: skip
AMEND = Act(
    key="amend", title="更正楼栋", on=BUILDING, verb=ENTER, form=forms.BuildingAmend, fit=_row,
    do=actions.amend_building, hears=True, keep="不更正", icon="pencil", main=False, more=_past,
    lead="改了什么、从哪天起、为什么，都记入操作记录", said=_amended,
)  # fmt: skip
FILES = Act(
    key="files", title="附上照片和文件", button="附上文件", on=BUILDING, verb=ENTER, form=FilesForm,
    first=lambda *_: {"kind": FILE_KINDS[0]}, do=actions.add_files, hears=True, keep="不附",
    main=False, lead="照片、证照、图纸、鉴定报告，附上后随楼栋长期保存",
    said=lambda _, given: f"已附上 {len(given['files'])} 个文件",
)  # fmt: skip
AMEND_COMPOUND = Act(
    key="amend", title="更正院落", on=COMPOUND, verb=ENTER, form=forms.CompoundForm, fit=_row,
    do=actions.amend_compound, hears=True, keep="不更正", icon="pencil", main=False, more=_past,
    lead="地址、土地面积和土地权属证号", said=_amended,
)  # fmt: skip

ACTS = (NEW, TITLE, APPRAISAL, AMEND, FILES, AMEND_COMPOUND)
