"""The desk's side of talk over HTTP: answering, listening, telling in person, complaints, texts."""

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from portal.casework.talk import answering, complaints, telling, thread
from portal.casework.talk.complaints import Said
from portal.contact import in_person
from portal.contact.templates import TEMPLATES
from portal.foundation.audit_tables import AuditEntry
from portal.people.access import Role
from tests.casework import cases
from tests.casework.talk import recordings
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files


@pytest.fixture
def file(portal):
    return cases.handed_in(portal)


@pytest.fixture
def clerk(app, portal, file):
    return signed_in(app, portal)


@pytest.fixture
def county(app, portal, file):
    return signed_in(app, portal, "zhou", region=files.COUNTY, role=Role.COUNTY_CLERK, name="老周")


def text(answer):
    return answer.get_data(as_text=True)


def ask(portal, file, words="什么时候上门？", now=NOW):
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        who = files.owner(application)
        thread.write(session, application, uuid4(), text=words, actor=who, now=now)


def test_from_the_list_to_the_answer(portal, clerk, file):
    assert "没有等回复的留言" in text(clerk.get("/desk/messages"))
    ask(portal, file)
    listed = text(clerk.get("/desk/messages"))
    assert f"/desk/files/{file}#talk" in listed
    assert "2个工作日内（我们自己的目标）" in listed
    page = text(clerk.get(f"/desk/files/{file}"))
    assert "什么时候上门？" in page
    assert '<span class="tag good">新</span>' in page
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    form = {"text": "周五上午来。", "key": key}
    for _ in range(2):
        done = clerk.post(f"/desk/files/{file}/messages", form)
        assert done.headers["Location"] == f"/desk/files/{file}#talk"
    after = text(clerk.get(f"/desk/files/{file}"))
    assert after.count("周五上午来。") == 1
    assert "申请人在等回复" not in after
    assert "没有等回复的留言" in text(clerk.get("/desk/messages"))


def test_what_was_shown_is_no_longer_new_but_looking_only_leaves_it(app, portal, clerk, file):
    ask(portal, file)
    auditor = signed_in(app, portal, "ji", region=files.COUNTY, role=Role.AUDITOR)
    assert "给申请人留言" not in text(auditor.get(f"/desk/files/{file}"))
    assert ">新<" in text(clerk.get(f"/desk/files/{file}"))
    assert ">新<" not in text(clerk.get(f"/desk/files/{file}"))


def test_an_empty_answer_comes_back(portal, clerk, file):
    ask(portal, file)
    refused = clerk.post(f"/desk/files/{file}/messages", {"text": " "})
    assert refused.status_code == 422
    assert "请写几句，或录一段话。" in text(refused)


def test_a_recording_is_sent_and_listened_to_and_that_is_written_down(portal, clerk, file):
    data = recordings.mp3(4)
    form = {"text": "", "voice": (io.BytesIO(data), "note.mp3")}
    assert clerk.post(f"/desk/files/{file}/messages", form).status_code == 303
    page = text(clerk.get(f"/desk/files/{file}"))
    path = re.search(r'<audio [^>]*src="([^"]+)"', page)[1]
    answer = clerk.get(path)
    assert (answer.data, answer.content_type) == (data, "audio/mpeg")
    with portal.database.reading() as session:
        assert session.query(AuditEntry).filter_by(action="read.voice").count() == 1


def test_what_is_no_recording_is_refused_on_the_page(portal, clerk, file):
    form = {"text": "", "voice": (io.BytesIO(b"%PDF-1.7"), "note.mp3")}
    refused = clerk.post(f"/desk/files/{file}/messages", form)
    assert refused.status_code == 422
    assert "这种录音打不开" in text(refused)


def test_a_foreign_clerk_finds_nothing(app, portal, clerk, file):
    ask(portal, file)
    other = signed_in(app, portal, "wang", region=files.NEIGHBOUR)
    assert "没有等回复的留言" in text(other.get("/desk/messages"))
    assert other.post(f"/desk/files/{file}/messages", {"text": "在"}).status_code == 404


def test_telling_in_person(portal, clerk, file):
    with portal.database.writing() as session:
        application = cases.file_of(session, file)
        telling.send_somebody(session, application, "returned", why=in_person.UNDELIVERED, now=NOW)
    page = text(clerk.get("/desk/tasks"))
    assert "短信没有送到" in page
    assert "申请要补东西。" in page
    action = re.search(r'action="(/desk/tasks/[^"]+)"', page)[1]
    assert clerk.post(action, {"how": ""}, at="/desk/tasks").status_code == 422
    clerk.post(action, {"how": "not_found"}, at="/desk/tasks")
    assert "去过1次，没找到人" in text(clerk.get("/desk/tasks"))
    assert clerk.post(action, {"how": "visit"}, at="/desk/tasks").status_code == 303
    after = text(clerk.get("/desk/tasks"))
    assert "没有要上门告知的" in after
    assert "上门说了" in after


def complain(portal, about=None):
    said = Said("attitude", "township", files.TOWNSHIP, "态度不好。", "13912345678")
    with portal.database.writing() as session:
        application = cases.file_of(session, about) if about else None
        made, code = complaints.hand_in(session, said, about=application, device="a", now=NOW)
        return made.id, code


def test_the_county_answers_and_the_township_does_not_even_see(portal, clerk, county, file):
    complaint, code = complain(portal, file)
    assert clerk.get("/desk/complaints").status_code == 403
    assert clerk.get(f"/desk/complaints/{complaint}").status_code == 403
    assert "态度不好" in text(county.get("/desk/complaints"))
    page = text(county.get(f"/desk/complaints/{complaint}"))
    assert "13912345678" in page
    assert f"/desk/files/{file}" in page
    here = f"/desk/complaints/{complaint}/answers"
    refused = county.post(here, {"sentence": " "}, at="/desk/complaints")
    assert refused.status_code == 422
    assert "请写答复" in text(refused)
    assert county.post(here, {"sentence": "已经道歉。"}, at="/desk/complaints").status_code == 303
    assert county.post(here, {"sentence": "再答。"}, at="/desk/complaints").status_code == 409
    with portal.database.reading() as session:
        found = complaints.opened(session, complaints.follow(session, code), now=NOW)
        assert found["answer"] == "已经道歉。"
        assert session.query(AuditEntry).filter_by(action="read.complaint").count() == 1


def test_late_complaints_stand_out(app, portal, clock, file):
    complain(portal)
    clock.forward(days=13)
    with portal.database.writing() as session:
        assert answering.escalate_late(session, now=clock()) == 1
    clock.forward(days=-13)
    watcher = signed_in(app, portal, "sheng", region="430900", role=Role.SUPERVISOR)
    assert "已报上级" in text(watcher.get("/desk/complaints"))


def test_every_text_can_be_looked_at_with_its_length(clerk):
    page = text(clerk.get("/desk/templates"))
    for name in TEMPLATES:
        assert f'id="{name}"' in page
    for length in re.findall(r"</td><td>(\d+)</td>", page):
        assert int(length) <= 70
    assert "要您补材料" in page


@pytest.mark.parametrize(
    "path", ["/desk/messages", "/desk/tasks", "/desk/complaints", "/desk/templates"]
)
def test_nobody_gets_in_without_signing_in(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/sign-in")


def test_no_inline_style_and_no_inline_script(portal, clerk, county, file):
    ask(portal, file, now=NOW + timedelta(seconds=1))
    complaint, _code = complain(portal)
    for who, path in (
        (clerk, f"/desk/files/{file}"), (clerk, "/desk/messages"), (clerk, "/desk/tasks"),
        (clerk, "/desk/templates"), (county, "/desk/complaints"),
        (county, f"/desk/complaints/{complaint}"),
    ):  # fmt: skip
        page = text(who.get(path))
        assert " style=" not in page
        assert "<style" not in page
