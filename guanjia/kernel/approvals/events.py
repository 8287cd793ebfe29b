"""What happened to cases; ids only. Subscribers run in the transaction of the act."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class News:
    """What every piece of news about a case tells: which case, of what, on which route."""

    case_id: int
    route: str
    subject_type: str
    subject_id: int


@dataclass(frozen=True, kw_only=True)
class CaseAgreed(News):
    """The last step was agreed to, by ``act_id``: an act of a person or of the system."""

    act_id: int


@dataclass(frozen=True, kw_only=True)
class CaseReturned(News):
    """The case is back with its applicant, to be mended."""

    act_id: int


@dataclass(frozen=True, kw_only=True)
class CaseStopped(News):
    """The case was ended for good (终止)."""

    act_id: int


@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(News):
    """The applicant took the case back."""

    act_id: int


@dataclass(frozen=True, kw_only=True)
class StepReached(News):
    """A step waits now for these people: also when they were added, or stand in for somebody."""

    step_id: int
    person_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class HandedOver(News):
    """A colleague gave their part to these people (转办)."""

    step_id: int
    person_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CaseUrged(News):
    """Somebody asks these people to hurry (催办)."""

    act_id: int
    person_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CaseCopied(News):
    """These people were given a copy to read (抄送)."""

    act_id: int
    person_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Delegated:
    """Somebody lent their decisions to a colleague (委托); ``ended``: took them back."""

    delegation_id: int
    ended: bool


@dataclass(frozen=True, kw_only=True)
class StepLate(News):
    """A step is near or past its time; ``escalated`` when it went to superiors too."""

    step_id: int
    person_ids: tuple[int, ...]
    escalated: bool
