"""主动发现: reported in three fields, seen to by the township, and nobody knows who told."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.casework.leads import importing, reporting, seeing
from portal.casework.leads.reporting import Said
from portal.casework.leads.tables import Lead
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from portal.people import mandates, sign_in
from portal.people.access import ANYONE, Role
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said as Helped
from portal.policy import signals
from portal.policy.lifecycle import LEADS, LeadStatus
from portal.policy.spreadsheets import NotRead
from tests.conftest import NOW
from tests.handover import files

CLERK = files.clerk(number=41)
WHAT, FIND = "老人一个人，病了没人管。", "河边最后一家，叫石婆婆"
SAID = Said(files.TOWNSHIP, WHAT, FIND)
HELP = Helped(person="石桂香", helper="向红梅", role="assistant", why="老人不会用手机")


@pytest.fixture(autouse=True)
def _places(portal):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)


def report(portal, said=SAID, *, device="a", network=""):
    with portal.database.writing() as session:
        lead, code = reporting.report(session, said, device=device, network=network, now=NOW)
        return lead.id, code


def act(portal, lead_id, verb, *args, actor=CLERK):
    with portal.database.writing() as session:
        lead = seeing.find(session, lead_id, actor=actor, to_act=True)
        made = verb(session, lead, *args, actor=actor, now=NOW)
        return made.id if made is not None else None


def move(portal, lead_id, after, sentence="去看过，情况属实。", *, actor=CLERK):
    act(portal, lead_id, seeing.move, after, sentence, actor=actor)


def read(portal, lead_id, actor=CLERK):
    with portal.database.reading() as session:
        return seeing.opened(session, seeing.find(session, lead_id, actor=actor))


def followed(portal, code):
    with portal.database.reading() as session:
        return reporting.follow(session, code)


def test_told_seen_and_answered_without_a_word_of_the_household(portal):
    lead, code = report(portal)
    assert followed(portal, f"{code[:4]} {code[4:]}") == "收到了，乡镇会去看"
    assert read(portal, lead) | {"what": WHAT, "find": FIND, "may": ["verified"]} == read(
        portal, lead
    )
    move(portal, lead, "verified")
    assert followed(portal, code) == "有人去看过了，正在办"
    move(portal, lead, "not_eligible", "儿子回来了，不需要。")
    assert followed(portal, code) == reporting.SEEN_TO
    other, second = report(portal)
    move(portal, other, "verified")
    move(portal, other, "informed", "送了明白纸，教了怎么申请。")
    assert followed(portal, second) == reporting.SEEN_TO, "the outcome is the household's own"


def test_only_moves_of_the_table(portal):
    lead, _code = report(portal)
    table = {(move.before, move.after) for move in LEADS}
    for before in LeadStatus:
        for after in set(LeadStatus) - {LeadStatus.ASSISTED}:
            with portal.database.writing() as session:
                session.get_one(Lead, lead).status = before
            if (before, after) in table:
                move(portal, lead, after)
                assert read(portal, lead)["status"] == after
            else:
                with pytest.raises(Conflict):
                    move(portal, lead, after)


def test_it_becomes_an_application(portal):
    lead, _code = report(portal)
    move(portal, lead, "verified")
    made = act(portal, lead, seeing.file_emergency, portal.catalogue, "石婆婆", "当天登记了。")
    with portal.database.reading() as session:
        file = session.get_one(Application, made)
        assert (file.program_id, file.status, file.urgent) == ("linshi", "submitted", True)
    assert read(portal, lead)["application_id"] == made
    with pytest.raises(Conflict):
        act(portal, lead, seeing.file_emergency, portal.catalogue, "石婆婆", "再登记。")


def test_or_the_file_they_handed_in_themselves(portal):
    file_id = files.draft(portal, files.LEAST)
    files.submit(portal, file_id)
    lead, _code = report(portal)
    move(portal, lead, "verified")
    with portal.database.reading() as session:
        number = session.get_one(Application, file_id).reference_no
    with pytest.raises(Invalid):
        act(portal, lead, seeing.link, "0000000000", "自己申请了。")
    act(portal, lead, seeing.link, number, "自己申请了。")
    assert read(portal, lead)["application_id"] == file_id


def test_or_proactive_help_of_somebody_who_signs_in_later(portal):
    lead, _code = report(portal)
    move(portal, lead, "verified")
    made = act(portal, lead, seeing.assist, HELP, "13812340001")
    with portal.database.writing() as session:
        kept = session.get_one(Mandate, made)
        assert (kept.kind, kept.helper_account_id) == ("proactive", None)
        helper = sign_in.open_account(session, "13812340001", now=NOW)
        mandates.take_up(session, helper, now=NOW)
        assert [m.id for m in mandates.of_helper(session, helper)] == [made]
        assert mandates.details(session, kept).person == "石桂香"
    assert read(portal, lead)["status"] == "assisted"


def test_who_was_found_not_to_need_it_may_still_be_helped(portal):
    lead, _code = report(portal)
    move(portal, lead, "verified")
    move(portal, lead, "not_eligible", "家里有退休金。")
    act(portal, lead, seeing.assist, HELP, "13812340001")
    assert read(portal, lead)["status"] == "assisted"


def test_who_reported_stands_nowhere(portal, app):
    with portal.database.writing() as session:
        neighbour = sign_in.open_account(session, "13998765432", now=NOW)
        cookie = sign_in.issue(session, account=neighbour, now=NOW)
        name = str(neighbour.id)
    client = app.test_client()
    client.set_cookie("refresh", cookie)
    page = client.get("/report").text
    token = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    said = {"csrf": token, "place.code": files.TOWNSHIP, "what": WHAT, "find": FIND, "go": "save"}
    assert client.post("/report", data=said).status_code == 200
    with portal.database.reading() as session:
        lead = session.scalars(select(Lead)).one()
        lead_id = lead.id
        assert name not in str([getattr(lead, c.key) for c in Lead.__table__.columns])
        lines = session.scalars(select(AuditEntry).where(AuditEntry.subject == lead.id)).all()
        assert {line.actor for line in lines} == {str(ANYONE)}
        assert name not in str([line.detail for line in lines])
    told = str(read(portal, lead_id))
    assert "13998765432" not in told
    assert name not in told


def test_words_are_sealed(portal):
    _lead, code = report(portal)
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    for secret in (WHAT, FIND, code):
        assert secret.encode() not in stored


def test_only_its_own_township_and_those_above_see_it(portal):
    lead, _code = report(portal)
    for actor, sees in (
        (files.clerk(files.NEIGHBOUR), False), (files.clerk("430921", role=Role.COUNTY_CLERK), False),
        (files.clerk(files.COUNTY, role=Role.COUNTY_CLERK), True),
        (files.clerk("430900", role=Role.SUPERVISOR), True),
    ):  # fmt: skip
        with portal.database.reading() as session:
            assert [one.id for one in seeing.lists(session, actor=actor).open] == [lead] * sees
        if not sees:
            with pytest.raises(NotFound):
                read(portal, lead, actor)
            continue
        with pytest.raises(Forbidden):
            move(portal, lead, "verified", actor=actor)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("place", Said(files.COUNTY, WHAT, FIND)), ("place", Said("", WHAT, FIND)),
        ("what", Said(files.TOWNSHIP, "  ", FIND)), ("what", Said(files.TOWNSHIP, "长" * 501, FIND)),
        ("find", Said(files.TOWNSHIP, WHAT, "")), ("find", Said(files.TOWNSHIP, WHAT, "\x00")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(portal, field, said):
    with pytest.raises(Invalid) as refused:
        report(portal, said)
    assert list(refused.value.fields) == [field]


def test_five_an_hour_from_one_phone(portal):
    for _ in range(5):
        report(portal)
    with pytest.raises(TooOften):
        report(portal)
    report(portal, device="another")


def test_a_code_nobody_has_over_http(client):
    answers = [client.get("/api/leads/1234567812345678").status_code for _ in range(22)]
    assert answers == [404] * 20 + [429] * 2


HEAD = "地区代码,姓名,住址电话,数额,情况\n"


def plan(portal, tmp_path, text, signal="medical", actor=CLERK):
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode("gb18030"))
    with portal.database.reading() as session:
        return importing.plan(session, file, signal, actor=actor, now=NOW)


def take_in(portal, made):
    with portal.database.writing() as session:
        return importing.carry_out(session, made, actor=CLERK, now=NOW)


def test_a_list_is_tried_then_taken_in_once(portal, tmp_path):
    text = HEAD + "".join(f"{files.TOWNSHIP},石{n},三组{n}号,{n}0000,\n" for n in range(1, 31))
    made = plan(portal, tmp_path, text)
    assert (len(made.lines), made.below, made.known, made.faults) == (30, 0, 0, ())
    with portal.database.reading() as session:
        assert seeing.count(session, actor=CLERK) == 0, "a dry run leaves no trace"
    assert take_in(portal, made) == 30
    again = plan(portal, tmp_path, text)
    assert (len(again.lines), again.known) == (0, 30)
    with portal.database.reading() as session:
        first = seeing.lists(session, actor=CLERK).open[0]
        assert "医疗费用大" in seeing.opened(session, first)["why"]


def test_one_wrong_line_and_nothing_would_be_written(portal, tmp_path):
    wrong = [
        "999999999,石一,,1,", f"{files.COUNTY},石一,,1,", f"{files.TOWNSHIP},,,1,",
        f"{files.TOWNSHIP},石一,,很多,", f"{files.TOWNSHIP},石一,,-5,", f"{files.NEIGHBOUR},石一,,1,",
        f"{files.TOWNSHIP},石一,,NaN,",
    ]  # fmt: skip
    made = plan(portal, tmp_path, HEAD + "\n".join(wrong) + "\n")
    assert [fault.line for fault in made.faults] == list(range(2, 9))
    assert made.lines == ()


def test_no_published_threshold_and_every_line_is_a_lead(portal, tmp_path):
    known = signals.load()
    assert known.threshold("medical", f"430000/430900/{files.COUNTY}", NOW.date()).value is None
    assert known.threshold("other", "430000", NOW.date()) is None
    made = plan(
        portal, tmp_path, HEAD + f"{files.TOWNSHIP},石一,,0.01,\n{files.TOWNSHIP},石二,,,\n"
    )
    assert len(made.lines) == 2


def test_a_threshold_of_the_place_sorts_out_what_lies_below(portal, tmp_path, monkeypatch):
    file = tmp_path / "signals.yaml"
    whole = signals.FILE.read_text("utf-8")
    words, kept = whole.split("thresholds:\n  -")[0], whole.split("\nkeeping:\n")[1]
    file.write_text(
        f"{words}keeping:\n{kept}thresholds:\n"
        "  - {kind: medical, region: '430000', from: 2026-01-01, value: 50000, source: {of: unknown}}\n"
        "  - {kind: medical, region: '430923', from: 2026-01-01, value: 30000, source: {of: unknown}}\n"
        "  - {kind: medical, region: '430923', from: 2027-01-01, value: 1, source: {of: unknown}}\n",
        "utf-8",
    )
    found = signals.load(file)
    monkeypatch.setattr(signals, "FILE", file)
    monkeypatch.setattr(signals, "load", lambda: found)
    rows = [f"{files.TOWNSHIP},石{n},,{n}," for n in (29999, 30000, 50001)]
    made = plan(portal, tmp_path, HEAD + "\n".join(rows) + "\n")
    assert (len(made.lines), made.below) == (2, 1)
    assert "30000" in made.lines[0].about["why"]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"\x00" * 99])
def test_what_is_no_list_is_refused(portal, tmp_path, data):
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    with portal.database.reading() as session, pytest.raises(NotRead):
        importing.plan(session, file, "job", actor=CLERK, now=NOW + timedelta(days=1))
