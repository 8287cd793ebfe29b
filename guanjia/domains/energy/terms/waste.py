"""Words of sorted waste (生活垃圾分类). Pure."""

from guanjia.kernel.values.term import Term


class WasteKind(Term):
    """The four kinds into which public institutions sort (GB/T 19095-2019, 待核)."""

    RECYCLABLE = "RECYCLABLE", "可回收物"
    HARMFUL = "HARMFUL", "有害垃圾"
    KITCHEN = "KITCHEN", "厨余垃圾"
    OTHER = "OTHER", "其他垃圾"
