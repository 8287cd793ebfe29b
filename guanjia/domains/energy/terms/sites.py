"""Words of buildings that several institutions share (合署). Pure."""

from guanjia.kernel.values.term import Term


class Basis(Term):
    """By what the use of a shared building is divided."""

    FLOOR = "FLOOR", "按建筑面积"
    PEOPLE = "PEOPLE", "按用能人数"
    TOLD = "TOLD", "按约定比例"
