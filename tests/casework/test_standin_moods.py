"""However an office behaves, what it means ends on the record once, and nothing else does."""

from collections import Counter
from dataclasses import replace

import pytest

from portal.casework import events, intake_events, standin_moods, standin_office
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.casework.test_standin_office import office_of, status, straight
from tests.conftest import NOW


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mood", list(standin_moods.MOODS))
def test_the_case_is_paid_in_the_end_and_each_step_stands_once(portal, mood, seed):
    file_id = cases.accepted(portal)
    post = standin_moods.moody(straight(portal), mood, seed=seed)
    office = replace(office_of(portal), post=post)
    for _round in range(80):
        standin_office.step(portal.database, office, now=NOW, skip_notice=True)
        with portal.database.writing() as session:
            intake_events.retry_parked(session, now=NOW)
        if status(portal, file_id) == Status.PAYING:
            break
    assert status(portal, file_id) == Status.PAYING
    with portal.database.reading() as session:
        kinds = Counter(e.kind for e in events.of(session, cases.file_of(session, file_id)))
    once = ("surveying", "first_review", "public_notice", "county_review", "approved", "paying")
    assert {kind: kinds[kind] for kind in once} == dict.fromkeys(once, 1)


def test_without_a_fault_nothing_stands_between():
    def post(_body, _headers):
        return 200

    assert standin_moods.moody(post, "") is post
