"""Photos and papers of a room or a floor."""

from django import forms

from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.rules.buildings import FILES
from guanjia.ui.files import FilesField

KINDS = ("照片", "图纸", "其他")


class PlaceFiles(ActForm):
    """Photos and papers of a room or a floor."""

    kind = forms.ChoiceField(
        label="种类", choices=[(one, one) for one in KINDS], widget=forms.RadioSelect
    )
    files = FilesField(label="文件", bounds=FILES, required=True, help_text="手机拍照也可")  # type: ignore[assignment]  # a field; the form's own uploads keep their name
