"""「我家有困难」 without a script: proposed, carried through signing in, filled in once, handed in
once, added to, told, refused. What the pages say of one household."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.assembly import Portal
from portal.casework import next_tier
from portal.filing import applications
from portal.filing.tables import Application
from portal.people import consents, sign_in
from portal.people.tables import Household
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW, Clock
from tests.filing.households import say
from tests.handover.files import add_photo, jpeg
from tests.journeys.story import NAME, PHONE
from tests.pages.plain import Plain

TOWN = "433127103"
FAMILIES = {
    "老人没人管": (["care"], {"tekun"}),
    "没钱看病": (["medical_cost"], {"yiliao", "linshi", "dibao"}),
    "房子塌了": (["disaster", "housing"], {"shouzai", "zhufang", "linshi"}),
    "孩子上学": (["schooling"], {"linshi", "dibao"}),
    "丢了工作还不起房租": (["no_income", "housing"], {"jiuye", "zhufang", "linshi", "dibao"}),
}
LEAST: dict[str, object] = {
    "applicant_name": NAME,
    "phone": PHONE,
    "household_place": {"code": TOWN, "address": ""},
    "emergency_place": {"code": TOWN, "address": ""},
    "reason": ["illness"],
}
OWN = {"linshi": {"reason": ["medical_cost"]}}


@pytest.fixture
def stranger(app: Flask, portal: Portal) -> Plain:
    return Plain(app, portal)


@pytest.fixture
def her(app: Flask, portal: Portal) -> Plain:
    return signed_in(app, portal)


def signed_in(app: Flask, portal: Portal, phone: str = PHONE) -> Plain:
    """With an account whose consents are given."""
    with portal.database.writing() as session:
        account = sign_in.open_account(session, phone, now=NOW)
        consents.give(session, account, consents.KINDS, now=NOW)
        token = sign_in.issue(session, account=account, now=NOW)
    who = Plain(app, portal)
    who.client.set_cookie("refresh", token)
    return who


MEDICAL = ("dibao", "linshi", "yiliao")


def begin(who: Plain, *programs: str) -> str:
    """A household with these drafts; its address."""
    named = "&".join(f"program={one}" for one in programs)
    who.open(f"/household/start?{named}").press("一次填好")
    assert who.path.endswith("/tasks"), who.page.text
    return who.path.removesuffix("/tasks")


def fill(portal: Portal) -> None:
    """Only what nothing goes without, in every draft."""
    for program, file in files(portal).items():
        asked = {f.name: f.kind for f in portal.catalogue.find(program).form.fields}
        told = LEAST | OWN.get(program, {})
        if file.status == Status.DRAFT:
            say(portal, file.id, {name: v for name, v in told.items() if name in asked})


def hand_in(who: Plain, home: str) -> None:
    who.open(f"{home}/check").press("一起提交")
    assert who.path == f"{home}/receipt", who.page.text


@dataclass(frozen=True)
class File:
    id: UUID
    status: str
    reference_no: str


def files(portal: Portal) -> dict[str, File]:
    with portal.database.reading() as session:
        found = session.scalars(select(Application)).all()
        return {a.program_id: File(a.id, a.status, a.reference_no) for a in found}


def answers(portal: Portal, program: str) -> dict[str, object]:
    with portal.database.reading() as session:
        rows = select(Application).where(Application.program_id == program)
        return applications.answers(session, session.scalars(rows).one())


@pytest.mark.parametrize("words", FAMILIES)
def test_一勾就提议该办的(stranger: Plain, words: str) -> None:
    her = stranger
    happened, wanted = FAMILIES[words]
    her.open("/self-check?place=433127").press("算一算", happened=happened)
    ticked = re.findall(r'name="program" value="(\w+)" checked', her.page.text)
    assert set(ticked) == wanted
    assert 'value="cishan"' not in her.page.text
    assert her.sees("都不像？也可以申请")
    assert her.sees("教育救助：不在这里申请") is ("schooling" in happened)


def test_登录前什么也不留_登录后答过的都在(stranger: Plain, portal: Portal) -> None:
    """The answers travel in the form's body through four pages; nothing is in the address."""
    her = stranger
    her.open("/self-check?place=433127").press("算一算", happened=["medical_cost"], area="rural")
    her.press("一次填好")
    assert her.sees("用手机号登录")
    assert files(portal) == {}
    assert "said" not in her.page.request.query_string.decode()
    her.sign_in(PHONE)
    assert her.path.endswith("/tasks")
    assert her.page.request.query_string == b""
    assert set(files(portal)) == {"dibao", "linshi", "yiliao"}
    assert answers(portal, "dibao") == {"apply_type": "rural"}
    assert answers(portal, "linshi") == {"reason": ["medical_cost"]}
    with portal.database.reading() as session:
        assert session.scalars(select(Household.region_code)).all() == ["433127"]


@pytest.mark.parametrize("said", ["", "{", "[1]", '{"happened": "nonsense", "moon": 1}'])
def test_答的读不出来也照样开始(her: Plain, portal: Portal, said: str) -> None:
    her.open("/household/start?program=dibao&program=cishan&program=nothing")
    her.press("一次填好", said=said)
    assert set(files(portal)) == {"dibao"}


def test_一样没勾说清楚(her: Plain) -> None:
    her.open("/household/start?program=dibao").press("一次填好", program=None)
    assert her.page.status_code == 422
    assert her.sees("请至少勾一样")


def test_按两次还是一家(her: Plain, portal: Portal) -> None:
    her.open("/household/start?program=dibao")
    page = her.page
    for _again in range(2):
        her.page = page
        her.press("一次填好")
        if her.sees("给谁家办"):
            her.press("另一家")
    with portal.database.reading() as session:
        assert len(session.scalars(select(Household)).all()) == 1


def test_同一题只问一次_一起交各有编号(her: Plain, portal: Portal) -> None:
    home = begin(her, *MEDICAL)
    asked = re.findall(rf'href="{home}/steps/([\w-]+)"', her.open(f"{home}/tasks").page.text)
    assert len(asked) == len(set(asked)) + 1, "接着填 leads to one of them"
    her.open(f"{home}/check")
    assert her.sees("还差6项")
    her.press("一起提交")
    assert her.page.status_code == 422
    assert {a.status for a in files(portal).values()} == {Status.DRAFT}
    fill(portal)
    hand_in(her, home)
    numbers = {a.reference_no for a in files(portal).values()}
    assert len(numbers) == 3
    assert all(her.sees(number) for number in numbers)
    assert answers(portal, "yiliao")["applicant_name"] == NAME
    her.open(home)
    assert her.page.text.count("轮到：乡镇（街道）") == 3


def test_没分的照片也说一声(her: Plain, portal: Portal) -> None:
    home = begin(her, *MEDICAL)
    fill(portal)
    file_id = files(portal)["linshi"].id
    for colour in ("red", "blue"):
        add_photo(portal, file_id, jpeg(colour), item="unsorted")
    her.open(f"{home}/check")
    assert her.sees("有2张还没分，也一起交。")
    assert f'href="/applications/{file_id}/sorting"' in her.page.text
    hand_in(her, home)


def test_只交勾上的(her: Plain, portal: Portal) -> None:
    home = begin(her, *MEDICAL)
    fill(portal)
    kept = str(files(portal)["dibao"].id)
    her.open(f"{home}/check").press("一起提交", file=[kept])
    states = {name: a.status for name, a in files(portal).items()}
    assert states == {"dibao": "submitted", "linshi": "draft", "yiliao": "draft"}
    her.open(f"{home}/check").press("一起提交", file=None)
    assert her.page.status_code == 422


def test_别处改过的看得见(app: Flask, her: Plain, portal: Portal, clock: Clock) -> None:
    home = begin(her, *MEDICAL)
    her.open(f"{home}/steps/contact")
    stale = her.page
    clock.forward(minutes=1)
    her.press("保存，下一步", phone=PHONE)
    her.page, her.path = stale, f"{home}/steps/contact"
    clock.forward(minutes=1)
    her.press("保存，下一步", phone="13900000001")
    assert her.page.status_code == 409
    assert her.sees(f"另一处填的是：{PHONE}")
    her.press("保存，下一步", phone="13900000001")
    assert answers(portal, "yiliao")["phone"] == "13900000001"


def test_单填一份的地方也带到别的(her: Plain, portal: Portal) -> None:
    """The page of one file says it to the whole household; its tasks and check are the common ones."""
    home = begin(her, *MEDICAL)
    one = f"/applications/{files(portal)['yiliao'].id}"
    her.open(f"{one}/steps/contact").press("保存，下一步", phone=PHONE)
    assert answers(portal, "dibao")["phone"] == PHONE
    for part in ("tasks", "check"):
        assert her.open(f"{one}/{part}").path == f"{home}/{part}"


def test_加办一件只看一看(her: Plain, portal: Portal, clock: Clock) -> None:
    home = begin(her, "dibao")
    fill(portal)
    hand_in(her, home)
    clock.forward(hours=1)
    her.open(f"{home}/matters").press("加上，去填", program=["zhufang"])
    seen = []
    for key in ("applicant", "contact", "household_place"):
        her.open(f"{home}/steps/{key}")
        seen.append(her.sees("上次填的，请看看还对不对"))
        her.press("都对，下一步")
        her.open(f"{home}/steps/{key}")
        seen.append(not her.sees("上次填的，请看看还对不对"))
    assert all(seen)
    hand_in(her, home)
    assert her.sees("已经提交了")
    her.open(f"{home}/matters")
    assert 'value="zhufang"' not in her.page.text
    assert 'value="cishan"' not in her.page.text


def test_问题改了_一起填时也说(her: Plain, portal: Portal) -> None:
    home = begin(her, "dibao", "yiliao")
    fill(portal)
    with portal.database.writing() as session:
        rows = select(Application).where(Application.program_id == "yiliao")
        row, program = session.scalars(rows).one(), portal.catalogue.find("yiliao")
        kept = applications.kept_answers(session, row)
        kept["phone"] = replace(kept["phone"], question="0" * 16)
        applications.write(session, row, program, kept, now=NOW)
    assert her.open(f"{home}/tasks").sees("问题改了")
    her.open(f"{home}/steps/contact").press("保存，下一步")
    assert not her.open(f"{home}/tasks").sees("问题改了")


def test_另一家什么也看不到(app: Flask, her: Plain, portal: Portal) -> None:
    home = begin(her, "dibao")
    fill(portal)
    her.open("/household/start?program=zhufang").press("一次填好")
    assert her.sees(f"{NAME}家")
    her.press("另一家")
    other = her.path.removesuffix("/tasks")
    assert other != home
    assert not her.open(f"{other}/steps/applicant").sees("上次填的")
    assert NAME not in her.page.text
    stranger = signed_in(app, portal, "13900000009")
    for part in ("", "/tasks", "/steps/applicant", "/photos", "/check", "/receipt", "/matters"):
        assert stranger.open(home + part).page.status_code == 404


def test_选以前那一家_开着的不再开(her: Plain, portal: Portal) -> None:
    home = begin(her, "dibao")
    before = files(portal)["dibao"].id
    her.open("/household/start?program=linshi&program=dibao&program=yiliao")
    her.press("一次填好").press("我家")
    assert her.path == f"{home}/tasks"
    assert files(portal)["dibao"].id == before
    assert set(files(portal)) == {"dibao", "linshi", "yiliao"}


def test_从一种救助进来_第二年带上(her: Plain, portal: Portal) -> None:
    her.open("/apply/dibao").press("开始填")
    one = her.path.removesuffix("/tasks")
    her.open(f"{one}/steps/contact").press("保存，下一步", phone=PHONE)
    with portal.database.writing() as session:
        session.scalars(select(Application)).one().status = Status.STOPPED
    her.open("/apply/dibao")
    assert her.sees("我家填过的会带过来")
    her.press("开始填")
    assert her.path.removesuffix("/tasks") != one
    her.open(her.path.removesuffix("/tasks") + "/steps/contact")
    assert her.sees("上次填的，请看看还对不对")
    assert f'value="{PHONE}"' in her.page.text


def test_已认定的不再问(her: Plain, portal: Portal) -> None:
    """社会救助法 第42条."""
    home = begin(her, *MEDICAL)
    assert "recognised" in her.open(f"{home}/steps/cost").page.text
    fill(portal)
    her.open(f"{home}/check").press("一起提交", file=[str(files(portal)["dibao"].id)])
    with portal.database.writing() as session:
        rows = select(Application).where(Application.program_id == "dibao")
        cases.put_into(session, session.scalars(rows).one(), Status.PAYING)
    assert "recognised" not in her.open(f"{home}/steps/cost").page.text
    hand_in(her, home)
    assert answers(portal, "yiliao")["recognised"] == ["dibao"]
    her.open(f"{home}/matters").press("加上，去填", program=["zhufang"])
    one = f"/applications/{files(portal)['zhufang'].id}/tasks"
    assert her.open(one).path == f"{home}/tasks", "alone it is walked all the same"
    assert not her.sees("家里已经有的救助")
    assert her.open(home).sees("已经是：低保")


def test_没批准就转评_一下就能说不要(her: Plain, portal: Portal) -> None:
    home = begin(her, "dibao")
    fill(portal)
    hand_in(her, home)
    with portal.database.writing() as session:
        cases.put_into(session, session.scalars(select(Application)).one(), Status.DENIED)
    next_tier.open_due(portal, now=NOW)
    her.open(home)
    assert her.sees("低保没有批准。我们已帮您转评低保边缘，不用再交材料。")
    case = f"/applications/{files(portal)['dibian'].id}"
    assert her.open(case).sees("这一件不要办")
    her.open(home).press("这一件不要办")
    assert files(portal)["dibian"].status == Status.WITHDRAWN
    assert her.path == home
    own = f"{home}/matters/{files(portal)['dibao'].id}/no"
    token = her.forms()[0].fields
    assert her.client.post(own, data=dict(token)).status_code in (403, 404)


def test_转评还差几题_去答(her: Plain, portal: Portal) -> None:
    home = begin(her, "dibao")
    fill(portal)
    hand_in(her, home)
    with portal.database.writing() as session:
        file = session.scalars(select(Application)).one()
        kept = applications.kept_answers(session, file)
        del kept["reason"]
        applications.write(session, file, portal.catalogue.find("dibao"), kept, now=NOW)
        household = session.scalars(select(Household)).one()
        file.household_id = None
        session.flush()
        session.delete(household)
        cases.put_into(session, file, Status.DENIED)
    next_tier.open_due(portal, now=NOW)
    her.open("/household")
    assert her.sees("请再答1题")
    home = her.path
    her.open(f"{home}/steps/reason").press("保存，下一步", reason=["illness"])
    hand_in(her, home)
    assert files(portal)["dibian"].status == Status.SUBMITTED


def test_不办的一件单独删(her: Plain, portal: Portal) -> None:
    home = begin(her, *MEDICAL)
    her.open(f"{home}/tasks").press("不办临时救助了")
    assert her.path == f"{home}/tasks"
    assert not her.sees("临时救助")
    assert her.sees("2件事，一次填好")


def test_慈善要另外单独办(her: Plain, portal: Portal) -> None:
    begin(her, "dibao")
    her.open("/apply/cishan").press("开始填")
    one = her.path
    assert one.startswith("/applications/")
    assert her.open(one).path == one, "never part of the common walk"
    assert answers(portal, "cishan") == {}
