"""Survey and check at the desk: two people visit, the county checks, the person answers."""

import io
import json
import re
from functools import partial
from pathlib import Path

import pytest
from pypdf import PdfReader

from portal.casework import survey
from portal.casework.survey import consents as agreed
from portal.casework.survey import paper, register, surveying, visit_photos
from portal.filing import signatures
from portal.filing.photo_process import PhotoProcess
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.people import consents
from portal.people.access import Role
from portal.people.tables import Account, Staff
from tests.casework import households
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files
from tests.pages.furnished import cookie

PHOTO = Path(__file__).parent.parent / "photos" / "bank_L1_00.jpg"
ROLES = {
    "chen": (Role.TOWNSHIP_INVESTIGATOR, files.TOWNSHIP, "陈一"),
    "liu": (Role.TOWNSHIP_INVESTIGATOR, files.TOWNSHIP, "刘二"),
    "he": (Role.COUNTY_CHECKER, files.COUNTY, "何核对"),
    "li": (Role.TOWNSHIP_CLERK, files.TOWNSHIP, "李主任"),
    "sun": (Role.COUNTY_CONFIRMER, files.COUNTY, "孙确认"),
}


@pytest.fixture
def file_id(portal):
    return households.accepted(portal, signed=("applicant", "member:w"))


@pytest.fixture
def desk(app, portal, file_id):
    """A person of this name at the desk."""
    known = {}

    def sit(name):
        if name not in known:
            role, region, shown = ROLES[name]
            known[name] = signed_in(app, portal, name, role=role, region=region, name=shown)
        return known[name]

    return sit


@pytest.fixture
def here(file_id):
    return f"/desk/files/{file_id}"


@pytest.fixture
def resident(app, portal, file_id):
    """The applicant's browser."""
    client = app.test_client()
    with portal.database.writing() as session:
        account = session.get_one(Account, session.get_one(Application, file_id).account_id)
        consents.give(session, account, consents.KINDS, now=NOW)
        account_id = account.id
    client.set_cookie("refresh", cookie(portal, account_id, now=NOW))
    return client


def ids(portal, *names):
    with portal.database.reading() as session:
        rows = session.query(Staff).filter(Staff.username.in_(names))
        return [str(one.id) for one in rows]


def text(answer):
    return answer.get_data(as_text=True)


def looked(portal, what):
    with portal.database.reading() as session:
        return session.query(AuditEntry).filter_by(action=what).count()


def press(client, path, form, at):
    page = text(client.get(at))
    token = re.search(r'name="csrf" content="([0-9a-f]+)"', page)
    return client.post(path, data={"csrf": token[1] if token else "", **form})


def whole(portal):
    return {
        "revision": "0", "on": "2026-11-22", "how": ["visit", "neighbours"],
        "investigators": ids(portal, "chen", "liu"), "v.income_wage": "６０００", "go": "finish",
        "w.income_wage": "看了工资条", "s.income_property": "confirmed", "family": "no",
        "family.because": "不会写字。", "p1.name": "刘老太", "p1.relation": "parent",
    }  # fmt: skip


def test_the_whole_way_of_a_visit(desk, portal, file_id, here):
    chen = desk("chen")
    desk("liu")
    panel = text(chen.get(here))
    assert "要入户核的3项" in panel
    said = {"day": "2026-11-23", "time": "10:30", "investigators": ids(portal, "chen", "liu")}
    assert chen.post(f"{here}/visits", said).headers["Location"].endswith("#panel-survey")
    assert "2026年11月23日 10:30" in text(chen.get(here))
    form = text(chen.get(f"{here}/survey"))
    assert form.index("先看这3项") < form.index("种地、养殖、做买卖挣的钱")
    assert looked(portal, "read.survey") == 1
    done = chen.post(f"{here}/survey", whole(portal))
    assert done.headers["Location"].endswith("#panel-survey")
    panel = text(chen.get(here))
    for words in ("第1次调查已办结", "6,000.00 元", "看了工资条", "没有签：不会写字。", "刘老太"):
        assert words in panel
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        assert survey.findings(session, file)["income_wage"].found == 600000
        assert len(set(survey.two_investigators(session, file))) == 2


def test_one_investigator_cannot_finish_and_nothing_typed_is_lost(desk, portal, file_id, here):
    chen = desk("chen")
    form = whole(portal) | {"investigators": ids(portal, "chen"), "remarks": "孙子要上学。"}
    refused = chen.post(f"{here}/survey", form)
    assert refused.status_code == 422
    assert "要有两个不同的调查人员" in text(refused)
    assert "孙子要上学。" in text(refused)
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        draft = surveying.draft(session, file)
        assert surveying.body(session, file, draft)["remarks"] == "孙子要上学。"
        assert surveying.finished(session, file) is None


def test_two_people_at_one_form_lose_nothing(desk, portal, file_id, here):
    chen, liu = desk("chen"), desk("liu")
    chen.post(f"{here}/survey", {"revision": "0", "v.income_wage": "6000"})
    late = liu.post(f"{here}/survey", {"revision": "0", "v.expense_medical": "300"})
    assert late.status_code == 409
    page = text(late)
    assert 'name="v.income_wage"' in page
    assert 'value="6000"' in page
    assert 'value="300"' in page
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    again = {"revision": revision, "v.income_wage": "6000", "v.expense_medical": "300"}
    assert liu.post(f"{here}/survey", again).status_code == 303
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        body = surveying.body(session, file, surveying.draft(session, file))
        assert set(body["lines"]) == {"income_wage", "expense_medical"}


def test_the_check_from_asking_to_the_answer_of_a_dispute(desk, portal, file_id, here, resident):
    chen, he = desk("chen"), desk("he")
    chen.post(f"{here}/check-requests")
    assert "等县里开始" in text(chen.get(here))
    he.post(f"{here}/check-starts")
    households.answered(portal)
    panel = text(he.get(here))
    assert "个账户" not in panel
    assert looked(portal, "read.check") == 0
    details = text(he.get(f"{here}/check"))
    assert "个账户" in details
    assert "没有授权，入户时问本人" in details
    assert looked(portal, "read.check") == 1
    assert he.post(f"{here}/check-results", {"outcome": "differs"}).status_code == 422
    told = he.post(f"{here}/check-results", {"outcome": "differs", "sentence": "存款多一些。"})
    assert told.status_code == 303
    at = f"/applications/{file_id}"
    page = text(resident.get(f"{at}/check-result"))
    for words in ("不等于不批准", "存款多一些", "查到您本人的", "提出异议"):
        assert words in page
    assert text(resident.get(at)).count("核对结果") >= 1
    assert (
        press(resident, f"{at}/disputes", {"sentence": " "}, f"{at}/check-result").status_code
        == 422
    )
    photo = (io.BytesIO(PHOTO.read_bytes()), "借条.jpg")
    said = {"sentence": "那笔钱是借的。", "photo": photo}
    assert press(resident, f"{at}/disputes", said, f"{at}/check-result").status_code == 303
    assert "正在复查" in text(resident.get(f"{at}/check-result"))
    page = text(chen.get(f"{here}/check"))
    for words in ("那笔钱是借的。", "随异议补的照片", "答复异议"):
        assert words in page
    with portal.database.reading() as session:
        record_id = households.record(session, file_id, "applicant").id
    answer = {
        "outcome": "corrected",
        "sentence": "看了借条。",
        "line": f"{record_id}/bank_deposits",
    }
    assert chen.post(f"{here}/dispute-answers", answer).status_code == 303
    page = text(resident.get(f"{at}/check-result"))
    assert "看了借条。" in page
    assert "已更正" in page


@pytest.mark.parametrize("members", [0, 20])
def test_the_sheet_is_one_page(portal, members):
    people = [
        {"row": f"r{n}", "name": "欧阳" + "海" * (n % 4), "relation": "other", "health": ["chronic"],
         "work": "unsure"}
        for n in range(members)
    ]  # fmt: skip
    file_id = households.accepted(portal, households.ANSWERS | {"members": people})
    with portal.database.writing() as session:
        file, program = households.of(portal, session, file_id)
        words = {"remarks": "难" * 300, "people": [{"name": "刘老太", "why": "住在后屋。"}]}
        households.survey(portal, session, file_id, words)
        for blank in (True, False):
            pdf = paper.render(session, file, program, blank=blank, mark="陈一", now=NOW)
            read = PdfReader(io.BytesIO(pdf))
            assert len(read.pages) == 1
            words = read.pages[0].extract_text()
            assert ("刘老太" in words) is not blank


def test_photos_of_a_visit_are_kept_shown_and_not_the_applicants(desk, portal, file_id, here):
    chen = desk("chen")
    sent = {"photo": (io.BytesIO(PHOTO.read_bytes()), "墙.jpg")}
    assert chen.post(f"{here}/visit-photos", sent).status_code == 303
    assert chen.post(f"{here}/visit-photos", {}).status_code == 422
    with PhotoProcess() as process:
        assert visit_photos.prepare_due(portal, process, now=NOW) == 1
    with portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        photo_id = visit_photos.of(session, file)[0].id
        named = partial(visit_photos.blob_names, session)
        assert portal.blobs.sweep("", named, now=NOW) == 0
    shown = chen.get(f"{here}/visit-photos/{photo_id}")
    assert shown.data[:2] == b"\xff\xd8"
    assert "第1张" in text(chen.get(f"{here}/survey"))
    assert desk("li").post(
        f"{here}/visit-photos", sent | {"photo": (io.BytesIO(b"x"), "x")}
    ).status_code in (403, 422)


def test_the_family_asks_for_another_time(desk, portal, file_id, here, resident):
    chen = desk("chen")
    desk("liu")
    at = f"/applications/{file_id}"
    assert resident.get(f"{at}/check-result").status_code == 404
    chen.post(f"{here}/visits", {"day": "2026-11-24", "investigators": ids(portal, "chen", "liu")})
    page = text(resident.get(at))
    assert "来的人：" in page
    assert (
        press(resident, f"{at}/visit-changes", {"sentence": ""}, f"{at}/check-result").status_code
        == 422
    )
    said = {"sentence": "星期五下午在家。"}
    assert press(resident, f"{at}/visit-changes", said, f"{at}/check-result").status_code == 303
    assert "星期五下午在家。" in text(chen.get(here))


def test_what_is_refused_stands_beside_its_form(desk, portal, file_id, here):
    chen = desk("chen")
    said = {"day": "2026-11-01", "investigators": ids(portal, "chen")}
    refused = chen.post(f"{here}/visits", said)
    assert refused.status_code == 422
    assert "要有两个不同的调查人员" in text(refused)
    assert chen.post(f"{here}/visits", {"day": "明天"}).status_code == 422
    refused = chen.post(f"{here}/survey", {"revision": "0", "v.income_transfer": "很多"})
    assert refused.status_code == 422
    assert 'id="e-lines.income_transfer"' in text(refused)
    assert 'value="很多"' in text(refused)
    said = {
        "obligor.name": "刘大",
        "obligor.id_number": "43092319900101999",
        "obligor.why": "要看。",
    }
    refused = chen.post(f"{here}/obligors", said)
    assert refused.status_code == 422
    assert "身份证" in text(refused)
    good = said | {"obligor.id_number": "430923199001019999", "obligor.relation": "儿子"}
    assert chen.post(f"{here}/obligors", good).status_code == 303
    desk("he").post(f"{here}/check-requests")
    assert "刘大" in text(chen.get(here))
    assert chen.post(f"{here}/visit-signatures", {"signer": "member:s"}).status_code == 303
    with portal.database.reading() as session:
        assert households.record(session, file_id, "member:s").state == register.WAITING
    assert chen.post(f"{here}/visit-signatures", {"signer": "member:s"}).status_code == 409


def test_an_obligor_signs_by_a_link_that_opens_one_page(desk, portal, app, here, resident, file_id):
    chen, board = desk("chen"), f"/applications/{file_id}/signers"
    said = {
        "name": "石建国", "id_number": "430923199001019999", "relation": "儿子",
        "why": "要看养不养得起。", "consent": "link",
    }  # fmt: skip
    form = {f"obligor.{name}": value for name, value in said.items()}
    assert chen.post(f"{here}/obligors", form).status_code == 303
    assert "等他用链接签" in text(chen.get(here))
    shown = text(resident.get(board))
    link = re.search(r'action="([^"]+/signers/outside:[^"]+/link)"', shown)[1]
    sent = re.search(r"http[^<\"]+(/sign/[^<\"]+)", text(press(resident, link, {}, board)))[1]
    son = app.test_client()
    assert "石建国" in text(son.get(sent))
    assert son.get(board).status_code != 200
    drawn = {"method": "screen", "text_version": signatures.TEXT_VERSION}
    drawn["strokes"] = json.dumps(files.STROKES)
    press(son, sent, drawn, sent)
    assert states(portal, file_id) == {"石建国": ""}
    panel = text(chen.get(here))
    assert "等他用链接签" not in panel
    end = re.search(r'action="([^"]+/obligors/[^"]+/end)"', panel)[1]
    assert desk("li").post(end).status_code == 403
    assert chen.post(end).status_code == 303
    assert chen.post(end).status_code == 404
    assert states(portal, file_id) == {}
    assert "石建国" not in text(chen.get(here)) + text(resident.get(board))


def states(portal, file_id):
    """{name: why not} of the obligors of a file."""
    with portal.database.reading() as session:
        found = agreed.obligors(session, session.get_one(Application, file_id))
        return {one.name: one.why_not for one in found}


def test_others_see_and_do_not_write(desk, here, resident):
    li, sun = desk("li"), desk("sun")
    assert "看调查表" in text(li.get(here))
    assert 'value="finish"' not in text(sun.get(f"{here}/survey"))
    for one in (li, sun):
        assert one.post(f"{here}/survey", {"revision": "0"}).status_code == 403
    assert sun.post(f"{here}/visit-signatures", {"signer": "member:c"}).status_code == 403
    printed = li.get(f"{here}/survey.pdf?blank=1").data
    assert "李主任" in PdfReader(io.BytesIO(printed)).pages[0].extract_text()
    for path in (here, f"{here}/survey", f"{here}/check"):
        page = text(li.get(path))
        assert " style=" not in page
        assert "onclick" not in page
    assert "现在没有" in text(resident.get("/my-checks"))
