"""An objection online: nobody signs in, a code tells its holder, the household learns nothing."""

import pytest

from portal.casework.decision import notice, objections, told
from portal.casework.publicity import board, objecting
from portal.casework.publicity.objecting import Said
from portal.foundation.errors import Invalid, NotFound, TooOften
from tests.apps import app_over
from tests.casework.decision.offices import do, look, status
from tests.casework.publicity import villages
from tests.casework.publicity.villages import VILLAGE

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def posting(offices):
    with offices.portal.database.reading() as session:
        return board.page(session, VILLAGE, 1, now=offices.now).postings[0].id


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
    sent = browser.post(address, data={"csrf": csrf, "sentence": "有车。"})
    assert "意见交上去了" in sent.text
    code = "".join(sent.text.split('<p class="big">')[1].split("<")[0].split())
    answer = browser.post("/notices/objections", data={"csrf": csrf, "code": code})
    assert objecting.RECEIVED in answer.text
    assert browser.post("/notices/objections", data={"csrf": csrf, "code": "1"}).status_code == 404
    states = browser.get(f"/api/public-notices/objections/{code}").json
    assert states == {"states": [objecting.RECEIVED]}
