"""What of the department is not shared with the outside: secret cars and all that tells of one."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model, Q

from guanjia.domains.fleet.models import Car, Trip
from guanjia.kernel.access import withheld
from guanjia.kernel.registers.models import Remark

_DEEPEST = 3  # a row of a row of a row that names a car


def paths_to_car(model: type[Model], deepest: int = _DEEPEST) -> list[str]:
    """The ORM paths by which a model of the department leads to a car."""
    return sorted(set(_paths(model, deepest, (model,))))


def _paths(model: type[Model], left: int, been: tuple[type[Model], ...]) -> Iterator[str]:
    if model is Car or not left:
        return
    for field in model._meta.concrete_fields:
        target = _our_target(field)
        if target is Car:
            yield field.name
        elif target is model and left == _DEEPEST:  # a row beside it: who shares the car
            for path in _paths(target, 1, been):
                yield f"{field.name}__{path}"
        elif target is not None and target not in been:
            for path in _paths(target, left - 1, (*been, target)):
                yield f"{field.name}__{path}"


def _our_target(field: Any) -> type[Model] | None:
    """The model of the department that a foreign key leads to; ``None`` for other fields."""
    target = field.related_model if isinstance(field, ForeignKey) else None
    return target if target is not None and target._meta.app_label == "fleet" else None


def rows_of_secret_cars(model: type[Model]) -> Any:
    """The ids of the rows of a model that tell of a secret car."""
    rows = model._default_manager.all()
    if model is Car:
        return rows.filter(secret=True).order_by().values("pk")
    secret = Car.objects.filter(secret=True).order_by().values("pk")
    found = Q(pk__in=[])
    for path in paths_to_car(model):
        found |= Q(**{f"{path}__in": secret})
    return rows.filter(found).order_by().values("pk")


def declare() -> None:
    """Say for every model of the department which of its rows are withheld."""
    for model in apps.get_app_config("fleet").get_models():
        if model is Car or paths_to_car(model):
            withheld.declare(model._meta.label_lower, _Ids(model), whether=_any)
    withheld.declare("registers.remark", _remarks, whether=_any)


def _any() -> bool:
    return bool(Car.objects.filter(secret=True).exists())


def _remarks() -> Any:
    """The remarks on secret cars and on journeys of theirs."""
    cars, trips = rows_of_secret_cars(Car), rows_of_secret_cars(Trip)
    told = Q(register="fleet.cars", object_id__in=cars)
    told |= Q(register="fleet.trips", object_id__in=trips)
    return Remark.objects.filter(told).order_by().values("pk")


class _Ids:
    """The withheld ids of one model, asked anew each time."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def __call__(self) -> Any:
        """A query set of ids."""
        return rows_of_secret_cars(self._model)
