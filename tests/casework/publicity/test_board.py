"""What hangs in a village: the allow-list, for its days, on page, API and paper alike."""

import json
import re
from datetime import timedelta

import pytest

from portal.casework.decision import adjusting
from portal.casework.publicity import board, publishing, unlisting
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people.access import Actor, Role
from tests.apps import app_over
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look
from tests.casework.publicity import villages
from tests.casework.publicity.villages import VILLAGE
from tests.handover import files


def shown(offices):
    with offices.portal.database.reading() as session:
        return board.page(session, VILLAGE, 1, now=offices.now).postings


def client(offices):
    return app_over(offices.portal, lambda: offices.now).test_client()


def end(offices, file_id):
    offices.now += making.LATER
    from_verb = making.notice.end
    do(offices, file_id, lambda s, f: from_verb(s, f, actor=offices["reviewer"], now=offices.now))


def answered(offices, file_id):
    do(
        offices, file_id,
        lambda s, f: making.hearing.answer(
            s, f, "我还没工作。", actor=making.owner(f), now=offices.now
        ),
    )  # fmt: skip


def test_a_posting_hangs_its_days_and_is_then_nowhere(offices):
    villages.posted(offices)
    (one,) = shown(offices)
    assert dict(one.fields) == {
        "name": "刘某某", "people": "2人", "village": "杨林村", "category": "农村低保",
        "amount": "每月770元", "from": "2026年11月22日", "until": "2026年11月29日",
        "phone": "12349",
    }  # fmt: skip
    asked = {
        "page": f"/notices/{VILLAGE}", "api": f"/api/public-notices?region={VILLAGE}",
        "form": f"/notices/{one.id}/objections",
    }  # fmt: skip
    browser = client(offices)
    for address in asked.values():
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "刘某某" in answer.text or "\\u5218" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
    offices.now += timedelta(days=7)
    assert len(shown(offices)) == 1
    offices.now += timedelta(days=1)
    assert list(shown(offices)) == []
    assert "某" not in browser.get(asked["page"]).text
    assert browser.get(asked["api"]).json["notices"] == []
    assert browser.get(asked["form"]).status_code == 404
    late = browser.application.test_client().post(
        f"/api/public-notices/{one.id}/objections", json={"sentence": "有车。"}
    )
    assert late.status_code == 404


def test_a_file_taken_back_takes_its_posting_along(offices):
    file_id = villages.posted(offices)
    do(offices, file_id, lambda _s, f: setattr(f, "status", "withdrawn"))
    assert list(shown(offices)) == []


def test_only_a_village_is_ever_listed(offices):
    villages.posted(offices)
    browser = client(offices)
    for code in (files.TOWNSHIP, "430923", "43", "", "99", "430923121201x", "' or 1=1"):
        answer = browser.get("/api/public-notices", query_string={"region": code})
        assert answer.status_code == 422, code
        assert browser.get(f"/notices/{code or 'x'}").status_code in (303, 404)
    with offices.portal.database.reading() as session, pytest.raises(Invalid):
        board.page(session, files.TOWNSHIP, 1, now=offices.now)


def test_who_copies_whole_counties_is_stopped(offices, monkeypatch):
    monkeypatch.setattr(board, "_PER_DEVICE", 4)
    villages.posted(offices)
    browser = client(offices)
    browser.get("/notices")
    codes = [browser.get(f"/notices/{VILLAGE}").status_code for _look in range(6)]
    assert codes == [200] * 4 + [429] * 2


def test_a_grant_is_online_only_where_the_place_says_how_long(offices):
    file_id = villages.posted(offices)
    end(offices, file_id)
    offices.granted(file_id)
    assert list(shown(offices)) == []

    def seen(session, file):
        (made,) = publishing.of(session, file, "decision")
        return made.last_day, publishing.content(session, file, made)["until"]

    assert look(offices, file_id, seen) == (None, "以受理地民政部门规定为准")


def test_a_grant_hangs_as_long_as_the_place_says(offices):
    villages.with_period(offices, "dibao", 30)
    file_id = villages.posted(offices)
    end(offices, file_id)
    offices.granted(file_id)
    offices.paying(file_id)
    (one,) = shown(offices)
    assert one.kind == "decision"
    assert one.fields["amount"] == "每月770元"
    offices.now += timedelta(days=30)
    assert len(shown(offices)) == 1
    offices.now += timedelta(days=1)
    assert list(shown(offices)) == []


def test_whom_publishing_endangers_is_on_no_board(offices):
    """Hidden from the moment they ask, until an office says otherwise, with a reason."""
    file_id = villages.posted(offices)
    (one,) = shown(offices)
    owner = look(offices, file_id, lambda _s, f: making.owner(f))

    def ask(session, file):
        return unlisting.ask(session, file, "他会来找我们。", actor=owner, now=offices.now)

    def decide(session, file, *, keep):
        unlisting.decide(
            session, file, "核实过了。", keep=keep, actor=offices["reviewer"], now=offices.now
        )

    do(offices, file_id, ask)
    assert list(shown(offices)) == []
    with offices.portal.database.reading() as session:
        with pytest.raises(NotFound):
            board.find(session, one.id, now=offices.now)
        assert board.places(session, actor=offices["clerk"], now=offices.now) == []
    with pytest.raises(Conflict):
        do(offices, file_id, ask)
    do(offices, file_id, lambda s, f: decide(s, f, keep=True))
    assert list(shown(offices)) == []
    do(offices, file_id, lambda s, f: decide(s, f, keep=False))
    assert len(shown(offices)) == 1
    end(offices, file_id)


def test_the_printed_board_holds_the_same_and_no_more(offices):
    villages.posted(offices)
    with offices.portal.database.reading() as session:
        assert board.places(session, actor=offices["clerk"], now=offices.now) == [
            (VILLAGE, "湖南省益阳市安化县东坪镇杨林村", 1)
        ]
        pdf = board.paper(session, VILLAGE, actor=offices["clerk"], now=offices.now)
        assert pdf.startswith(b"%PDF")
        stranger = Actor(Role.TOWNSHIP_CLERK, offices["clerk"].id, files.NEIGHBOUR)
        with pytest.raises(NotFound):
            board.paper(session, VILLAGE, actor=stranger, now=offices.now)


def test_the_service_worker_keeps_no_posting(app):
    script = app.test_client().get("/sw.js").text
    kept = re.search(r"KEPT = (\[.*?\]);", script, re.S)
    assert kept is not None
    assert not [path for path in json.loads(kept.group(1)) if "notice" in path]
    assert "notice" not in script


def test_a_stop_of_destitute_people_hangs_seven_days_first(offices):
    """43号 第24、26条: after the hearing, before the stop; 低保 needs none."""
    file_id = villages.posted(offices, "tekun")
    end(offices, file_id)
    offices.granted(file_id)
    offices.paying(file_id)
    offices.reviewing(file_id)

    def post(session, file):
        return publishing.post_stop(
            session, file, offices.program(file), actor=offices["clerk"], now=offices.now
        ).id

    def stop(session, file):
        wanted = making.CHANGE | {"rules": []}
        adjusting.stop(
            session, file, offices.program(file), offices.portal.catalogue, wanted,
            actor=offices["confirmer"], now=offices.now,
        )  # fmt: skip

    def refused(act):
        with pytest.raises(Conflict) as why:
            do(offices, file_id, act)
        return why.value.code

    offices.asked(file_id, "stopped")
    assert refused(post) == "hearing_needed"
    answered(offices, file_id)
    do(offices, file_id, post)
    do(
        offices, file_id,
        lambda s, f: making.hearing.drop(
            s, f, "再看看。", actor=offices["clerk"], now=offices.now
        ),
    )  # fmt: skip
    offices.later(days=30).asked(file_id, "stopped")
    answered(offices, file_id)
    assert refused(stop) == "notice_needed"
    do(offices, file_id, post)
    assert refused(post) == "posted_already"
    (one,) = shown(offices)
    assert (one.kind, "amount" in one.fields) == ("stop", False)
    assert refused(stop) == "notice_not_over"
    offices.now += making.LATER
    assert list(shown(offices)) == []
    do(offices, file_id, stop)
    assert making.status(offices, file_id) == "stopped"
