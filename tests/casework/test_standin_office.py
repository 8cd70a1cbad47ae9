"""The stand-in back office walks a file to its end, by signed events only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.casework import intake_events, standin_office
from portal.foundation.errors import Refusal
from portal.foundation.settings import Mode, Settings, WrongSettings
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files


def straight(portal, now=NOW):
    """Posts without a network, and answers as the API does."""

    def post(body, headers):
        names = ("Client", "Signature", "Timestamp", "Nonce")
        client, signature, timestamp, nonce = (headers[f"X-{name}"] for name in names)
        try:
            with portal.database.writing() as session:
                outcome = intake_events.receive(
                    session, client, body, signature, timestamp, nonce, now=now
                )
        except Refusal as refused:
            return refused.status
        return 202 if outcome.state == "parked" else 200

    return post


def office_of(portal, now=NOW):
    return standin_office.open_office(
        portal.settings, portal.database, straight(portal, now), region_code=files.COUNTY, now=now
    )


def status(portal, file_id):
    with portal.database.reading() as session:
        return cases.file_of(session, file_id).status


def test_it_walks_a_file_to_the_payment(portal):
    file_id = cases.accepted(portal)
    office = office_of(portal)
    seen = []
    while standin_office.step(portal.database, office, now=NOW, skip_notice=True):
        seen.append(status(portal, file_id))
    assert seen == [
        "surveying",
        "surveying",
        "first_review",
        "public_notice",
        "county_review",
        "approved",
        "paying",
    ]


def test_without_skipping_the_notice_hangs_a_week(portal):
    file_id = cases.accepted(portal)
    office = office_of(portal)
    for _ in range(6):
        standin_office.step(portal.database, office, now=NOW)
    assert status(portal, file_id) == Status.PUBLIC_NOTICE
    later = NOW + timedelta(days=7)
    standin_office.step(portal.database, office_of(portal, later), now=later)
    assert status(portal, file_id) == Status.COUNTY_REVIEW


def test_a_denial_carries_its_reason(portal):
    file_id = cases.accepted(portal)
    office = office_of(portal)
    for _ in range(7):
        standin_office.step(
            portal.database, office, now=NOW, skip_notice=True, decide=lambda _a: "收入高于标准。"
        )
    assert status(portal, file_id) == Status.DENIED


def test_files_before_the_desk_are_left_alone(portal):
    cases.handed_in(portal)
    assert standin_office.step(portal.database, office_of(portal), now=NOW) == 0


def test_townships_with_people_and_other_departments_files_are_left_alone(portal):
    file_id = cases.accepted(portal)
    office = replace(office_of(portal), leaves=frozenset({files.TOWNSHIP}))
    assert standin_office.step(portal.database, office, now=NOW) == 0
    with portal.database.writing() as session:
        cases.file_of(session, file_id).machine = "referral"
    assert standin_office.step(portal.database, office_of(portal), now=NOW) == 0
    assert status(portal, file_id) == Status.ACCEPTED


def test_its_key_is_its_own_and_production_refuses_it(portal):
    office_of(portal)
    key = portal.settings.data / standin_office.KEY_FILE
    assert key.stat().st_mode & 0o777 == 0o600
    real: Settings = replace(portal.settings, mode=Mode.PRODUCTION)
    with pytest.raises(WrongSettings):
        standin_office.open_office(
            real, portal.database, straight(portal), region_code=files.COUNTY, now=NOW
        )
