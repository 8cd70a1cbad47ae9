"""What a person sees of the case: asks beside the turn, each photo's state, talk, the papers."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from pypdf import PdfReader

from portal.casework import applicant, office, photo_marks
from portal.casework.talk import bundle, thread
from portal.filing import documents
from portal.filing.tables import Application
from portal.foundation.errors import Conflict
from portal.handover import additions, submission
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.casework.decision import offices
from tests.conftest import NOW
from tests.handover import files

CLERK = files.clerk()
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def file(portal):
    file_id = files.draft(portal, files.LEAST)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    cases.deliver(portal, NOW + timedelta(minutes=5))
    return file_id


def told(portal, file_id, now=LATER):
    with portal.database.reading() as session:
        application = cases.file_of(session, file_id)
        return applicant.story(
            session, application, portal.catalogue, actor=files.owner(application), now=now
        )


def mark(portal, file_id, sentence="", now=LATER):
    with portal.database.writing() as session:
        application = cases.file_of(session, file_id)
        [photo] = documents.of(session, application)
        if sentence:
            photo_marks.ask_again(session, application, photo.id, sentence, actor=CLERK, now=now)
        else:
            photo_marks.accept(session, application, photo.id, actor=CLERK, now=now)


def accept(portal, file_id, now=LATER):
    with portal.database.writing() as session:
        office.accept(session, cases.file_of(session, file_id), actor=CLERK, now=now)


def states(portal, file_id):
    return [(p["state"], p["sentence"]) for p in told(portal, file_id)["photos"]]


def test_a_photo_from_the_township_to_seen(portal, file):
    assert states(portal, file) == [("with_township", "")]
    mark(portal, file)
    assert states(portal, file) == [("accepted", "")]
    assert told(portal, file)["asks"] == []


def test_a_photo_to_be_taken_again_is_asked_for_with_its_sentence(portal, file):
    mark(portal, file, "请把四个角都拍到。")
    found = told(portal, file)
    assert states(portal, file) == [("retake", "请把四个角都拍到。")]
    assert [(a["kind"], a["number"]) for a in found["asks"]] == [("retake", 1)]
    assert (found["turn"], found["last_word"]) == ("township", "")


def test_it_can_be_taken_again_after_acceptance_and_follows_by_itself(portal, file):
    mark(portal, file, "看不清。", now=NOW)
    accept(portal, file, now=NOW)
    received = documents.check(files.jpeg("gray"), None)
    with portal.database.reading() as session:
        blob = documents.seal_and_store(session, portal.blobs, file, received)
    with portal.database.writing() as session:
        application = session.get_one(Application, file)
        documents.add(
            session, application, portal.catalogue.find("dibao"), item="bank_account",
            received=received, blob=blob, actor=files.owner(application), now=LATER,
        )  # fmt: skip
    assert [state for state, _words in states(portal, file)] == ["with_township", "on_portal"]
    assert told(portal, file)["asks"] == []
    later = LATER + timedelta(minutes=3)
    assert additions.hand_in(portal, now=later) == 1
    cases.deliver(portal, later + timedelta(minutes=5))
    assert [state for state, _words in states(portal, file)] == ["with_township"] * 2
    with portal.database.reading() as session:
        assert session.get_one(Application, file).status == Status.ACCEPTED


def test_a_decided_file_takes_no_photos(portal, file):
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file), Status.DENIED)
    with pytest.raises(Conflict):
        files.add_photo(portal, file, files.jpeg("gray"))


def test_what_the_office_said_with_the_last_move_stands_first(portal, file):
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file), Status.DENIED)
    assert told(portal, file)["last_word"] == cases.SAID["denied"]["sentence"]


def test_a_new_message_is_asked_about_until_it_is_read(portal, file):
    assert told(portal, file)["thread"] is None
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        thread.write(session, application, uuid4(), text="周五来。", actor=CLERK, now=LATER)
    found = told(portal, file)
    assert (found["thread"]["messages"], found["thread"]["new"]) == (1, 1)
    assert [a["kind"] for a in found["asks"]] == ["message"]
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        thread.mark_seen(session, application, actor=files.owner(application), now=LATER)
    assert told(portal, file)["asks"] == []


def test_the_story_is_plain_json_in_every_status(portal, file):
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        for status in (Status.RETURNED, Status.SURVEYING, Status.PUBLIC_NOTICE, Status.PAYING,
                       Status.STOPPED):  # fmt: skip
            step = session.begin_nested()
            cases.put_into(session, application, status)
            found = applicant.story(
                session, application, portal.catalogue, actor=files.owner(application), now=LATER
            )
            step.rollback()
            assert json.loads(json.dumps(found)) == found


def papers(portal, file_id, now=LATER):
    with portal.database.reading() as session:
        application = cases.file_of(session, file_id)
        parts = bundle.parts(
            session, application, portal.catalogue, portal.blobs,
            actor=files.owner(application), now=now,
        )  # fmt: skip
    chunks = list(bundle.stream(portal.database, parts))
    return chunks, zipfile.ZipFile(io.BytesIO(b"".join(chunks)))


def words(archive, name):
    pages = PdfReader(io.BytesIO(archive.read(name))).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def test_the_bundle_of_a_refused_file(portal, file):
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file), Status.RETURNED)
    files.submit(portal, file, now=LATER)
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        for kind in ("accepted", "surveying", "first_review", "county_review", "denied"):
            party = cases.Party.COUNTY if kind == "denied" else cases.Party.TOWNSHIP
            cases.events.record(
                session, application, kind, after=cases.events.KINDS[kind], party=party,
                actor="portal", said=cases.SAID.get(kind), now=LATER,
            )  # fmt: skip
    chunks, archive = papers(portal, file)
    assert len(chunks) == len(archive.namelist()) + 1
    assert archive.testzip() is None
    assert all(entry.flag_bits & 0x8 == 0 for entry in archive.infolist())
    first = words(archive, "0-先看这里.pdf")
    for said in (
        "60日",
        "6个月",
        "人民法院",
        "安化县人民政府",
        "社会救助法第76条",
        "1-申请表-第2次.pdf",
    ):
        assert said in first
    assert "请拍有卡号的一面" in words(archive, "4-补正告知-1.pdf")
    course = words(archive, "3-办理经过.pdf")
    assert cases.SAID["denied"]["sentence"] in course
    assert "刘桂香" in words(archive, "1-申请表-第1次.pdf")
    assert [n for n in archive.namelist() if n.startswith("2-回执")] == [
        "2-回执-第1次.pdf", "2-回执-第1次（带数字签名）.json",
        "2-回执-第2次.pdf", "2-回执-第2次（带数字签名）.json",
    ]  # fmt: skip
    given = archive.read("2-回执-第2次（带数字签名）.json")
    with portal.database.reading() as session:
        key = submission.receipts.public_key(session, "receipt")
    assert submission.receipts.verified(given, key=key)["version"] == 2


def test_what_cannot_be_had_any_more_is_a_line_and_not_the_end(portal, file):
    _chunks, archive = papers(portal, file)
    [missing] = [n for n in archive.namelist() if n.startswith("6-照片/")]
    assert missing.endswith(".jpg.txt")
    assert archive.read(missing).decode() == "这份现在拿不到，请向窗口要。\n"


def test_postings_and_letters_lie_in_it(portal):
    made = offices.opened(portal)
    file_id = offices.on_the_road(made, "dibao", "granted")
    _chunks, archive = papers(portal, file_id, made.now)
    assert "东坪镇" in words(archive, "4-公示-第1次.pdf")
    assert "770" in words(archive, "5-决定书-1.pdf")
    assert "5-决定书-1.pdf" in words(archive, "0-先看这里.pdf")
    told_now = told(portal, file_id, made.now)
    assert len(told_now["decision"]["letters"]) == 1
