"""初审: a person's opinion, with the computation beside it; for and against both go on."""

import pytest

from portal.casework.decision import notice, panel, review
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from tests.casework import cases
from tests.casework.decision import offices as making
from tests.casework.decision.offices import FIT, do, look, status
from tests.handover import files

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What is decided is the same on both databases; what is kept is tried on both elsewhere."""

UNFIT = {
    "opinion": "unfit", "sentence": "收入比标准高。", "rules": ["household.income"],
}  # fmt: skip


def opine(offices, file_id, wanted, who="reviewer"):
    def act(session, file):
        return review.give_opinion(
            session, file, offices.program(file), offices.portal.catalogue, wanted,
            actor=offices[who] if isinstance(who, str) else who, now=offices.now,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def test_the_opinion_is_kept_with_the_computation_it_looked_at(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    opine(offices, file_id, FIT)

    def kept(session, file):
        opinion = review.latest(session, file)
        assert "收入".encode() not in opinion.body_sealed
        return review.body(session, file, opinion)

    body = look(offices, file_id, kept)
    assert (body["opinion"], body["amount"], body["category"]) == ("fit", 77_000, "rural")
    assert body["computed"]["per_head"]["low"] == 10_000
    assert body["computed"]["standard"]["basis"][0]["confidence"] == "S"
    assert not body["own_survey"]
    assert not body["below"]


def test_a_later_opinion_takes_its_place(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    opine(offices, file_id, FIT | {"amount": 80_000})
    body = look(offices, file_id, lambda s, f: review.body(s, f, review.latest(s, f)))
    assert body["amount"] == 80_000


def test_what_an_opinion_must_say(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    for changes, field in (
        ({"opinion": "perhaps"}, "opinion"),
        ({"sentence": " "}, "sentence"),
        ({"category": "none"}, "category"),
        ({"people": None}, "people"),
        ({"people": 31}, "people"),
        ({"amount": None}, "amount"),
        ({"amount": 0}, "amount"),
        ({"basis": ""}, "basis"),
        ({"opinion": "unfit"}, "law"),
        ({"opinion": "unfit", "rules": ["household.beauty"]}, "rules"),
        ({"opinion": "unfit", "law": "字" * 201}, "law"),
    ):
        with pytest.raises(Invalid) as refused:
            opine(offices, file_id, FIT | changes)
        assert field in refused.value.fields, changes
    assert status(offices, file_id) == "surveying"


def test_what_has_no_monthly_money_takes_none(offices):
    file_id = making.on_the_road(offices, "dibian", "surveyed")
    with pytest.raises(Invalid) as refused:
        opine(offices, file_id, making.OPINIONS["dibian"] | {"amount": 100})
    assert "amount" in refused.value.fields


def test_below_the_published_minimum_is_shown_and_not_refused(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    opine(offices, file_id, FIT | {"amount": 10_000})
    assert look(offices, file_id, lambda s, f: review.body(s, f, review.latest(s, f)))["below"]


def test_without_two_investigators_there_is_no_opinion(offices):
    file_id = making.on_the_road(offices, "dibao", "applied")
    with pytest.raises(Conflict) as refused:
        opine(offices, file_id, FIT)
    assert refused.value.code == "two_investigators"


def test_only_the_townships_reviewer_writes_it(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    for who in ("clerk", "chen", "checker", "confirmer", "county"):
        with pytest.raises(Forbidden):
            opine(offices, file_id, FIT, who)
    stranger = Actor(Role.TOWNSHIP_REVIEWER, offices["reviewer"].id, files.NEIGHBOUR)
    with pytest.raises(NotFound):
        opine(offices, file_id, FIT, stranger)


def test_who_surveyed_is_told_of_a_colleague_but_not_blocked(offices):
    """A small office: the investigator is a reviewer too."""
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    chen = offices["chen"]
    both = Actor(
        chen.role, chen.id, chen.region_code, chen.name, also=frozenset({Role.TOWNSHIP_REVIEWER})
    )

    def seen(session, file):
        return panel.at_desk(
            session, file, offices.program(file), offices.portal.catalogue, actor=both,
            now=offices.now,
        )  # fmt: skip

    assert look(offices, file_id, seen)["warnings"] == ["您经手过这一件。最好请王站长写初审意见。"]
    opine(offices, file_id, FIT, both)
    body = look(offices, file_id, lambda s, f: review.body(s, f, review.latest(s, f)))
    assert body["own_survey"]


def test_unfavourable_goes_to_the_county_too_and_names_its_rule(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    opine(offices, file_id, UNFIT)

    def send(session, file):
        body = review.body(session, file, review.latest(session, file))
        assert body["law"] == "不符合“人均收入低于当地低保标准”（《社会救助法》第18条）"
        with pytest.raises(Conflict) as refused:
            notice.post(
                session, file, offices.program(file), actor=offices["reviewer"], now=offices.now
            )
        assert refused.value.code == "not_posted"
        notice.send_up(
            session, file, offices.program(file), actor=offices["reviewer"], now=offices.now
        )

    do(offices, file_id, send)
    assert status(offices, file_id) == "county_review"


def test_the_place_may_turn_out_to_be_town_or_country(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed", apply_type="unsure")

    def seen(session, file):
        return panel.at_desk(
            session, file, offices.program(file), offices.portal.catalogue,
            actor=offices["reviewer"], now=offices.now,
        )["traces"]  # fmt: skip

    found = look(offices, file_id, seen)
    assert [(one["category"], one["trace"]["standard"]["low"]) for one in found] == [
        ("urban", 74_000), ("rural", 48_500),
    ]  # fmt: skip
    opine(offices, file_id, FIT)
    body = look(offices, file_id, lambda s, f: review.body(s, f, review.latest(s, f)))
    assert body["computed"]["area"] == "rural"


def test_nothing_of_a_decision_is_shown_before_acceptance(offices):
    file_id = cases.handed_in(offices.portal, phone="13800000077")

    def seen(session, file):
        return panel.at_desk(
            session, file, offices.program(file), offices.portal.catalogue,
            actor=offices["clerk"], now=offices.now,
        )  # fmt: skip

    assert look(offices, file_id, seen) is None
