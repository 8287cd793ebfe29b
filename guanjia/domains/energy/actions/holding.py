"""Whose institutions somebody may write about: asked once, by every verb that names some."""

from collections.abc import Collection

from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.rules import returns as rules
from guanjia.kernel.values.actor import Actor


def must_hold(actor: Actor, verb: str, institution_ids: Collection[int]) -> None:
    """Raise ``NotAllowed`` without the verb, ``Refused`` where one lies outside its scope."""
    actor.must(verb)
    left_out = queries.outside(actor.scope(verb), institution_ids)
    rules.inside(all_of_them=not left_out).enforce()
