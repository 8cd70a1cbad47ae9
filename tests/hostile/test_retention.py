"""Every kind of data has a time or an end that is named, and what has had its time goes."""

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal import privacy_commands, worker
from portal.casework import forgetting
from portal.casework.tables import OfficeNonce
from portal.casework.talk import old_drafts
from portal.cli import main
from portal.contact.messages import queue_text
from portal.contact.tables import InboxMessage, TextMessage
from portal.contact.wechat_tables import WechatPush
from portal.filing.signing_tables import SignLink
from portal.filing.tables import Application, Upload, UploadPart
from portal.foundation import rates, retention
from portal.foundation.database import Base
from portal.foundation.idempotency import IdempotencyRecord
from portal.people import households, sign_in
from portal.people.access import Actor, Role
from portal.people.appointment_tables import KnownDevice
from portal.people.codes import request_code
from portal.people.pass_tables import PassCode
from portal.people.tables import Account, PhoneGuard
from portal.policy.lifecycle import Status
from tests.handover import files
from tests.rules.code import ROOT

DAY = timedelta(days=1)


def test_every_table_stands_in_exactly_one_kind():
    """When this fails: write the new table into portal/foundation/retention.yaml."""
    named = [table for kind in retention.kinds().values() for table in kind.tables]
    assert sorted(named) == sorted(Base.metadata.tables)


def test_every_kind_says_how_long_and_by_whose_rule():
    for name, kind in retention.kinds().items():
        assert kind.source, name
        assert (kind.days is None) == bool(kind.until), name
        assert bool(kind.since) == (kind.days is not None), name
        if kind.source == "open":
            assert kind.days is None, "no figure without a source"
            assert name in ("record",) or "以受理地" in kind.until


def test_what_has_days_has_a_way_to_go():
    timed = {name for name, kind in retention.kinds().items() if kind.days is not None}
    assert timed == set(forgetting.WAYS) | forgetting.ELSEWHERE


@pytest.fixture
def one_of_each(portal, now):
    """One row of every kind that has days, made now; the draft is told of in time."""
    draft = files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        file = session.get_one(Application, draft)
        account, actor = file.account_id, Actor(Role.APPLICANT, file.account_id)
        home = households.start(session, account_id=account, actor=actor, now=now)
        rates.count(session, "x", most=5, per=DAY, now=now)
        request_code(session, "13812345678", device="d", now=now)
        session.merge(PhoneGuard(phone_index=b"quiet", failures=0))
        sign_in.issue(session, account=session.get_one(Account, account), now=now)
        upload = Upload(application_id=draft, digest="d", length=1, started_at=now, changed_at=now)
        session.add(upload)
        session.flush()
        session.add_all([
            UploadPart(upload_id=upload.id, start=0, size=1, blob="0" * 64),
            IdempotencyRecord(actor="a", route="r", key="k", request_digest=b"", status=200,
                              created_at=now),
            KnownDevice(digest=b"d", account_id=account, proved_at=now, ends_at=now),
            OfficeNonce(client="c", nonce="n", seen_at=now),
            WechatPush(digest=b"p", at=now),
            SignLink(digest=b"l", application_id=draft, signer="applicant", made_by="x",
                     created_at=now, expires_at=now),
            PassCode(digest=b"c", way="give", household_id=home.id, made_by=account,
                     created_at=now, expires_at=now),
        ])  # fmt: skip
    return draft


ENDS = {"sessions": 30, "drafts": 0, "guards": 0}
"""Days a row of this kind lives before its time begins to count, beyond the kind's own."""


def test_each_kind_stays_its_time_and_goes_after_it(portal, one_of_each, now):
    told = now + old_drafts.KEPT - old_drafts.BEFORE
    assert old_drafts.warn(portal.database, now=told) == 1
    for name in forgetting.WAYS:
        time = timedelta(days=(retention.kinds()[name].days or 0) + ENDS.get(name, 0))
        if name not in ("guards", "devices"):
            early = forgetting.due(portal.database, now=now + time - timedelta(hours=1))
            assert early[name] == 0, name
        late = forgetting.due(portal.database, now=now + time + timedelta(days=1, hours=1))
        assert late[name] >= 1, name


def test_looking_changes_nothing_and_doing_does_what_was_said(
    portal, settings, one_of_each, clock, monkeypatch
):
    monkeypatch.setattr(privacy_commands, "utc_now", clock)
    clock.forward(days=45)
    first, second = run(settings, "--dry-run"), run(settings, "--dry-run")
    assert first == second
    assert "什么也没动" in first
    assert "短信（写下后7天；本平台自己定）：到期 1" in first
    done = run(settings)
    assert re.findall(r"到期 \d+", done) == re.findall(r"到期 \d+", first)
    assert not re.search(r"到期 [1-9]", run(settings))


def run(settings, *words):
    done = CliRunner().invoke(main, ["--data", str(settings.data), "retention", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_an_answer_kept_for_an_application_stays_as_long_as_it(portal, now):
    draft = files.draft(portal, files.LEAST)
    with portal.database.writing() as session:
        session.add(IdempotencyRecord(actor="a", route="r", key="k", request_digest=b"",
                                      status=200, application_id=draft, created_at=now))  # fmt: skip
    with portal.database.writing() as session:
        forgetting.forget(session, now=now + timedelta(days=400))
        assert session.scalars(select(IdempotencyRecord)).all()


def test_nobody_loses_a_draft_untold_or_while_it_is_used(portal, now):
    """Never before two weeks after the person was told, and any change begins it anew."""
    draft = files.draft(portal, files.LEAST)
    old = now + old_drafts.KEPT
    with portal.database.writing() as session:
        old_drafts.throw_away(session, now=old + DAY)
        assert session.get_one(Application, draft).status == Status.DRAFT, "nobody was told"
    assert old_drafts.warn(portal.database, now=old + DAY) == 1
    assert old_drafts.warn(portal.database, now=old + DAY) == 0
    with portal.database.writing() as session:
        old_drafts.throw_away(session, now=old + 14 * DAY)
        file = session.get_one(Application, draft)
        assert file.status == Status.DRAFT, "two weeks are not over"
        sent = session.scalars(select(TextMessage.template)).all()
        assert sent == [old_drafts.TEMPLATE]
        assert old_drafts.TEMPLATE in session.scalars(select(InboxMessage.template)).all()
        file.changed_at = old + 10 * DAY
    with portal.database.writing() as session:
        old_drafts.throw_away(session, now=old + 400 * DAY)
        assert session.get_one(Application, draft).status == Status.DRAFT, "it was used since"
    assert old_drafts.warn(portal.database, now=old + 200 * DAY) == 1
    with portal.database.writing() as session:
        old_drafts.throw_away(session, now=old + 215 * DAY)
        file = session.get_one(Application, draft)
        assert (file.status, file.answers_sealed) == (Status.WITHDRAWN, b"")


def test_what_was_handed_in_is_never_thrown_away(portal, now):
    draft = files.draft(portal, files.LEAST)
    files.submit(portal, draft)
    assert old_drafts.warn(portal.database, now=now + 2000 * DAY) == 0


def test_the_worker_does_it(portal, now):
    with portal.database.writing() as session:
        queue_text(
            session, key_id=None, phone="13812345678", template="submitted", values={}, now=now
        )
    rounds = worker.Rounds()
    try:
        worker.run_once(portal, now=now + 8 * DAY, rounds=rounds)
    finally:
        rounds.close()
    with portal.database.reading() as session:
        assert not session.scalars(select(TextMessage)).all()


def test_units_and_handbook_say_the_same_days():
    days = {name: kind.days for name, kind in retention.kinds().items()}
    unit = (ROOT / "deploy/systemd/jiuzhutong-backup.service").read_text()
    assert "portal.cli prune-backups /var/backups/jiuzhutong" in unit
    book = (ROOT / "deploy/RUNBOOK.md").read_text(encoding="utf-8")
    assert f"rotate {days['logs']}" in book
    assert days["logs"] >= 183, "网络安全法第21条：不少于六个月"
    assert f"MaxRetentionSec={days['logs'] // 30}month" in book
