"""How a car came onto a unit's books and left them (在编). Pure."""

from guanjia.kernel.values.term import Term


class CameBy(Term):
    """How a car came onto the books of a unit (入编方式)."""

    LEDGER = "LEDGER", "台账登记"
    PURCHASE = "PURCHASE", "更新购置"
    TRANSFER = "TRANSFER", "划转"
    CHANGE = "CHANGE", "变更登记"


class LeftBy(Term):
    """How a car left the books of a unit (出编方式)."""

    DISPOSAL = "DISPOSAL", "处置"
    TRANSFER = "TRANSFER", "划转"
    CHANGE = "CHANGE", "变更登记"
