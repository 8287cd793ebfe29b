"""A sample voucher in the layout of official texts: its own department is not built yet."""

from pathlib import Path

from guanjia.kernel.vouchers.terms import VoucherKind

ALLOCATION = VoucherKind(
    key="demo.allocation",
    title="办公用房调配使用凭证",
    pattern="景调配〔{year}〕{number:03d}号",
    series="demo.allocation",
    template=Path(__file__).parent / "templates-docx" / "allocation.docx",
    official=True,
    public=("使用单位", "地点", "使用面积"),
)
