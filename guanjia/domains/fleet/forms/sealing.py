"""What people fill in about sealed cars (节假日封存); what is missing the actions refuse."""

from django import forms

from guanjia.domains.fleet.forms.oversight import number, text
from guanjia.domains.fleet.terms.sealing import PHOTOS
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form

_KM = {"unit": "公里", "width": "m"}


class Seal(Form):
    """登记封存: where, the keys, the odometer, a photo if one likes."""

    place = text(100, "停放地点")
    keys_to = text(60, "钥匙交存")
    km = number("里程表")
    files = FilesField(label="照片", bounds=PHOTOS, help_text="停放的位置、里程表，可不传")  # type: ignore[assignment]  # a field, as its name in the page
    looks = {
        "place": {"width": "l", "example": "如 本单位院内 3 号位"},
        "keys_to": {"width": "l", "example": "如 办公室 占小青"},
        "km": _KM,
    }


class Release(Form):
    """解封."""

    km = number("里程表")
    looks = {"km": _KM}


class CallOff(Form):
    """取消封存."""

    reason = text(200, "取消原因")
    looks = {
        "reason": {
            "width": "l", "example": "如 防汛应急响应，全部车辆待命", "help": "随通知发给各单位"
        }
    }  # fmt: skip


class Except(Form):
    """申请例外."""

    reason = text(200, "例外理由")
    reason.widget = forms.Textarea(attrs={"rows": 3, "maxlength": "200"})
    looks = {"reason": {"width": "l", "example": "哪几天、做什么工作要用这辆车"}}
