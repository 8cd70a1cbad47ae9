"""The file-drop: cut at any byte, delivered twice, altered by one bit, killed between two steps."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal import worker
from portal.casework.exchange import dropping, letters
from portal.casework.exchange.letters import Cut, Damaged, Letter
from portal.casework.tables import CaseEvent
from portal.foundation.audit_tables import AuditEntry
from portal.handover.tables import IntakeDossier
from tests.casework import cases
from tests.casework.exchange.links import NAME, OverFiles
from tests.casework.test_intake_events import KEY, story
from tests.conftest import NOW

PUBLIC = KEY.public_key().public_bytes_raw()
EVENT = letters.written(Letter("event", NAME, 1_795_309_200, b'{"kind":"surveying"}'), KEY)


@pytest.fixture
def drop(portal, tmp_path):
    folder = tmp_path / "exchange"
    folder.mkdir()
    return OverFiles(portal, None, folder)


def events(portal):
    with portal.database.reading() as session:
        return session.scalar(select(func.count()).select_from(CaseEvent))


def test_no_bit_of_a_letter_can_be_another():
    for at in range(len(EVENT)):
        for bit in range(8):
            altered = EVENT[:at] + bytes([EVENT[at] ^ 1 << bit]) + EVENT[at + 1 :]
            with pytest.raises((Damaged, Cut)):
                letters.opened(altered, PUBLIC)


def test_cut_at_any_byte_it_is_no_letter():
    for at in range(len(EVENT)):
        with pytest.raises(Cut):
            letters.opened(EVENT[:at], PUBLIC)
    with pytest.raises(Damaged):
        letters.opened(EVENT + b"\n", PUBLIC)
    assert letters.opened(EVENT, PUBLIC).kind == "event"


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"{}", b"null", b"1", b'"x"', b"\xff", b"{" * 900, b"x" * 2000, EVENT.split(b"\n")[0][:-1],
        EVENT.split(b"\n")[0].replace(b'"size":20', b'"size":-1'),
        EVENT.split(b"\n")[0].replace(b'"size":20', b'"size":true'),
        EVENT.split(b"\n")[0].replace(b'"size":20', b'"size":20,"size":20'),
        EVENT.split(b"\n")[0].replace(b'"size":20', b'"size":1e400'),
    ],
)  # fmt: skip
def test_no_first_line_breaks_it(line):
    with pytest.raises(Damaged):
        letters.opened(line + b"\n" + b'{"kind":"surveying"}', PUBLIC)


def test_arriving_in_any_pieces_it_is_done_once(portal, drop):
    file_id = cases.accepted(portal)
    whole = drop.written("event", json.dumps(story(file_id)[0]).encode())
    before = events(portal)
    drop.run()
    for at in range(0, len(whole), 17):
        drop.lay("a.event", whole[:at])
        os.utime(drop.inward / "a.event", (NOW.timestamp(), NOW.timestamp()))
        assert drop.run() == 0
        assert events(portal) == before
    drop.lay("a.event", whole)
    drop.run()
    assert drop.answer("a.event")["state"] == "applied"
    assert events(portal) == before + 1
    assert not list(drop.inward.glob("*.event"))


def test_what_stays_cut_is_refused_and_may_come_again(portal, drop):
    whole = drop.written("event", json.dumps(story(cases.accepted(portal))[0]).encode())
    drop.run()
    drop.lay("a.event", whole[:-1])
    os.utime(drop.inward / "a.event", (NOW.timestamp(), NOW.timestamp()))
    drop.run(NOW + timedelta(minutes=11))
    assert drop.answer("a.event")["code"] == "cut"
    assert [f.name for f in (drop.inward / "refused").iterdir()] == ["a.event"]
    drop.lay("a.event", whole)
    drop.run(NOW + timedelta(minutes=12))
    assert drop.answer("a.event")["state"] == "applied"


def test_delivered_twice_under_any_name_it_is_done_once(portal, drop):
    whole = drop.written("event", json.dumps(story(cases.accepted(portal))[0]).encode())
    before = events(portal)
    for name in ("a.event", "a.event", "b.event"):
        drop.lay(name, whole)
        drop.run()
        assert drop.answer(name)["state"] == "applied"
    assert drop.answer("b.event")["again"]
    assert events(portal) == before + 1


def test_a_forgery_is_noted(portal, drop):
    whole = drop.written("event", json.dumps(story(cases.accepted(portal))[0]).encode())
    drop.lay("a.event", whole[:-3] + b"xyz")
    drop.run()
    with portal.database.reading() as session:
        noted = select(AuditEntry).where(AuditEntry.action == "refuse.signature")
        assert len(session.scalars(noted).all()) == 1


@pytest.mark.parametrize(
    ("name", "sender", "kind", "days", "code"),
    [
        ("a.event", "town", "event", 0, "wrong_box"), ("a.receipt", NAME, "event", 0, "wrong_box"),
        ("a.event", NAME, "event", -61, "too_old"), ("a.event", NAME, "event", 1, "too_old"),
        ("a.event", NAME, "dossier", 0, "wrong_box"),
    ],
)  # fmt: skip
def test_signed_and_still_not_for_here(portal, drop, name, sender, kind, days, code):
    body = json.dumps(story(cases.accepted(portal))[0]).encode()
    drop.lay(name, drop.written(kind, body, name=sender, at=NOW + timedelta(days=days)))
    drop.run()
    assert drop.answer(name)["code"] == code


def test_strange_files_are_left_alone(portal, drop, tmp_path):
    drop.run()
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")
    (drop.inward / "link.event").symlink_to(secret)
    (drop.inward / "folder.event").mkdir()
    os.mkfifo(drop.inward / "pipe.event")
    for name in (".hidden.event", "a.event.part", "-rf.event", "no.txt"):
        (drop.inward / name).write_bytes(b"x")
    assert drop.run() == 0
    assert secret.read_bytes() == b"x"
    (drop.inward / "large.event").write_bytes(b"x" * 200_000)
    drop.run()
    assert drop.answer("large.event")["code"] == "signature_invalid"
    assert drop.run() == 0


def test_a_fetched_dossier_is_laid_out_again_only_after_its_hour(portal, drop):
    cases.handed_in(portal)
    drop.run()
    (file,) = drop.out.glob("*.dossier")
    whole = file.read_bytes()
    file.unlink()
    drop.run(NOW + timedelta(minutes=59))
    assert not list(drop.out.glob("*.dossier"))
    drop.run(NOW + timedelta(minutes=61))
    assert file.read_bytes() == whole


def test_nobody_else_takes_what_lies_ready(portal, drop):
    cases.handed_in(portal)
    drop.run()
    drop.run(NOW + timedelta(minutes=50))
    with portal.database.reading() as session:
        one = session.scalars(select(IntakeDossier)).one()
        assert (one.leased_by, one.leased_until) == (f"office:{NAME}", NOW + timedelta(minutes=110))


class Killed(BaseException):
    """As if the power had failed."""


@pytest.mark.parametrize("point", ["X1", "X2", "X3", "X4"])
def test_killed_between_two_steps_it_goes_on(portal, drop, monkeypatch, point):
    file_id = cases.accepted(portal)
    event = drop.written("event", json.dumps(story(file_id)[0]).encode())
    before = events(portal)
    drop.run()
    drop.lay("a.event", event)
    cases.handed_in(portal, phone="13812345670")

    def die(name):
        if name == point:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(dropping, "crash_point", die)
        with pytest.raises(Killed):
            drop.run()
    drop.run()
    drop.run()
    assert drop.answer("a.event")["state"] == "applied"
    assert events(portal) == before + 1
    assert len(list(drop.out.glob("*.dossier"))) == 1
    assert not list(drop.inward.glob("*.event"))


def test_one_file_nobody_can_read_holds_up_no_other(portal, drop):
    for number in range(3):
        cases.handed_in(portal, phone=f"1381234567{number}")
    with portal.database.reading() as session:
        erased, *_others = session.scalars(select(IntakeDossier).order_by(IntakeDossier.key))
        (lost,) = portal.settings.blobs.rglob(erased.blob)
    lost.unlink()
    drop.run()
    assert len(list(drop.out.glob("*.dossier"))) == 2


@given(st.binary(max_size=1500))
def test_whatever_the_bytes_they_are_no_letter(data):
    with pytest.raises((Damaged, Cut)):
        letters.opened(data, PUBLIC)


def test_without_a_folder_nothing_is_done(portal, tmp_path):
    assert dropping.run(portal, tmp_path / "none", now=NOW) == 0
    (tmp_path / "stranger").mkdir()
    assert dropping.run(portal, tmp_path, now=NOW) == 0
    assert not list((tmp_path / "stranger").iterdir())


def test_the_worker_looks_into_the_boxes_it_is_told_of(portal, drop):
    cases.handed_in(portal)
    told = replace(portal, settings=replace(portal.settings, exchange=drop.folder))
    worker.run_once(portal, now=NOW)
    assert not drop.out.exists()
    worker.run_once(told, now=NOW)
    assert len(list(drop.out.glob("*.dossier"))) == 1
