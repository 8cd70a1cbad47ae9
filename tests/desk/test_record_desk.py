"""The record of a file at the desk: a line corrected, and what the person said by word of mouth."""

import re

import pytest

from portal.casework import events, history
from portal.casework.survey import checks, disputes
from portal.contact.tables import Errand
from portal.foundation.clock import local_date
from portal.people.access import Role
from portal.policy.lifecycle import Party, Status
from tests.casework import cases, households
from tests.casework.households import CHECKER, of
from tests.conftest import NOW
from tests.desk.clerks import signed_in
from tests.handover import files

TODAY = local_date(NOW).isoformat()
SAID = {"how": "phone", "day": TODAY, "sentence": "儿子寄钱了，不办了。"}


@pytest.fixture
def file(portal):
    return cases.accepted(portal)


@pytest.fixture
def clerk(app, portal, file):
    return signed_in(app, portal)


def text(answer):
    return answer.get_data(as_text=True)


def status(portal, file_id):
    with portal.database.reading() as session:
        return cases.file_of(session, file_id).status


def happened(portal, file_id):
    """[(kind, party, who, what was said)], newest last."""
    with portal.database.reading() as session:
        row = cases.file_of(session, file_id)
        return [
            (e.kind, e.party, e.actor.partition(":")[0], events.said(session, row, e))
            for e in events.of(session, row)
        ]


def at(file_id):
    return f"/desk/files/{file_id}"


def test_a_line_is_corrected_by_a_later_one_and_once(portal, clerk, file):
    page = text(clerk.get(at(file)))
    (line,) = re.findall(r'name="corrects" value="([0-9a-f-]+)"', page)
    form = {"corrects": line, "sentence": " "}
    refused = clerk.post(f"{at(file)}/corrections", form, at=at(file))
    assert (refused.status_code, f'id="correct-{line}" open' in text(refused)) == (422, True)
    form["sentence"] = "受理日期写早了一天。"
    assert clerk.post(f"{at(file)}/corrections", form, at=at(file)).status_code == 303
    kind, party, who, said = happened(portal, file)[-1]
    assert (kind, party, who) == ("correction", Party.TOWNSHIP, "staff")
    assert said == {"corrects": line, "sentence": "受理日期写早了一天。"}
    page = text(clerk.get(at(file)))
    assert ("已更正" in page, "更正这一条" in page, "受理日期写早了一天。" in page) == (
        True, False, True,
    )  # fmt: skip
    again = clerk.post(f"{at(file)}/corrections", form, at=at(file))
    assert "已经更正过" in text(again)
    (mine,) = [one for one in happened(portal, file) if one[0] == "correction"]
    assert mine[3]["corrects"] == line


def test_another_partys_line_is_not_corrected(app, portal, clerk, file):
    county = signed_in(
        app, portal, "kong", region=files.COUNTY, role=Role.COUNTY_CLERK, name="孔科长"
    )
    with portal.database.writing() as session:
        row = cases.file_of(session, file)
        own = str(events.of(session, row)[0].id)
        events.record(
            session, row, "near_kin", after=None, party=Party.COUNTY, actor="office:county",
            said={"sentence": "是县里的亲戚。"}, now=NOW,
        )  # fmt: skip
        theirs = str(events.of(session, row)[-1].id)
    for who, line in ((county, own), (clerk, theirs), (clerk, "x")):
        answer = who.post(
            f"{at(file)}/corrections", {"corrects": line, "sentence": "不对。"}, at=at(file)
        )
        assert (answer.status_code, "没有找到要更正的记录" in text(answer)) == (422, True)
    assert f'value="{theirs}"' in text(county.get(at(file)))
    assert [one[0] for one in happened(portal, file)].count("correction") == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"sentence": " "}, "sentence"), ({"day": "2020-01-01"}, "day"), ({"day": "2999-01-01"}, "day")],
    ids=["没有原话", "提交以前", "以后"],
)  # fmt: skip
def test_nothing_without_the_persons_own_word(portal, clerk, file, wrong, field):
    answer = clerk.post(f"{at(file)}/own-withdrawals", {**SAID, **wrong}, at=at(file))
    assert answer.status_code == 422
    assert f'id="e-{field}"' in text(answer)
    assert 'id="own-withdrawal" open' in text(answer)
    assert status(portal, file) == Status.ACCEPTED


def test_who_has_no_account_withdraws_by_word_of_mouth_and_is_told(portal, clerk, file):
    with portal.database.writing() as session:
        cases.file_of(session, file).account_id = None
    answer = clerk.post(f"{at(file)}/own-withdrawals", SAID, at=at(file))
    assert answer.status_code == 303
    assert status(portal, file) == Status.WITHDRAWN
    kind, party, who, said = happened(portal, file)[-1]
    assert (kind, party, who) == ("withdrawn", Party.APPLICANT, "staff")
    assert said == {"how": "phone", "on": TODAY, "sentence": SAID["sentence"]}
    with portal.database.reading() as session:
        row = cases.file_of(session, file)
        assert session.query(Errand).filter_by(application_id=file).count() == 1
        line = history.lines(session, row)[-1]
        assert line["sentence"].startswith("本人11月22日打电话说的。")
        assert SAID["sentence"] in line["sentence"]
    page = text(clerk.get(at(file)))
    assert "own-withdrawal" not in page
    assert clerk.post(f"{at(file)}/own-withdrawals", SAID, at=at(file)).status_code == 422


def test_who_has_no_account_disputes_a_check_by_word_of_mouth(app, portal):
    file_id = households.accepted(portal, signed=("applicant", "member:w"))
    clerk = signed_in(app, portal)
    words = {"how": "visit", "day": TODAY, "sentence": "那8万是借的。"}
    early = clerk.post(f"{at(file_id)}/own-disputes", words, at=at(file_id))
    assert (early.status_code, 'id="own-dispute"' in text(early)) == (422, False)
    households.running(portal, file_id)
    households.answered(portal)
    with portal.database.writing() as session:
        row, _program = of(portal, session, file_id)
        checks.tell(session, row, "differs", "存款比填的多。", actor=CHECKER, now=NOW)
        row.account_id = None
    assert 'id="own-dispute"' in text(clerk.get(at(file_id)))
    assert clerk.post(f"{at(file_id)}/own-disputes", words, at=at(file_id)).status_code == 303
    assert status(portal, file_id) == Status.CHECK_DISPUTE
    with portal.database.reading() as session:
        row = cases.file_of(session, file_id)
        dispute = disputes.standing(session, row)
        assert disputes.told(session, row, dispute)["sentence"] == "那8万是借的。"
        assert not any("8万" in str(line) for line in history.lines(session, row, for_desk=True))
    kind, party, _who, said = happened(portal, file_id)[-1]
    assert (kind, party, said["how"]) == ("check_dispute", Party.APPLICANT, "visit")
