"""Whatever is known of a household: no line of one person reaches another, or a helper."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.assembly import Portal
from portal.casework.survey import answers, disputes, register, results
from portal.casework.survey.question import Line, Report
from portal.casework.survey.tables import CheckRecord
from portal.filing import applications
from portal.filing.tables import Application
from portal.people.access import Actor, Role
from portal.people.codes import phone_index
from portal.people.identity import Phone
from portal.policy.lifecycle import Status
from tests.casework import households
from tests.casework.households import of
from tests.conftest import NOW
from tests.handover import files

PEOPLE = ("applicant", "member:w", "member:s")
PHONES = {"member:w": "13911110001", "member:s": "13911110002"}
HELPERS = ("guardian", "neighbour", "relative", "cadre", "assistant", "other")
AMOUNTS = st.integers(0, 10**6 - 1)
ITEMS = st.sampled_from(["bank_deposits", "housing_fund", "vehicles", "tax", "unheard_of"])
LINES = st.lists(st.tuples(ITEMS, AMOUNTS), max_size=4)


class Household:
    """A plain class: hypothesis would print a dataclass whole."""

    def __init__(self, portal: Portal, file_id: UUID) -> None:
        self.portal, self.file_id = portal, file_id


@pytest.fixture
def household(portal):
    """Signed for and told once; every example begins from here and is thrown away."""
    file_id = households.accepted(portal, signed=PEOPLE)
    households.told(portal, file_id)
    with portal.database.writing() as session:
        for phone in PHONES.values():
            files.resident(session, phone)
        session.get_one(Application, file_id).status = Status.SURVEYING
    return Household(portal, file_id)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    known=st.fixed_dictionaries(dict.fromkeys(PEOPLE, LINES)),
    by=st.sampled_from(["self", None, *HELPERS]),
    shared=st.booleans(),
    disputed=st.booleans(),
)
def test_no_line_reaches_anybody_else(household, known, by, shared, disputed):
    portal, file_id = household.portal, household.file_id
    session = portal.database.open_writing()
    try:
        file, program = of(portal, session, file_id)
        words = _write(session, file, known)
        _filled_in_by(session, file, program, by)
        _phones(session, file_id, shared)
        if disputed:
            disputes.make(session, file, "不对。", actor=files.owner(file), now=NOW)
        for viewer, seen in _views(session, file).items():
            for who, secrets in words.items():
                if who != viewer:
                    assert not [word for word in secrets if word in seen], (viewer, who)
    finally:
        session.rollback()
        portal.database.close_writing(session)


def _write(session, file, known):
    """A report for everybody; the words that stand in each: texts, and amounts nobody else has."""
    found = {}
    for number, (who, lines) in enumerate(known.items()):
        record = households.record(session, file.id, who)
        record.report_sealed, record.state = None, register.WAITING
        said = [
            Line(item, "", f"密{number}-{i}。", int(f"9{fen:06d}{number}{i}"))
            for i, (item, fen) in enumerate(lines)
        ]
        number_of = register.person_of(session, file, record)["id_number"]
        at = NOW + timedelta(hours=1)
        report = Report(f"X{number}", number_of, at, tuple(said))
        answers.take(session, file, record, report, now=at)
        found[who] = [line.text for line in said] + [str(line.amount) for line in said]
    row = register.newest(session, file)
    row.state = register.TOLD
    return found


def _filled_in_by(session, file, program, by):
    if by is not None:
        file.status, before = Status.RETURNED, file.status
        applications.save_answers(
            session, file, program, {"filled_in_by": by}, revision=file.revision,
            actor=files.owner(file), now=NOW,
        )  # fmt: skip
        file.status = before


def _phones(session, file_id, shared):
    """As consents.people writes them: never a phone that two signed with."""
    for who, phone in PHONES.items():
        record = households.record(session, file_id, who)
        record.phone_index = None if shared else phone_index(session, Phone.parse(phone))
    session.flush()


def _views(session, file):
    """{who looks: everything they can be shown}, as text. A helper is nobody's own eyes."""
    owner = files.owner(file)
    said = applications.answers(session, file).get("filled_in_by")
    seen = [
        results.for_applicant(session, file, actor=owner, now=NOW),
        _without_total(results.own_record(session, file, actor=owner)),
        results.mine(session, actor=owner),
    ]
    views = {"applicant" if said == "self" else f"helper {said}": _text(seen)}
    for who, phone in PHONES.items():
        member = files.resident(session, phone)
        views[who] = _text(
            [
                results.mine(session, actor=member),
                results.for_applicant(session, file, actor=member, now=NOW),
                results.own_record(session, file, actor=member),
            ]
        )
    stranger = Actor(Role.APPLICANT, file.id)
    views["stranger"] = _text([results.own_record(session, file, actor=stranger)])
    return views


def _without_total(own):
    """One sum of the household is meant to be seen; it is shown beside an own record only."""
    if own is None or own["record"] is None:
        assert own is None or own["totals"] == []
        return own
    return {**own, "totals": len(own["totals"])}


def _text(value):
    return json.dumps(value, ensure_ascii=False, default=str)


def test_the_property_would_notice(household):
    """The office's view holds every word: a leak through it would be found."""
    portal, file_id = household.portal, household.file_id
    session = portal.database.open_writing()
    try:
        file, _program = of(portal, session, file_id)
        words = _write(session, file, dict.fromkeys(PEOPLE, [("tax", 7)]))
        seen = _text(results.for_office(session, file))
        assert all(word in seen for said in words.values() for word in said)
        assert session.query(CheckRecord).count() == 4
    finally:
        session.rollback()
        portal.database.close_writing(session)
