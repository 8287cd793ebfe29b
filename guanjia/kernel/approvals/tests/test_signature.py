"""A signature where the route asks for one: kept with the row, named by the act."""

import pytest

from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.terms import ActKind, CaseState
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import Office, code_of, drawn, state, step
from guanjia.kernel.attachments import store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.audit.models import Record

pytestmark = pytest.mark.django_db
SIGNED = step("a", signature=True)


@pytest.fixture
def office() -> Office:
    return builders.office()


def test_without_a_signature_it_is_not_agreed(office: Office) -> None:
    case = office.open(SIGNED)
    assert code_of(lambda: office.agree(case, "an")) == "signature_missing"
    assert code_of(lambda: office.agree(case, "an", signature=b"")) == "signature_missing"
    assert state(case) == CaseState.RUNNING


def test_what_is_no_picture_is_no_signature(office: Office) -> None:
    case = office.open(SIGNED)
    with pytest.raises(builders.Refused) as refused:
        office.agree(case, "an", signature=b"<svg onload='x'>")
    assert refused.value.findings[0].field == "signature"
    assert state(case) == CaseState.RUNNING
    assert not Attachment.objects.exists()


def test_the_signature_is_kept_with_the_row(office: Office) -> None:
    case = office.open(SIGNED)
    assert office.agree(case, "an", signature=drawn()).agreed
    act = Act.objects.get(case=case, kind=ActKind.AGREE)
    assert act.signature is not None
    assert (act.signature.kind, act.signature.subject_id) == ("签名", case.subject_id)
    assert act.signature.uploaded_by == office.people["an"]
    assert store.read(act.signature.digest)
    claimed = Record.objects.get(verb="attachments.file.claimed")
    assert claimed.after["files"][0]["digest"] == act.signature.digest


def test_only_agreeing_is_signed(office: Office) -> None:
    case = office.open(SIGNED)
    office.send_back(case, "an")
    assert state(case) == CaseState.RETURNED


def test_a_signature_nobody_asked_for_is_not_kept(office: Office) -> None:
    case = office.open(step("a"))
    office.agree(case, "an", signature=drawn())
    assert not Attachment.objects.exists()
