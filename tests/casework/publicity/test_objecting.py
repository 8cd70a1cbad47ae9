"""An objection online: nobody signs in, a code tells its holder, the household learns nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.casework.clock import afterwards, bar, escalation, watching
from portal.casework.clock.tables import Escalation
from portal.casework.decision import adjusting, notice, objections, panel, told
from portal.casework.publicity import board, objecting, publishing
from portal.casework.publicity.objecting import Said
from portal.foundation.errors import Conflict, Invalid, NotFound, TooOften
from tests.apps import app_over
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look, status
from tests.casework.publicity import villages
from tests.casework.publicity.villages import VILLAGE

DAY = timedelta(days=1)


def shown(offices):
    with offices.portal.database.reading() as session:
        return board.page(session, VILLAGE, 1, now=offices.now).postings


def posting(offices):
    return shown(offices)[0].id


def object_to(offices, which, said, device="a"):
    with offices.portal.database.writing() as session:
        _made, code = objecting.hand_in(
            session, which, said, device=device, network="", now=offices.now
        )
        return code


def follow(offices, code):
    with offices.portal.database.reading() as session:
        return objecting.follow(session, code)


def look_into(offices, file_id, *, upheld):
    def act(session, file):
        objections.reinvestigate(session, file, actor=offices["chen"], now=offices.now)

    def settle(session, file):
        (one,) = objections.of(session, file)
        objections.settle(
            session, file, one.id, "车是邻居的。", upheld=upheld, actor=offices["chen"],
            now=offices.now,
        )  # fmt: skip

    do(offices, file_id, act)
    return settle


def test_from_objection_to_a_new_posting(offices):
    file_id = villages.posted(offices, "tekun")
    code = object_to(offices, posting(offices), Said("他家有小汽车。"))
    assert len(code) == 16
    assert follow(offices, f"{code[:4]} {code[4:]}") == [objecting.RECEIVED]
    settle = look_into(offices, file_id, upheld=False)
    assert follow(offices, code) == [objecting.LOOKING]
    do(offices, file_id, settle)
    assert follow(offices, code) == [objecting.FOUND[False]]
    offices.later(days=9).opinion(file_id)
    offices.posted(file_id)
    assert follow(offices, code) == [objecting.FOUND[False], objecting.AGAIN]
    assert len(look(offices, file_id, lambda s, f: [f.status])) == 1
    assert status(offices, file_id) == "public_notice"


def granted(offices, program_id):
    """Paid, and made public for a month."""
    villages.with_period(offices, program_id, 30)
    file_id = villages.posted(offices, program_id)
    offices.now += making.LATER
    do(
        offices, file_id,
        lambda s, f: notice.end(s, f, actor=offices["reviewer"], now=offices.now),
    )  # fmt: skip
    offices.granted(file_id)
    offices.paying(file_id)
    return file_id


def at_desk(offices, file_id, who="chen"):
    def shown(session, file):
        return panel.at_desk(
            session, file, offices.program(file), offices.portal.catalogue, actor=offices[who],
            now=offices.now,
        )  # fmt: skip

    return look(offices, file_id, shown)


def keep(offices, file_id):
    do(
        offices, file_id,
        lambda s, f: adjusting.keep(
            s, f, offices.portal.catalogue, amount=None, sentence="照旧。",
            actor=offices["confirmer"], now=offices.now,
        ),
    )  # fmt: skip


def test_a_grant_objected_to_is_looked_at_again_while_it_is_paid(offices):
    """社会救助法 第46、68条: no law names days or a new posting for it."""
    file_id = granted(offices, "dibao")
    clocks = look(offices, file_id, lambda s, f: len(bar.of(s, f, offices.program(f))))
    code = object_to(offices, posting(offices), Said("他家买了小汽车。", name="邻居老张"))
    assert status(offices, file_id) == "paying"
    assert follow(offices, code) == [objecting.RECEIVED]
    assert at_desk(offices, file_id)["may"]["reinvestigate"]
    in_time(offices, file_id)
    settle = look_into(offices, file_id, upheld=False)
    assert (status(offices, file_id), follow(offices, code)) == ("reviewing", [objecting.LOOKING])
    with pytest.raises(Conflict) as refused:
        keep(offices, file_id)
    assert refused.value.code == "objection_open"
    do(offices, file_id, settle)
    keep(offices, file_id)
    assert (status(offices, file_id), follow(offices, code)) == ("paying", [objecting.FOUND[False]])
    (one,) = at_desk(offices, file_id)["objections"]
    assert (one["about"], one["name"], one["due_text"]) == ("公布", "邻居老张", "")
    assert look(offices, file_id, lambda s, f: len(bar.of(s, f, offices.program(f)))) == clocks
    watched(offices, offices.now + DAY)
    assert escalated(offices, file_id) == [("township", True), ("county", True)]


def in_time(offices, file_id):
    """While it is paid: ten working days of our own, then the township is told, then the county."""
    rows = look(offices, file_id, lambda s, f: bar.bar(s, f, offices.program(f), now=offices.now))
    (row,) = [row for row in rows if row["key"] == afterwards.GRANT]
    assert (row["ours"], row["whole"], row["unit"]) == (True, 10, "workday")
    last = datetime.fromisoformat(row["due"]).replace(hour=4, tzinfo=UTC)
    for days, levels in ((0, []), (1, ["township"]), (4, ["township", "county"])):
        offices.now = last + days * DAY
        watched(offices, offices.now)
        assert [level for level, _settled in escalated(offices, file_id)] == levels


def watched(offices, now):
    watching.look(offices.portal.database, offices.portal.catalogue, now=now)
    escalation.escalate(offices.portal.database, offices.portal.catalogue, now=now)


def escalated(offices, file_id):
    def found(session, file):
        rows = session.query(Escalation).filter_by(application_id=file.id, step=afterwards.GRANT)
        order = rows.order_by(Escalation.level.desc())
        return [(row.level, row.settled_at is not None) for row in order]

    return look(offices, file_id, found)


def test_a_stop_objected_to_waits_and_hangs_anew(offices):
    """43号 第26条: looked into within 15 working days, and posted once more."""
    file_id = granted(offices, "tekun")
    offices.reviewing(file_id)
    offices.asked(file_id, "stopped")

    def answer(session, file):
        making.hearing.answer(
            session, file, "我还没工作。", actor=making.owner(file), now=offices.now
        )

    def post(session, file):
        publishing.post_stop(
            session, file, offices.program(file), actor=offices["clerk"], now=offices.now
        )

    def stop(session, file):
        adjusting.stop(
            session, file, offices.program(file), offices.portal.catalogue,
            making.CHANGE | {"rules": []}, actor=offices["confirmer"], now=offices.now,
        )  # fmt: skip

    def refused(act):
        with pytest.raises(Conflict) as why:
            do(offices, file_id, act)
        return why.value.code

    do(offices, file_id, answer)
    do(offices, file_id, post)
    which = next(p.id for p in shown(offices) if p.kind == "stop")
    code = object_to(offices, which, Said("她还是没人管。"))
    (one,) = at_desk(offices, file_id)["objections"]
    assert (one["about"], one["due_text"]) == ("停发前公示", "2026年12月21日")
    offices.later(days=9)
    assert refused(stop) == "objection_open"
    do(
        offices, file_id,
        lambda s, f: objections.settle(
            s, f, objections.of(s, f)[0].id, "去看过。", upheld=True, actor=offices["chen"],
            now=offices.now,
        ),
    )  # fmt: skip
    assert follow(offices, code) == [objecting.FOUND[True]]
    assert refused(stop) == "notice_needed"
    do(offices, file_id, post)
    assert follow(offices, code) == [objecting.FOUND[True], objecting.AGAIN]
    assert refused(stop) == "notice_not_over"
    offices.now += making.LATER
    do(offices, file_id, stop)
    assert status(offices, file_id) == "stopped"


def test_what_is_over_cannot_be_objected_to(offices):
    file_id = granted(offices, "dibao")
    which = posting(offices)
    assert at_desk(offices, file_id, "clerk")["may"]["object"]
    offices.now += timedelta(days=31)
    with pytest.raises(NotFound):
        object_to(offices, which, Said("有车。"))


def test_an_outcome_for_the_county_is_told_without_the_household(offices):
    file_id = villages.posted(offices)
    code = object_to(offices, posting(offices), Said("他家有小汽车。"))
    do(offices, file_id, look_into(offices, file_id, upheld=True))
    offices.later(days=8).opinion(file_id)
    do(
        offices, file_id,
        lambda s, f: notice.send_up(
            s, f, offices.program(f), actor=offices["reviewer"], now=offices.now
        ),
    )  # fmt: skip
    answer = follow(offices, code)
    assert answer == [objecting.FOUND[True], objecting.ABOVE]
    assert "车" not in "".join(answer)


def test_the_desk_reads_it_and_the_household_never_who(offices):
    file_id = villages.posted(offices)
    object_to(offices, posting(offices), Said("他家有小汽车。", "邻居老张", "13900000000"))

    def seen(session, file):
        (one,) = objections.of(session, file)
        inside = objections.shown(session, file, one, for_desk=True)
        outside = told.for_applicant(session, file, offices.program(file), now=offices.now)
        return inside, str(outside), one.received_by

    inside, outside, by = look(offices, file_id, seen)
    assert (inside["name"], inside["sentence"], by) == ("邻居老张", "他家有小汽车。", "portal")
    for secret in ("老张", "13900000000", "小汽车"):
        assert secret not in outside


def test_what_is_refused(offices):
    villages.posted(offices)
    which = posting(offices)
    for said, field in (
        (Said(" "), "sentence"), (Said("车" * 501), "sentence"), (Said("车\x00"), "sentence"),
        (Said("有车。", name="张" * 61), "name"), (Said("有车。", phone="1" * 31), "phone"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            object_to(offices, which, said)
        assert field in refused.value.fields
    with pytest.raises(NotFound):
        object_to(offices, villages.UUID(int=5), Said("有车。"))
    for number in range(5):
        object_to(offices, which, Said(f"有车{number}。"))
    with pytest.raises(TooOften):
        object_to(offices, which, Said("有车。"))
    object_to(offices, which, Said("有车。"), device="b")
    with pytest.raises(NotFound):
        follow(offices, "0000000000000000")


def test_by_the_page_and_by_the_api(offices):
    villages.posted(offices)
    browser = app_over(offices.portal, lambda: offices.now).test_client()
    page = browser.get(f"/notices/{posting(offices)}/objections").text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    address = f"/notices/{posting(offices)}/objections"
    empty = browser.post(address, data={"csrf": csrf, "sentence": ""})
    assert (empty.status_code, "请写有什么意见" in empty.text) == (422, True)
    said = {
        "csrf": csrf,
        "sentence": "有车。",
        "key": page.split('name="key" value="')[1].split('"')[0],
    }
    sent = browser.post(address, data=said)
    assert "意见交上去了" in sent.text
    assert browser.post(address, data=said).text == sent.text
    code = "".join(sent.text.split('<p class="big">')[1].split("<")[0].split())
    answer = browser.post("/notices/objections", data={"csrf": csrf, "code": code})
    assert objecting.RECEIVED in answer.text
    assert browser.post("/notices/objections", data={"csrf": csrf, "code": "1"}).status_code == 404
    states = browser.get(f"/api/public-notices/objections/{code}").json
    assert states == {"states": [objecting.RECEIVED]}
