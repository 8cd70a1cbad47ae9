"""After the decision: changes reported, 「still true?」 by the calendar, the chain; never less money."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.casework import chain, events
from portal.casework.after import changes, older, rechecks
from portal.casework.after.tables import Recheck
from portal.casework.decision import adjusting, heard
from portal.casework.publicity import publishing
from portal.casework.publicity.tables import Publication
from portal.contact import in_person
from portal.contact.tables import Errand
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from tests.apps import app_over
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look
from tests.casework.decision.test_http import Desk
from tests.casework.publicity import villages
from tests.handover import files


@pytest.fixture
def file_id(offices):
    return making.on_the_road(offices, "dibao", "paying")


def owner(offices, file_id):
    return look(offices, file_id, lambda _s, f: making.owner(f))


def report(offices, file_id, kind="income", words="儿子去打工了。", actor=None):
    who = actor or owner(offices, file_id)
    do(
        offices, file_id,
        lambda s, f: changes.report(s, f, kind, words, actor=who, now=offices.now),
    )  # fmt: skip


def money(offices, file_id):
    return look(offices, file_id, lambda s, f: (f.status, heard.paid(s, f)))


def due(offices, file_id):
    return look(offices, file_id, lambda s, f: rechecks.shown(s, f, now=offices.now))


def run(offices):
    return rechecks.run_due(offices.portal.database, now=offices.now)


def errands(offices):
    with offices.portal.database.reading() as session:
        rows = session.scalars(select(Errand).where(Errand.done_at.is_(None)))
        return [(one.why, one.topics) for one in rows]


@pytest.mark.parametrize("kind", sorted(set(changes.KINDS) - {changes.SELFCARE}))
def test_a_change_reaches_the_desk_and_moves_no_money(offices, file_id, kind):
    before = money(offices, file_id)
    report(offices, file_id, kind)
    assert money(offices, file_id) == before
    with offices.portal.database.reading() as session:
        ((one, file),) = changes.waiting(session, actor=offices["clerk"])
        assert (one.kind, file.id) == (kind, file_id)
        stranger = Actor(Role.TOWNSHIP_CLERK, offices["clerk"].id, files.NEIGHBOUR)
        assert changes.waiting(session, actor=stranger) == []
        found, report_id = changes.of(session, file), one.id
    assert (found[0]["sentence"], found[0]["open"]) == ("儿子去打工了。", True)

    def answer(session, _file, who="clerk"):
        changes.answer(session, report_id, "下周上门来看。", actor=offices[who], now=offices.now)

    with pytest.raises(Forbidden):
        do(offices, file_id, lambda s, f: answer(s, f, "county"))
    do(offices, file_id, answer)
    with pytest.raises(Conflict):
        do(offices, file_id, answer)
    (told,) = look(offices, file_id, changes.of)
    assert (told["answer"], told["open"]) == ("下周上门来看。", False)


def test_what_no_report_is(offices, file_id):
    for kind, words, field in (("money", "多。", "kind"), ("income", " ", "sentence")):
        with pytest.raises(Invalid) as refused:
            report(offices, file_id, kind, words)
        assert field in refused.value.fields
    with pytest.raises(NotFound):
        report(offices, file_id, actor=offices["clerk"])
    early = making.applied(offices, "dibian")
    with pytest.raises(Conflict):
        report(offices, early)


@pytest.mark.parametrize(("every", "day"), [("yearly", 12), ("half_yearly", 6)])
def test_the_calendar_of_the_decision(offices, every, day):
    file_id = making.on_the_road(offices, "dibao", "county")
    decided = offices.today
    offices.granted(file_id, recheck=every)
    row = look(offices, file_id, lambda s, f: rechecks.open_one(s, f).due_on)
    months = (row.year - decided.year) * 12 + row.month - decided.month
    assert (months, row.day) == (day, decided.day)


def test_whose_day_is_near_is_told_once_and_who_is_silent_is_visited_and_paid(offices, file_id):
    """Silence is no reason: years of it change neither status nor sum, nor a second visit."""
    before = money(offices, file_id)
    assert run(offices) == 0
    day = due(offices, file_id)["due_on"]
    offices.now += (day - offices.today) - timedelta(days=30)
    assert (run(offices), run(offices)) == (1, 0)
    assert errands(offices) == []
    offices.now += timedelta(days=31)
    assert (run(offices), run(offices)) == (1, 0)
    assert errands(offices) == [(in_person.NO_ANSWER, rechecks.TEMPLATE)]
    for _year in range(3):
        offices.now += timedelta(days=365)
        assert run(offices) == 0
    assert money(offices, file_id) == before
    assert due(offices, file_id)["late"]


def test_nothing_changed_is_one_answer_and_the_next_is_planned(offices, file_id):
    who, first = owner(offices, file_id), due(offices, file_id)["due_on"]
    same = dict.fromkeys(rechecks.QUESTIONS, True)

    def answer(session, file, given):
        rechecks.answer(session, file, given, actor=who, now=offices.now)

    with pytest.raises(Conflict):
        do(offices, file_id, lambda s, f: answer(s, f, same))
    offices.now += first - offices.today
    with pytest.raises(Invalid) as refused:
        do(offices, file_id, lambda s, f: answer(s, f, {"income": True}))
    assert set(refused.value.fields) == set(rechecks.QUESTIONS) - {"income"}
    do(offices, file_id, lambda s, f: answer(s, f, same | {"address": False}))
    (one,) = look(offices, file_id, changes.of)
    assert one["kind"] == "address"
    assert due(offices, file_id)["due_on"] == first.replace(year=first.year + 1)
    with offices.portal.database.reading() as session:
        assert len(session.scalars(select(Recheck)).all()) == 2


@pytest.mark.parametrize("how", list(rechecks.ANOTHER_WAY))
def test_somebody_comes_or_calls_where_that_is_liked_better(offices, file_id, how):
    who = owner(offices, file_id)
    offices.now += due(offices, file_id)["due_on"] - offices.today
    do(
        offices, file_id,
        lambda s, f: rechecks.ask_another_way(s, f, how, actor=who, now=offices.now),
    )  # fmt: skip
    assert errands(offices) == [(in_person.ASKED_FOR, rechecks.TEMPLATE)]
    before = money(offices, file_id)
    do(
        offices, file_id,
        lambda s, f: rechecks.note(
            s, f, how, ["members"], actor=offices["chen"], now=offices.now
        ),
    )  # fmt: skip
    assert [one["kind"] for one in look(offices, file_id, changes.of)] == ["members"]
    assert money(offices, file_id) == before
    assert not due(offices, file_id)["visit"]


def test_the_chain_names_aid_who_and_next_and_the_end_of_graduating(offices, file_id):
    def links(session, file):
        return chain.links(session, [file], offices.portal.catalogue, now=offices.now)

    (link,) = look(offices, file_id, links)
    assert (link["program"], link["aid"], link["until"]) == ("低保", "每月770元", "")
    assert link["who"] == "乡镇（街道）"
    assert link["next"]
    assert "前看看变没变" in link["recheck"]
    offices.reviewing(file_id)
    do(
        offices, file_id,
        lambda s, f: adjusting.graduate(
            s, f, offices.program(f), offices.portal.catalogue, until=date(2027, 3, 31),
            sentence="收入稳定高于标准。", law="2022兜底通知一（三）",
            actor=offices["confirmer"], now=offices.now,
        ),
    )  # fmt: skip
    (link,) = look(offices, file_id, links)
    assert link["until"] == "渐退到2027年3月31日，到期前再听您的意见"


def test_a_day_that_month_has_not(offices):
    file_id = making.on_the_road(offices, "dibao", "applied")
    row = do(
        offices,
        file_id,
        lambda s, f: rechecks.plan(s, f, "half_yearly", since=date(2026, 8, 31)).due_on,
    )
    assert row == date(2027, 2, 28)
    assert (
        do(offices, file_id, lambda s, f: rechecks.plan(s, f, "", since=date(2026, 8, 31))) is None
    )


def test_grants_from_before_get_their_day_and_their_posting_once(offices, file_id):
    """Nobody is late at once, what is tried leaves no trace, and the sum is today's."""

    def forget(session, file):
        for table in (Recheck, Publication):
            session.query(table).delete()

    def kept(session, file):
        rows = session.scalars(select(Recheck.due_on)).all()
        made = publishing.of(session, file, "decision")
        return rows, [publishing.content(session, file, one) for one in made]

    def make_up(**how):
        portal = offices.portal
        made = older.make_up(portal.database, portal.catalogue, now=offices.now, **how)
        return made.seen, dict(made.made)

    do(offices, file_id, forget)
    offices.later(days=400)
    assert make_up(dry_run=True) == (1, {"recheck": 1, "publication": 1})
    assert look(offices, file_id, kept) == ([], [])
    assert make_up(dry_run=False) == (1, {"recheck": 1, "publication": 1})
    days, postings = look(offices, file_id, kept)
    assert days == [offices.today + rechecks.ASK_BEFORE]
    assert [(one["amount"], one["until"]) for one in postings] == [
        ("每月770元", "以受理地民政部门规定为准")
    ]
    assert make_up(dry_run=False) == (1, {})
    assert run(offices) == 1
    assert errands(offices) == [], "asked first, nobody is sent yet"


def test_what_has_hung_out_is_not_hung_again(offices, file_id):
    villages.with_period(offices, "dibao", 30)
    do(offices, file_id, lambda s, f: s.query(Publication).delete())
    offices.later(days=31)
    portal = offices.portal
    made = older.make_up(portal.database, portal.catalogue, dry_run=False, now=offices.now)
    assert made.made == {}


def test_by_the_api_and_the_desk(offices, file_id):
    desk = Desk(offices, file_id)
    said = {"kind": "income", "sentence": "儿子去打工了。"}
    made = desk.post("applicant", "changes", said, own=True)
    assert (made.status_code, len(made.json["reports"])) == (201, 1)
    assert desk.post("clerk", "changes", said, own=True).status_code in (401, 403, 404)
    bad = desk.post("applicant", "changes", {"kind": "luck", "sentence": "好。"}, own=True)
    assert bad.status_code == 422
    early = desk.post("applicant", "rechecks", {"how": "visit"}, own=True)
    assert (early.status_code, early.json["code"]) == (409, "nothing_asked")
    hidden = desk.post("applicant", "unlisted", {"sentence": "怕他来找。"}, own=True)
    assert (hidden.status_code, hidden.json["hidden"]) == (201, True)
    shown = desk.get("clerk", "after").json
    assert [link["program"] for link in shown["links"]] == ["低保"]
    kept = {"keep": False, "sentence": "已经搬走，没有危险。"}
    assert desk.post("chen", "unlisted", kept).status_code == 403
    assert desk.post("clerk", "unlisted", kept).status_code == 201
    assert desk.get("applicant", "changes", own=True).json["hidden"] is False
    assert desk.post("clerk", "stop-notices").json["code"] == "not_posted"
    early = desk.post("chen", "rechecks", {"how": "visit"})
    assert early.status_code == 201
    headers = desk.headers("clerk")
    client = app_over(offices.portal, lambda: offices.now).test_client()
    (waiting,) = client.get("/api/office/changes", headers=headers).json
    path = f"/api/office/changes/{waiting['id']}/answers"
    assert client.post(path, json={"sentence": "来看。"}, headers=headers).status_code == 204
    (place,) = client.get("/api/office/boards", headers=headers).json
    assert (place["region"], place["notices"]) == (files.TOWNSHIP, 1)
    pdf = client.get(f"/api/office/boards/{files.TOWNSHIP}/board.pdf", headers=headers)
    assert pdf.data.startswith(b"%PDF")
    assert look(offices, file_id, lambda s, f: [e.kind for e in events.of(s, f)])[-1] == "paying"
