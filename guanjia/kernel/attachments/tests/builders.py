"""An office with two people, another one with a stranger, and shorthands for files."""

from dataclasses import dataclass
from typing import Any

from guanjia.kernel.access.tests import builders as accounts
from guanjia.kernel.attachments import actions
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests import builders as people
from guanjia.kernel.org.tests.builders import AT
from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True)
class Office:
    """Who is there."""

    unit: Unit
    elsewhere: Unit
    me: Actor
    colleague: Actor
    stranger: Actor


def office() -> Office:
    """Me and a colleague in one unit, a stranger in another."""
    unit, elsewhere = people.unit("A1"), people.unit("B1")
    made = {
        name: accounts.actor(accounts.account(name, people.person(name.upper(), at)))
        for name, at in (("me", unit), ("colleague", unit), ("stranger", elsewhere))
    }
    return Office(unit, elsewhere, made["me"], made["colleague"], made["stranger"])


def staged(actor: Actor, content: bytes | None = None, name: str = "照片.png") -> Attachment:
    """A file that waits for a form."""
    return actions.stage(actor=actor, file=content or samples.png(), name=name, at=AT)


def kept(
    actor: Actor, on: Unit, content: bytes | None = None, name: str = "照片.png", **facts: Any
) -> Attachment:
    """A file on a unit."""
    return actions.attach(
        actor=actor,
        file=content or samples.png(),
        name=name,
        **{"subject": on, "unit": on, "at": AT, **facts},
    )
