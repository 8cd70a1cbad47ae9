"""Submission: all or nothing, once, and never blocked by a photo or a signature."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.assembly import Portal
from portal.filing import applications
from portal.filing.tables import Application, Submission
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.handover import frozen, receipts, submission
from portal.handover.tables import OutboxRow
from portal.policy.lifecycle import Status
from tests.conftest import NOW
from tests.handover import files


def count(portal: Portal) -> tuple[int, int, int]:
    """Submissions, outbox rows, audit lines of them."""
    with portal.database.reading() as session:
        lines = select(func.count()).where(AuditEntry.action == "application.submitted")
        return (
            session.scalar(select(func.count()).select_from(Submission)) or 0,
            session.scalar(select(func.count()).select_from(OutboxRow)) or 0,
            session.scalar(lines) or 0,
        )


def test_the_receipt_says_what_was_handed_in(portal: Portal) -> None:
    file_id = files.draft(portal, files.MORE)
    files.add_photo(portal, file_id, files.jpeg())
    receipt = files.submit(portal, file_id)
    assert receipt["status"] == "已提交，尚未受理"
    assert receipt["program"] == "最低生活保障"
    assert receipt["office"] == "湖南省益阳市安化县东坪镇"
    assert [p["title"] for p in receipt["photos"]] == ["银行卡或存折"]
    with portal.database.reading() as session:
        key = receipts.public_key(session, "receipt")
        file = session.get_one(Application, file_id)
        assert (file.status, file.submission_no, file.filed_at) == (Status.SUBMITTED, 1, NOW)
        verified = receipts.verified(json.dumps(receipt), key=key)
        assert verified["reference_no"] == file.reference_no
    assert count(portal) == (1, 1, 1)


def test_submitting_again_gives_the_same_receipt_and_does_nothing(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    first = files.submit(portal, file_id)
    again = files.submit(portal, file_id, now=NOW + timedelta(days=1))
    assert json.dumps(again) == json.dumps(first)
    assert count(portal) == (1, 1, 1)


def test_no_photo_and_no_signature_never_block(portal: Portal) -> None:
    assert files.submit(portal, files.draft(portal, files.LEAST))["photos"] == []


@pytest.mark.parametrize("name", ["applicant_name", "phone", "household_place", "reason"])
def test_only_the_few_indispensable_answers_are_demanded(portal: Portal, name: str) -> None:
    answers = {k: v for k, v in files.LEAST.items() if k != name}
    file_id = files.draft(portal, answers)
    with pytest.raises(Invalid) as refusal:
        files.submit(portal, file_id)
    assert list(refusal.value.fields) == [name]
    assert count(portal) == (0, 0, 0)


def test_a_place_nobody_chose_from_the_list_is_asked_for(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST | {"household_place": {"address": "河边"}})
    with pytest.raises(Invalid) as refusal:
        files.submit(portal, file_id)
    assert list(refusal.value.fields) == ["household_place"]


def test_what_is_frozen_can_be_read_without_the_portal(portal: Portal) -> None:
    file_id = files.draft(portal, files.MORE)
    files.sign(portal, file_id)
    files.submit(portal, file_id)
    with portal.database.reading() as session:
        body = frozen.contents(session, session.get_one(Application, file_id), 1)
    said = {f["label"]: f["text"] for step in body["steps"] for f in step["fields"]}
    assert said["要申请的人叫什么名字？"] == "刘桂香"
    assert said["种地、养殖、做买卖挣的钱"] == "3,200.00 元"
    assert said["养老金、儿女给的钱、补助"] == "说不清，入户时核"
    assert said["户口在哪个乡镇（街道）？"] == "湖南省益阳市安化县东坪镇河边最后一家"
    assert all(len(f["question"]) == 16 for step in body["steps"] for f in step["fields"])
    assert [s["method"] for s in body["signatures"]] == ["screen", "visit"]
    assert body["signatures"][0]["text"].startswith("家庭经济状况核对授权书")
    assert body["form_digest"] == portal.catalogue.find("dibao").form.digest
    assert body["mandate"] is None
    assert body["not_photographed"]


def test_a_changed_draft_question_is_marked(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        kept = applications.kept_answers(session, file)
        old = applications.Answer("刘桂香", "0" * 16, 1, NOW.isoformat())
        applications._write(session, file, kept | {"applicant_name": old})
    files.submit(portal, file_id)
    with portal.database.reading() as session:
        body = frozen.contents(session, session.get_one(Application, file_id), 1)
    changed = [f["name"] for s in body["steps"] for f in s["fields"] if f["question_changed"]]
    assert changed == ["applicant_name"]


def test_a_correction_makes_the_second_version_and_keeps_the_first_filing_time(
    portal: Portal,
) -> None:
    file_id = files.draft(portal, files.LEAST)
    first, later = files.submit(portal, file_id), NOW + timedelta(days=3)
    with portal.database.writing() as session:
        session.get_one(Application, file_id).status = Status.RETURNED
    second = files.submit(portal, file_id, now=later)
    assert (first["version"], second["version"]) == (1, 2)
    assert second["filed_at"] == first["filed_at"] != second["submitted_at"]
    assert count(portal) == (2, 2, 2)
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        assert frozen.receipt(session, file, 1) == first
        assert submission.receipt(session, file) == second
        assert audit.verify(session) == []


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.DENIED, Status.STOPPED])
def test_a_closed_file_is_not_submitted(portal: Portal, status: Status) -> None:
    file_id = files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        session.get_one(Application, file_id).status = status
    with pytest.raises(Conflict):
        files.submit(portal, file_id)


def test_no_receipt_before_submission(portal: Portal) -> None:
    file_id = files.draft(portal, files.LEAST)
    with portal.database.reading() as session, pytest.raises(NotFound):
        submission.receipt(session, session.get_one(Application, file_id))


def test_a_fault_on_the_way_leaves_nothing(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = files.draft(portal, files.LEAST)

    def fail(*_args: object, **_more: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(OSError, match="disk"):
        files.submit(portal, file_id)
    assert count(portal) == (0, 0, 0)
    with portal.database.reading() as session:
        assert session.get_one(Application, file_id).status == Status.DRAFT


@pytest.mark.parametrize("spoil", ["version", "status", "signature", "public_key"])
def test_an_altered_receipt_is_found(portal: Portal, spoil: str) -> None:
    receipt = files.submit(portal, files.draft(portal, files.LEAST))
    with portal.database.reading() as session:
        key = receipts.public_key(session, "receipt")
    with pytest.raises(receipts.WrongReceipt):
        receipts.verified(json.dumps(receipt | {spoil: "x"}), key=key)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"signature": 1}', "{" * 99])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(receipts.WrongReceipt):
        receipts.verified(text, key=bytes(32))
