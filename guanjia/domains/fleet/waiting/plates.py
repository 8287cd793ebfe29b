"""The number plate as a label before the title of what waits."""

from typing import Any


def plate(car: Any) -> dict[str, str]:
    """What a ``Todo`` says of the plate of a car; nothing without a car."""
    return {"label": car.plate, "colour": car.get_plate_colour_display()} if car else {}
