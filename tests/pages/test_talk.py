"""Messages, the code word, talk and complaints on a phone without scripts."""

import io
import re

import pytest

from portal.casework import office
from portal.casework.talk import complaints, thread
from portal.casework.talk.tables import Complaint
from portal.contact import inbox, messages
from portal.contact.standin_gateway import ABSENT
from portal.filing.tables import Application
from portal.people import choices, consents
from portal.people.tables import Account
from tests.casework import cases
from tests.casework.talk import recordings
from tests.conftest import NOW
from tests.handover import files
from tests.pages.furnished import cookie


class Phone:
    """A browser without a screen, signed in as one resident."""

    def __init__(self, app, portal, account=None):
        self.client = app.test_client()
        if account is not None:
            self.client.set_cookie("refresh", cookie(portal, account, now=NOW))

    def get(self, path):
        return self.client.get(path).get_data(as_text=True)

    def post(self, path, form, *, at=None):
        token = re.search(r'name="csrf" (?:content|value)="([0-9a-f]+)"', self.get(at or path))
        return self.client.post(path, data={"csrf": token[1], **form})


@pytest.fixture
def file(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        account = session.get_one(Account, cases.file_of(session, file_id).account_id)
        consents.give(session, account, consents.KINDS, now=NOW)
    return file_id


@pytest.fixture
def account(portal, file):
    with portal.database.reading() as session:
        return session.get_one(Application, file).account_id


@pytest.fixture
def phone(app, portal, account):
    return Phone(app, portal, account)


@pytest.fixture
def stranger(app, portal, file):
    return Phone(app, portal)


def accept(portal, file):
    with portal.database.writing() as session:
        office.accept(session, cases.file_of(session, file), actor=files.clerk(), now=NOW)


def test_news_stand_in_the_frame_and_at_home_until_they_were_seen(portal, phone, stranger, file):
    assert "条新消息" not in phone.get("/")
    accept(portal, file)
    assert "您有1条新消息" in phone.get("/applications")
    home = phone.client.get("/")
    assert "您的申请受理了" in home.get_data(as_text=True)
    assert home.headers["Cache-Control"] == "no-store"
    assert "max-age" in stranger.client.get("/").headers["Cache-Control"]
    box = phone.get("/messages")
    assert '<span class="tag good">新</span>' in box
    assert "下一步会上门了解情况。" in box
    assert "您有1条新消息" not in box
    assert ">新<" not in phone.get("/messages")
    assert "条新消息" not in phone.get("/applications")


def test_choosing_a_word_an_own_one_and_none(portal, phone, account):
    page = phone.get("/code-word?next=/applications")
    assert "喜鹊" in page
    assert "先不选" in page
    done = phone.post("/code-word", {"word": "喜鹊", "own": "", "next": "/applications"})
    assert done.headers["Location"] == "/applications"
    assert chosen(portal, account).word == "喜鹊"
    phone.post("/code-word", {"word": "喜鹊", "own": "石榴树下"})
    assert chosen(portal, account).word == "石榴树下"
    wrong = phone.post("/code-word", {"own": "hello"})
    assert wrong.status_code == 422
    assert "请用一到四个汉字。" in wrong.get_data(as_text=True)
    phone.post("/code-word", {"word": "喜鹊", "skip": "1"})
    assert (chosen(portal, account).word, chosen(portal, account).asked) == ("", True)
    away = phone.post("/code-word", {"word": "月亮", "next": "//evil.example"})
    assert away.headers["Location"] == "/me/contact"


def chosen(portal, account):
    with portal.database.reading() as session:
        return choices.of(session, session.get_one(Account, account))


def test_the_word_is_asked_for_while_applying_and_after(portal, phone, file):
    assert "选一个口令词" in phone.get(f"/applications/{file}/receipt")
    phone.post("/code-word", {"skip": "1"})
    assert "选一个口令词" not in phone.get(f"/applications/{file}/receipt")
    draft = files.draft(portal, files.LEAST)
    assert "选口令词" in phone.get(f"/applications/{draft}/tasks")


def test_a_second_number_and_no_reminders(portal, phone, account):
    phone.post("/me/contact", {"second_phone": "139 8765 4321"})
    assert "139****4321" in phone.get("/me/contact")
    wrong = phone.post("/me/contact", {"second_phone": "123"})
    assert (wrong.status_code, "手机号是11位" in wrong.get_data(as_text=True)) == (422, True)
    phone.post("/me/contact", {"reminders": "no"})
    assert "不提醒。" in phone.get("/me/contact")
    assert chosen(portal, account).second_phone.value == "13987654321"
    phone.post("/me/contact", {"second_phone": ""})
    assert chosen(portal, account).second_phone is None


def test_talk_without_a_script(portal, phone, file):
    here = f"/applications/{file}/messages"
    page = phone.get(here)
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    for _ in range(2):
        sent = phone.post(here, {"text": "什么时候上门？", "key": key})
        assert sent.headers["Location"] == f"{here}#last"
    page = phone.get(here)
    assert page.count("什么时候上门？") == 1
    assert "窗口会在2个工作日内回。" in page
    phone.post(here, {"text": "", "voice": (io.BytesIO(recordings.amr(6)), "a.amr")})
    page = phone.get(here)
    assert "6秒" in page
    sound = re.search(r'<audio controls preload="none" src="([^"]+)"', page)[1]
    assert phone.client.get(sound).data == recordings.amr(6)
    wrong = phone.post(here, {"text": "留着", "voice": (io.BytesIO(b"GIF89a"), "a.gif")})
    assert wrong.status_code == 415
    assert "这种录音打不开" in wrong.get_data(as_text=True)
    assert ">留着</textarea>" in wrong.get_data(as_text=True)


def test_the_offices_words_are_new_once(portal, phone, file):
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        thread.write(
            session, application, files.UUID(int=9), text="周五来。", actor=files.clerk(), now=NOW
        )
    assert "看窗口的新留言" in phone.get(f"/applications/{file}")
    assert ">新<" in phone.get(f"/applications/{file}/messages")
    assert ">新<" not in phone.get(f"/applications/{file}/messages")
    assert "看窗口的新留言" not in phone.get(f"/applications/{file}")


FORM = {
    "against": "township", "topic": "attitude", "words": "态度不好，让我回去。", "phone": "",
    "place.code": files.TOWNSHIP, "go": "save",
}  # fmt: skip


def test_a_complaint_without_signing_in(portal, stranger):
    page = stranger.get("/complain")
    assert "可以不留名" in page
    assert 'name="unnamed"' not in page
    done = stranger.post("/complain", FORM).get_data(as_text=True)
    code = "".join(re.search(r'class="big">([\d ]+)<', done)[1].split())
    assert "还没有答复" in stranger.post("/complaint", {"code": code}).get_data(as_text=True)
    with portal.database.writing() as session:
        complaint = complaints.follow(session, code)
        county = files.clerk(files.COUNTY, role=files.Role.COUNTY_CLERK)
        complaints.answer(session, complaint, "已经谈话。", actor=county, now=NOW)
    assert "已经谈话。" in stranger.get(f"/complaint/{code}")
    missed = stranger.post("/complaint", {"code": "1" * 16})
    for _ in range(19):
        stranger.post("/complaint", {"code": "2" * 16})
    assert stranger.post("/complaint", {"code": code}).status_code == 200
    assert stranger.post("/complaint", {"code": "2" * 16}).status_code == 429
    assert missed.status_code == 404
    assert "没有找到" in missed.get_data(as_text=True)


def test_what_is_missing_is_named_and_what_was_written_stays(stranger):
    wrong = stranger.post("/complain", {**FORM, "topic": "", "place.code": ""})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    for words in ("请选是什么事。", "请选到县，最好选到乡镇。", "态度不好，让我回去。"):
        assert words in page
    down = stranger.post("/complain", {**FORM, "place.code": "", "place.pick": "430000",
                                       "go": "down:place"})  # fmt: skip
    assert "选市、州" in down.get_data(as_text=True)


def test_a_complaint_about_the_own_file_with_and_without_a_name(portal, phone, file, account):
    page = phone.get(f"/complain?about={file}")
    assert "说的是这份申请" in page
    assert "在哪里？" not in page
    form = {**FORM, "about": str(file), "place.code": ""}
    assert phone.post("/complain", form, at=f"/complain?about={file}").status_code == 200
    named = rows(portal)
    assert [(c.account_id, c.application_id) for c in named] == [(account, file)]
    phone.post("/complain", {**form, "unnamed": "1"}, at=f"/complain?about={file}")
    unnamed = [c for c in rows(portal) if c.id != named[0].id]
    assert [(c.account_id, c.application_id) for c in unnamed] == [(None, None)]
    assert unnamed[0].office_code == files.COUNTY


def rows(portal):
    with portal.database.reading() as session:
        found = session.query(Complaint).all()
        session.expunge_all()
        return found


def test_another_persons_file_is_not_complained_about(app, portal, stranger, file):
    assert stranger.client.get(f"/complain?about={file}").status_code == 303
    other = files.draft(portal, files.LEAST, phone="13700000009")
    with portal.database.reading() as session:
        account = session.get_one(Application, other).account_id
    assert Phone(app, portal, account).client.get(f"/complain?about={file}").status_code == 404


def test_handing_in_is_told_with_the_word(app, portal, phone, account):
    phone.post("/code-word", {"word": "月亮"})
    draft = files.draft(portal, files.LEAST)
    phone.post(f"/applications/{draft}/check", {}, at=f"/applications/{draft}/check")
    with portal.database.reading() as session:
        assert [m.text for m in messages.latest(session)] == [
            "【救助通】口令：月亮。申请已提交，尚未受理。请打开救助通看进度。"
        ]
        assert [m.title for m in inbox.of(session, account)] == ["申请交上来了"]


def test_the_standin_explains_its_numbers(client):
    assert ABSENT in client.get("/dev/outbox").get_data(as_text=True)
