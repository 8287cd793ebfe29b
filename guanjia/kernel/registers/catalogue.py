"""The registers of this installation, enlisted by the ``apps.py`` of whoever declares them."""

from guanjia.kernel.registers.declaration import Register

_registers: dict[str, Register] = {}


def enlist(*registers: Register) -> None:
    """Make registers known to import, export, API and search."""
    for register in registers:
        _registers[register.key] = register


def get(key: str) -> Register | None:
    """The register of this key, or ``None``."""
    return _registers.get(key)


def all_registers() -> list[Register]:
    """Every register in the order of import: the things before what happens to them."""
    return sorted(_registers.values(), key=lambda register: (register.place, register.key))
