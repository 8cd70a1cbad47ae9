"""Talk about a file: both sides, written and spoken, sealed, once each, with our own clock."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.casework.talk import audio, thread
from portal.casework.talk.tables import ThreadMessage
from portal.contact import inbox
from portal.filing.tables import Application
from portal.foundation import vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from portal.people.access import Actor, Role
from portal.sweeping import sweep
from tests.casework import cases
from tests.casework.talk import recordings
from tests.conftest import NOW
from tests.handover import files

DAY = timedelta(days=1)
CLERK = files.clerk()


@pytest.fixture
def file(portal):
    return cases.handed_in(portal)


def owner(portal, file_id):
    with portal.database.reading() as session:
        return files.owner(session.get_one(Application, file_id))


def say(portal, file_id, text="", *, who=None, now=NOW, key=None, voice=None):
    who, key = who or owner(portal, file_id), key or uuid4()
    spoken = None
    if voice is not None:
        checked = audio.check(voice)
        with portal.database.reading() as session:
            application = session.get_one(Application, file_id)
            spoken = (
                checked, thread.seal_and_store(session, portal.blobs, application, key, checked)
            )  # fmt: skip
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        return thread.write(
            session, application, key, text=text, spoken=spoken, actor=who, now=now
        ).id


def read(portal, file_id, who=None):
    with portal.database.reading() as session:
        application = cases.file_of(session, file_id)
        return thread.lines(session, application, actor=who or files.owner(application))


def clock(portal, file_id, now=NOW):
    with portal.database.reading() as session:
        return thread.clock(session, cases.file_of(session, file_id), now=now)


def test_each_side_reads_the_other(portal, file):
    say(portal, file, "什么时候上门？\n我周三不在。")
    say(portal, file, "周五上午来。", who=CLERK, now=NOW + timedelta(hours=1))
    hers, office = read(portal, file), read(portal, file, CLERK)
    assert [(m.mine, m.text) for m in hers] == [
        (True, "什么时候上门？\n我周三不在。"), (False, "周五上午来。"),
    ]  # fmt: skip
    assert [(m.mine, m.who) for m in office] == [(False, "申请人"), (True, "窗口")]
    assert [m.new for m in hers] == [False, True]
    assert [m.new for m in office] == [True, False]


def test_nothing_said_can_be_read_in_the_database(portal, file):
    say(portal, file, "我家的门牌是十二号")
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    assert "我家的门牌是十二号".encode() not in stored


def test_the_answer_is_told_and_the_question_waits(portal, file):
    say(portal, file, "什么时候上门？")
    with portal.database.reading() as session:
        account = cases.file_of(session, file).account_id
        [(waiting, number, bar)] = thread.waiting(session, actor=CLERK, now=NOW)
        assert (waiting.id, number, bar["whole"], bar["ours"]) == (file, 1, 2, True)
        assert inbox.unread(session, account) == 0
    say(portal, file, "周五来。", who=CLERK)
    with portal.database.reading() as session:
        assert thread.waiting(session, actor=CLERK, now=NOW) == []
        assert [m.title for m in inbox.of(session, account)] == ["办事人员给您留言了"]


def test_seen_marks(portal, file):
    say(portal, file, "周五来。", who=CLERK)
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        hers = files.owner(application)
        assert thread.unseen(session, application, actor=hers) == 1
        assert thread.unseen(session, application, actor=CLERK) == 0
        assert thread.mark_seen(session, application, actor=CLERK, now=NOW) == 0
        assert thread.mark_seen(session, application, actor=hers, now=NOW) == 1
        assert thread.unseen(session, application, actor=hers) == 0


def test_our_clock_from_the_first_question_nobody_answered(portal, file):
    """NOW is a Sunday: Monday is the first working day."""
    say(portal, file, "在吗？")
    say(portal, file, "在吗？", now=NOW + timedelta(hours=30))
    for days, used in ((0, 0), (1, 1), (2, 2), (3, 3), (10, 8)):
        bar = clock(portal, file, NOW + days * DAY)
        state = "late" if days > 2 else "running"
        assert (bar["due"], bar["used"], bar["state"]) == ("2026-11-24", used, state)
    assert bar["ours"]
    assert set(bar) == {
        "key", "title", "basis", "start", "due", "used", "whole", "unit", "percent", "state",
        "ours", "provisional", "words",
    }  # fmt: skip


def test_the_clock_stops_with_the_answer_and_begins_with_the_next_question(portal, file):
    assert clock(portal, file) is None
    say(portal, file, "在吗？")
    say(portal, file, "在。", who=CLERK, now=NOW + DAY)
    assert clock(portal, file, NOW + 9 * DAY) is None
    say(portal, file, "谢谢。几点？", now=NOW + 2 * DAY)
    assert clock(portal, file, NOW + 2 * DAY)["start"] == "2026-11-24"


def test_words_are_checked(portal, file):
    for text in ("", "   \n", "长" * 501, "看不见\x00的", "\ud800"):
        with pytest.raises(Invalid):
            say(portal, file, text)


def test_five_hundred_characters_and_rare_ones_come_back_as_they_were(portal, file):
    text = "陈建\U0002ebf0" + "字" * 496
    say(portal, file, text)
    assert read(portal, file)[0].text == text


def test_one_press_is_one_message(portal, file):
    key = uuid4()
    for _ in range(3):
        say(portal, file, "在吗？", key=key)
    assert len(read(portal, file)) == 1
    other = cases.handed_in(portal, phone="13700000001")
    with pytest.raises(Conflict):
        say(portal, other, "在吗？", key=key)
    with pytest.raises(Conflict):
        say(portal, file, "在吗？", key=key, who=CLERK)


def test_before_submission_there_is_nobody_to_talk_to(portal):
    with pytest.raises(Conflict):
        say(portal, files.draft(portal, files.LEAST), "在吗？")


def test_who_only_looks_does_not_answer(portal, file):
    answering = {
        Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_REVIEWER,
        Role.COUNTY_CLERK, Role.COUNTY_CHECKER, Role.COUNTY_CONFIRMER,
    }  # fmt: skip
    for role in set(Role) - answering - {Role.APPLICANT}:
        with pytest.raises(Forbidden):
            say(portal, file, "好。", who=files.clerk(files.COUNTY, number=4, role=role))
    for role in answering:
        say(portal, file, "好。", who=files.clerk(files.COUNTY, number=4, role=role))


def test_the_list_is_of_the_own_division(portal, file):
    say(portal, file, "在吗？")
    with portal.database.reading() as session:
        there = [files.clerk(files.NEIGHBOUR, number=3), files.clerk(files.COUNTY, number=4, role=Role.COUNTY_CLERK)]  # fmt: skip
        assert [len(thread.waiting(session, actor=a, now=NOW)) for a in there] == [0, 1]


def test_twenty_a_day(portal, file):
    for number in range(20):
        say(portal, file, f"第{number}句")
    with pytest.raises(TooOften):
        say(portal, file, "又一句")
    say(portal, file, "明天再说", now=NOW + DAY)


def test_every_message_is_in_the_record_without_its_words(portal, file):
    say(portal, file, "我家的事")
    say(portal, file, "知道了。", who=CLERK)
    with portal.database.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "write.message"))
        lines = [(row.actor.split(":")[0], row.detail) for row in rows]
    assert sorted(who for who, _detail in lines) == ["applicant", "staff"]
    assert all("我家" not in detail and "知道" not in detail for _who, detail in lines)


def heard(portal, file_id, message_id):
    with portal.database.reading() as session:
        application = cases.file_of(session, file_id)
        message = thread.find(session, application, message_id)
        return thread.open_voice(session, portal.blobs, application, message)


def test_a_recording_is_sealed_and_plays_as_it_was_sent(portal, file):
    data = recordings.amr(3)
    message = say(portal, file, voice=data)
    assert heard(portal, file, message) == (data, "audio/amr")
    [line] = read(portal, file)
    assert (line.voice, line.seconds, line.text) == (True, 3, "")
    blobs = [p.read_bytes() for p in portal.settings.blobs.rglob("*") if p.is_file()]
    assert blobs
    assert all(b"#!AMR" not in blob for blob in blobs)


def test_the_sweep_leaves_recordings_and_takes_what_nobody_names(portal, file):
    message = say(portal, file, voice=recordings.amr(2))
    with portal.database.reading() as session:
        application = session.get_one(Application, file)
        orphan = thread.seal_and_store(
            session, portal.blobs, application, uuid4(), audio.check(recordings.amr(1))
        )
    sweep(portal, now=NOW + 400 * DAY)
    assert heard(portal, file, message)[1] == "audio/amr"
    with pytest.raises(FileNotFoundError):
        portal.blobs.read(orphan)


def test_an_erased_file_falls_silent(portal, file):
    message = say(portal, file, "我家的事", voice=recordings.amr(2))
    with portal.database.writing() as session:
        vault.destroy_key(session, cases.file_of(session, file).key_id, now=NOW)
    assert read(portal, file)[0].text == ""
    with pytest.raises(NotFound):
        heard(portal, file, message)


def test_a_written_message_has_no_sound_and_anothers_is_not_found(portal, file):
    message = say(portal, file, "在吗？")
    with pytest.raises(NotFound):
        heard(portal, file, message)
    other = cases.handed_in(portal, phone="13700000001")
    with pytest.raises(NotFound):
        heard(portal, other, message)


def test_the_author_is_kept_for_the_desk(portal, file):
    say(portal, file, "好。", who=Actor(Role.TOWNSHIP_REVIEWER, UUID(int=5), files.TOWNSHIP))
    with portal.database.reading() as session:
        assert session.scalars(select(ThreadMessage.author)).one() == f"staff:{UUID(int=5)}"
