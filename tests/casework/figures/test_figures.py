"""监管: counted against what was put there by hand, in the own division only, fast over 100,000."""

import io
import re
import time
from datetime import timedelta
from html import unescape
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import insert, select

from portal.casework.clock.tables import CaseClock
from portal.casework.figures import reading
from portal.casework.figures.reading import Asked
from portal.casework.tables import CaseEvent
from portal.casework.talk.rating import Rating
from portal.filing.tables import Application
from portal.foundation import vault
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden, Invalid, NotFound
from portal.people import households, mandates, sign_in, staff
from portal.people.access import Role
from portal.people.mandate_terms import Said
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files

PROVINCE, PREFECTURE = "430000", "430900"
PATH = f"{PROVINCE}/{PREFECTURE}/{files.COUNTY}"
COUNTY = files.clerk(files.COUNTY, number=51, role=Role.COUNTY_CLERK)
WATCHER = files.clerk(PREFECTURE, number=52, role=Role.SUPERVISOR)
WANG = "staff:00000000-0000-0000-0000-000000000061"
YESTERDAY = local_date(NOW) - timedelta(days=1)


def rows(key, many, place=files.TOWNSHIP):
    """`many` cases: every second decided after 10 days; of each ten one late, one sent round,
    one asked twice by 61 and one in review."""
    found = {"applications": [], "clocks": [], "events": []}
    for n in range(many):
        made = UUID(int=(int(place) << 64) + n)
        status = "paying" if n % 2 else "submitted"
        found["applications"].append({
            "id": made, "reference_no": f"{place}{n:07d}"[-16:], "program_id": ("dibao", "tekun")[n % 5 == 4],
            "key_id": key, "status": status, "revision": 1, "answers_sealed": b"-" * 400,
            "region_code": place, "region_path": f"{PATH}/{place}", "county_code": files.COUNTY,
            "submission_no": 1, "event_seq": 2, "urgent": False, "created_at": NOW,
            "changed_at": NOW, "filed_at": NOW - timedelta(days=30),
            "decided_at": NOW - timedelta(days=20) if n % 2 else None,
        })  # fmt: skip
        due = YESTERDAY if n % 10 == 0 else YESTERDAY + timedelta(days=9)
        clock = {"application_id": made, "step": "acceptance", "mark": 1, "due_on": due}
        if n % 2 == 0:
            found["clocks"].append(clock | {"ours": False, "under": "x"})
        kinds = {2: "transferred", 3: "returned"}.get(n % 10, "accepted")
        found["events"] += [
            {"after": "accepted" if seq == 1 else "surveying", "id": UUID(int=made.int * 2 + seq), "application_id": made, "seq": seq, "kind": kinds,
             "party": "township", "actor": WANG, "at": NOW + timedelta(days=4 * seq), "recorded_at": NOW}
            for seq in (1, 2)
        ]  # fmt: skip
    return found


def put(portal, many, place=files.TOWNSHIP):
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
        made = rows(vault.new_key(session, "application", now=NOW), many, place)
        session.execute(insert(Application), made["applications"])
        session.execute(insert(CaseClock), made["clocks"])
        session.execute(insert(CaseEvent), made["events"])


def board(portal, actor=COUNTY, **asked):
    with portal.database.reading() as session:
        return reading.read(session, portal.catalogue, Asked(**asked), actor=actor, now=NOW)


def told(figures):
    return reading.cells(figures)


def test_every_figure_is_what_was_put_there(portal):
    put(portal, 40)
    put(portal, 10, files.NEIGHBOUR)
    found = board(portal)
    assert told(found.whole) == ["50", "25", "25", "10.0", "10.0", "5", "5", "5", "0", "0"]
    assert {line.title: told(line.figures) for line in found.lines} == {
        "东坪镇": ["40", "20", "20", "10.0", "10.0", "4", "4", "4", "0", "0"],
        "梅城镇": ["10", "5", "5", "10.0", "10.0", "1", "1", "1", "0", "0"],
    }
    assert told(board(portal, place=files.NEIGHBOUR).whole)[0] == "10"
    assert told(board(portal, program="tekun").whole)[0] == "10"


@pytest.mark.parametrize("by", ["place", "program", "step"])
def test_however_it_is_divided_the_sum_is_the_same(portal, by):
    put(portal, 30)
    found = board(portal, by=by)
    assert told(found.whole) == ["30", "15", "15", "10.0", "10.0", "3", "3", "3", "0", "0"]
    assert len(found.lines) == {"place": 1, "program": 2, "step": 3}[by]


def test_half_of_them_took_no_longer(portal):
    """One very long case moves the mean, and the median hardly; deeper places add up the same."""
    put(portal, 10)
    put(portal, 4, files.NEIGHBOUR)
    with portal.database.writing() as session:
        decided = select(Application).where(Application.decided_at.is_not(None))
        found = session.scalars(decided.order_by(Application.id)).all()
        for file, days in zip(found, (6, 400, 1, 2, 3.5, 4, 5), strict=True):
            file.decided_at = file.filed_at + timedelta(days=days)
    for actor in (COUNTY, WATCHER):
        whole = board(portal, actor).whole
        assert (whole.decided, whole.median_days) == (7, 4)
        assert whole.mean_days == pytest.approx(421.5 / 7)
    lines = {line.title: line.figures for line in board(portal).lines}
    assert lines["梅城镇"].median_days == 203, "of two, between them"
    assert board(portal, by="step").whole.median_days == 4
    with portal.database.writing() as session:
        table = reading.table(session, board(portal), Asked(), actor=COUNTY, now=NOW)
    assert table[0][4] == "一半在几天内"
    assert table[-1][4] == "4.0"
    assert board(portal, program="dibian").whole.median_days is None


def test_how_long_each_step_takes(portal):
    put(portal, 20)
    lines = {line.key: line.figures for line in board(portal, by="step").lines}
    stay = lines["accepted"]
    assert (stay.decided, stay.mean_days, stay.median_days) == (20, pytest.approx(4), 4)
    assert lines["submitted"].open == 10
    assert "surveying" not in lines, "nobody has left it, and nobody is counted in it"


def test_from_the_prefecture_down_to_the_township(portal):
    put(portal, 20)
    above = board(portal, WATCHER)
    assert [(line.title, line.key) for line in above.lines] == [("安化县", files.COUNTY)]
    county = board(portal, WATCHER, place=files.COUNTY)
    assert [(line.title, line.key) for line in county.lines] == [("东坪镇", files.TOWNSHIP)]
    town = board(portal, WATCHER, place=files.TOWNSHIP)
    assert [(line.title, line.key) for line in town.lines] == [("东坪镇", files.TOWNSHIP)]
    assert told(above.whole) == told(county.whole) == told(town.whole)


def test_the_own_division_only(portal):
    put(portal, 10)
    neighbour = files.clerk(files.NEIGHBOUR, number=53)
    assert told(board(portal, neighbour).whole)[0] == "0"
    for actor, place in (
        (neighbour, files.TOWNSHIP), (files.clerk(), files.COUNTY), (COUNTY, PREFECTURE),
        (WATCHER, PROVINCE), (COUNTY, "999999999"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            board(portal, actor, place=place)
    with pytest.raises(Forbidden):
        board(portal, files.clerk(files.COUNTY, role=Role.DEPARTMENT_CLERK))
    with pytest.raises(Invalid):
        board(portal, by="name")


def test_by_clerk_for_those_above_them(portal):
    put(portal, 20)
    with portal.database.writing() as session:
        made, *_factors = staff.add(
            session, "wang", "王芳", "township_clerk", files.TOWNSHIP, now=NOW
        )
        for event in session.scalars(select(CaseEvent)):
            event.actor = f"staff:{made.id}"
        late = session.scalars(select(CaseClock).where(CaseClock.due_on == YESTERDAY)).first()
        session.get_one(Application, late.application_id).investigator_id = made.id
    found = board(portal, by="clerk")
    line = found.lines[0]
    assert (line.title, line.figures.filed, line.figures.overdue) == ("王芳", 20, 1)
    assert (line.figures.bounced, line.figures.second) == (2, 2)
    assert told(found.whole)[0] == "20"
    for actor in (files.clerk(), files.clerk(role=Role.TOWNSHIP_INVESTIGATOR)):
        assert "clerk" not in board(portal, actor).by
        with pytest.raises(Forbidden):
            board(portal, actor, by="clerk")


def test_by_helper(portal):
    put(portal, 20)
    with portal.database.writing() as session:
        helper = sign_in.open_account(session, "13812340001", now=NOW)
        household = households.start(session, account_id=None, actor="test", now=NOW)
        for n in (0, 1, 2):
            said = Said(person="石桂香", helper="向红梅", role="assistant")
            if n < 2:
                mandates.start(
                    session, household, "proactive", said, helper=helper, actor=COUNTY, now=NOW
                )
        for file in session.scalars(select(Application).order_by(Application.id).limit(4)):
            file.household_id = household.id
    found = board(portal, by="helper")
    assert [
        (line.figures.filed, line.figures.overdue, line.figures.second) for line in found.lines
    ] == [(4, 1, 1)], "two mandates of one household count its files once"
    assert "向红梅" not in str(found.lines)


def test_what_people_thought_is_counted_and_is_no_mark_of_a_clerk(portal):
    put(portal, 10)
    with portal.database.writing() as session:
        some = session.scalars(select(Application).where(Application.status == "paying").limit(3))
        for face, file in zip((3, 1, 1), some.all(), strict=True):
            session.add(Rating(application_id=file.id, face=face, at=NOW))
    for by in reading.BY:
        whole = board(portal, by=by).whole
        assert (whole.rated, whole.unhappy) == (3, 2), by
    steps = {line.key: line.figures for line in board(portal, by="step").lines}
    assert (steps["paying"].rated, steps["submitted"].rated) == (3, 0)
    with portal.database.writing() as session:
        for by in ("place", "clerk"):
            made = board(portal, by=by)
            table = reading.table(session, made, Asked(by=by), actor=COUNTY, now=NOW)
            assert ("不满意" in table[0]) == (by == "place")
            assert {len(line) for line in table} == {len(table[0])}


def test_behind_each_number_are_its_files(app, portal):
    """Over every way to look: the number in a cell is the number of lines it leads to."""
    put(portal, 30)
    put(portal, 10, files.NEIGHBOUR)
    clerk = signed_in(app, portal, "wu", region=files.COUNTY, role=Role.COUNTY_CLERK, name="老吴")
    pages, followed = ["/desk/figures?by=step", "/desk/figures?by=clerk&program=dibao"], 0
    pages += ["/desk/figures", f"/desk/figures?by=step&place={files.NEIGHBOUR}&program=dibao"]
    for path in [*pages, f"/desk/figures?place={files.TOWNSHIP}"]:
        page = clerk.get(path).get_data(as_text=True)
        for to, number in dict.fromkeys(re.findall(r'<a href="(/desk/\?[^"]+)">(\d+)</a>', page)):
            found = clerk.get(unescape(to)).get_data(as_text=True)
            assert found.count("data-step>") == int(number), (path, to)
            followed += 1
    assert followed > 30
    assert (
        f'/desk/?place={files.NEIGHBOUR}&amp;program=dibao&amp;status=paying"'
        in clerk.get(pages[3]).text
    )
    assert f'<a href="/desk/?place={files.TOWNSHIP}">东坪镇</a>' in page
    watcher = signed_in(app, portal, "jian", region=PREFECTURE, role=Role.SUPERVISOR, name="督查")
    assert "/desk/?" not in watcher.get(f"/desk/figures?place={files.TOWNSHIP}").text


def test_the_table_names_nobody_and_computes_nothing(portal):
    put(portal, 20)
    with portal.database.writing() as session:
        made, *_factors = staff.add(session, "evil", "=HYPERLINK(1)", "township_clerk", files.TOWNSHIP, now=NOW)  # fmt: skip
        for event in session.scalars(select(CaseEvent)):
            event.actor = f"staff:{made.id}"
        session.get_one(files.Region, files.TOWNSHIP).name = "=1+1"
    for by in ("clerk", "place"):
        found, asked = board(portal, by=by), Asked(by=by)
        with portal.database.writing() as session:
            lines = reading.table(session, found, asked, actor=COUNTY, now=NOW)
        book = openpyxl.load_workbook(io.BytesIO(reading.as_xlsx(lines, "x")))
        kept = [cell for row in book["办理情况"].iter_rows() for cell in row if cell.value]
        assert not [cell.value for cell in kept if str(cell.value).startswith(("=", "+", "-", "@"))]
        assert {cell.data_type for cell in kept} == {"s"}
        assert "HYPERLINK" not in str([cell.value for cell in kept])
    with portal.database.reading() as session:
        noted = select(AuditEntry).where(AuditEntry.action == "export.figures")
        assert len(session.scalars(noted).all()) == 2


@pytest.mark.full
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_over_a_hundred_thousand_cases_a_page_takes_less_than_two_seconds(portal):
    for n in range(10):
        put(portal, 10_000, f"{files.COUNTY}{200 + n}" if n else files.TOWNSHIP)
    with portal.database.writing() as session:
        for n in range(1, 10):
            code = f"{files.COUNTY}{200 + n}"
            if session.get(files.Region, code) is None:
                session.add(files.Region(code=code, name=f"第{n}镇", level="township", parent_code=files.COUNTY))  # fmt: skip
    for actor in (COUNTY, WATCHER):
        for by in reading.BY:
            began = time.process_time()
            found = board(portal, actor, by=by)
            took = time.process_time() - began
            assert told(found.whole)[0] == "100000"
            assert took < 2, f"{by}: {took:.2f} s"
