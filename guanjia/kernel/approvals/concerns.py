"""Whether deciding is any of a person's business: what the menu asks on every page."""

from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.models import Copy, Delegation, Seat
from guanjia.kernel.values.actor import Actor


def deciding(actor: Actor) -> bool:
    """Whether somebody decides by a duty, or was ever asked to, lent the right, or given a copy.

    Duties answer without the database. A step may also name people, and whoever stands in for a
    decider needs no duty of their own.
    """
    if any(actor.can(verb) for route in routes.all_routes() for verb in route.verbs):
        return True
    person = actor.person_id
    if person is None:
        return False
    return (
        Seat.objects.filter(person_id=person).exists()
        or Delegation.objects.filter(delegate_id=person).exists()
        or Copy.objects.filter(person_id=person).exists()
    )
