"""初审公示: the least possible data, hung out to the end, and every objection looked into."""

from datetime import timedelta

import pytest

from portal.casework.decision import notice, objections, told
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.policy.lifecycle import Status
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look, status
from tests.conftest import NOW

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What is decided is the same on both databases; what is kept is tried on both elsewhere."""

SECRETS = ("刘桂香", "430923190001010010", "13800000009", "河边最后一家", "陈小雨", "2400")


def end(offices, file_id):
    do(offices, file_id, lambda s, f: notice.end(s, f, actor=offices["reviewer"], now=offices.now))


def objected(offices, file_id, **more):
    def act(session, file):
        return objections.receive(
            session, file, "phone", "他家有小汽车。", told="有人说您家有小汽车。",
            actor=offices["clerk"], now=offices.now, **more,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def settled(offices, file_id, which, *, upheld=False):
    def act(session, file):
        objections.settle(
            session, file, which, "车是邻居的。", upheld=upheld, actor=offices["chen"],
            now=offices.now,
        )  # fmt: skip

    do(offices, file_id, act)


def send_up(offices, file_id):
    def act(session, file):
        notice.send_up(
            session, file, offices.program(file), actor=offices["reviewer"], now=offices.now
        )

    do(offices, file_id, act)


def reinvestigate(offices, file_id):
    do(
        offices, file_id,
        lambda s, f: objections.reinvestigate(s, f, actor=offices["chen"], now=offices.now),
    )  # fmt: skip


def test_what_is_posted_and_nothing_else(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    offices.posted(file_id)

    def seen(session, file):
        found = notice.latest(session, file)
        assert "刘".encode() not in found.body_sealed
        return notice.content(session, file, found)

    content = look(offices, file_id, seen)
    assert content == {
        "name": "刘某某", "people": "2人", "village": "东坪镇", "category": "农村低保",
        "amount": "每月770元", "from": "2026年11月22日", "until": "2026年11月29日",
        "phone": "12349",
    }  # fmt: skip
    words = "".join(content.values())
    assert [secret for secret in SECRETS if secret in words] == []


def test_nothing_goes_on_before_the_seven_days_are_over(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    with pytest.raises(Conflict) as refused:
        send_up(offices, file_id)
    assert refused.value.code == "notice_needed"
    offices.posted(file_id)
    for days in (0, 3, 3, 1):
        offices.later(days=days)
        with pytest.raises(Conflict) as refused:
            end(offices, file_id)
        assert refused.value.code == "notice_not_over"
        assert status(offices, file_id) == Status.PUBLIC_NOTICE
    offices.later(days=1)
    end(offices, file_id)
    assert status(offices, file_id) == Status.COUNTY_REVIEW


def test_an_objection_stops_the_end_and_leads_to_a_second_look(offices):
    """低保: reinvestigated, a new opinion, then the county (57号 第19条)."""
    file_id = making.on_the_road(offices, "dibao", "opinion")
    offices.posted(file_id)
    which = objected(offices, file_id)
    offices.later(days=8)
    with pytest.raises(Conflict) as refused:
        end(offices, file_id)
    assert refused.value.code == "objection_open"
    reinvestigate(offices, file_id)
    with pytest.raises(Conflict) as refused:
        send_up(offices, file_id)
    assert refused.value.code == "objection_open"
    settled(offices, file_id, which)
    with pytest.raises(Conflict) as refused:
        send_up(offices, file_id)
    assert refused.value.code == "opinion_too_old"
    offices.later(hours=1).opinion(file_id)
    send_up(offices, file_id)
    assert status(offices, file_id) == Status.COUNTY_REVIEW
    offices.granted(file_id)


def test_destitute_people_are_posted_anew_after_an_objection(offices):
    """特困: 43号 第15条."""
    file_id = making.on_the_road(offices, "tekun", "opinion")
    offices.posted(file_id)
    which = objected(offices, file_id)
    reinvestigate(offices, file_id)
    settled(offices, file_id, which)
    offices.later(days=9).opinion(file_id)
    with pytest.raises(Conflict) as refused:
        send_up(offices, file_id)
    assert refused.value.code == "notice_needed"
    offices.posted(file_id)
    rounds = look(offices, file_id, lambda s, f: [(n.round, n.ended_at) for n in notice.of(s, f)])
    assert [number for number, _ended in rounds] == [1, 2]
    assert rounds[0][1] is not None
    with pytest.raises(Conflict):
        end(offices, file_id)
    offices.later(days=8)
    end(offices, file_id)
    offices.granted(file_id)


def test_a_reinvestigation_does_not_shorten_the_posting(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    offices.posted(file_id)
    which = objected(offices, file_id)
    reinvestigate(offices, file_id)
    settled(offices, file_id, which)
    offices.later(days=1).opinion(file_id)
    with pytest.raises(Conflict) as refused:
        send_up(offices, file_id)
    assert refused.value.code == "notice_not_over"


def test_who_objected_is_never_told(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    offices.posted(file_id)
    objected(offices, file_id, name="邻居老张", phone="13900000000")

    def seen(session, file):
        inside = objections.shown(session, file, objections.of(session, file)[0], for_desk=True)
        assert (inside["name"], inside["sentence"]) == ("邻居老张", "他家有小汽车。")
        return told.for_applicant(session, file, offices.program(file), now=offices.now)

    shown = look(offices, file_id, seen)
    assert shown["objections"][0]["told"] == "有人说您家有小汽车。"
    for secret in ("老张", "13900000000", "他家有小汽车"):
        assert secret not in str(shown)


def test_an_objection_without_a_name_counts_the_same(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    offices.posted(file_id)
    which = objected(offices, file_id)
    reinvestigate(offices, file_id)
    settled(offices, file_id, which, upheld=True)
    with pytest.raises(Conflict) as refused:
        settled(offices, file_id, which)
    assert refused.value.code == "settled"


def test_who_posts_and_what_an_objection_says(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    for who in ("chen", "confirmer", "county", "checker"):
        with pytest.raises(Forbidden):
            do(
                offices, file_id,
                lambda s, f, who=who: notice.post(
                    s, f, offices.program(f), actor=offices[who], now=offices.now
                ),
            )  # fmt: skip
    offices.posted(file_id)
    for how, sentence, field in (("rumour", "有车。", "how"), ("phone", " ", "sentence")):
        with pytest.raises(Invalid) as refused:
            do(
                offices, file_id,
                lambda s, f, how=how, sentence=sentence: objections.receive(
                    s, f, how, sentence, actor=offices["clerk"], now=offices.now
                ),
            )  # fmt: skip
        assert field in refused.value.fields


def test_the_applicant_sees_what_hangs_while_it_hangs(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    offices.posted(file_id)

    def seen(session, file, at):
        return told.posted(session, file, now=at)

    shown = look(offices, file_id, lambda s, f: seen(s, f, NOW))
    assert ["拟定金额", "每月770元"] in shown["rows"]
    assert look(offices, file_id, lambda s, f: seen(s, f, NOW + timedelta(days=8))) is None
