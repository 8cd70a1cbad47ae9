"""What every way of exchange promises to an office with a system of its own: one set of tests."""

import json
from hashlib import sha256

import pytest

from portal.casework import intake_events
from portal.casework.tables import OfficeClient
from portal.handover import dossier
from portal.people.access import Role
from portal.policy.lifecycle import KINDS
from tests.casework import cases
from tests.casework.exchange import links
from tests.casework.test_intake_events import KEY, story
from tests.conftest import NOW
from tests.handover import files

RABBIT = pytest.param("RabbitMQ", marks=pytest.mark.rabbitmq)
CONTRACT = pytest.mark.parametrize("way", ["签名的HTTP", "文件交换", RABBIT])


@pytest.fixture
def link(portal, tmp_path, way, request):
    folder = tmp_path / "exchange"
    folder.mkdir()
    url = request.getfixturevalue("broker_url") if way == "RabbitMQ" else ""
    client = None if way == "文件交换" else request.getfixturevalue("client")
    made = links.LINKS[way](portal, client, folder, url)
    yield made
    made.close()


def status(portal, file_id):
    with portal.database.reading() as session:
        return cases.file_of(session, file_id).status


@CONTRACT
def test_a_dossier_is_fetched_whole_and_leaves_with_its_receipt(portal, link):
    file_id = link.hand_in()
    key, data = link.fetch()
    assert key == f"{file_id}/1"
    assert dossier.contents(data)["application_id"] == str(file_id)
    assert link.fetch() == (key, data), "until the receipt it stays"
    digest = sha256(data).hexdigest()
    assert link.confirm(key, "0" * 64) == link.says("digest_mismatch")
    assert link.confirm(key, digest) == "taken"
    assert link.confirm(key, digest) == "taken"
    assert link.fetch() is None


@CONTRACT
def test_each_file_is_fetched_once(portal, link):
    wanted = {f"{link.hand_in(phone=f'1381234567{n}')}/1" for n in range(3)}
    seen = set()
    while (found := link.fetch()) is not None:
        seen.add(found[0])
        link.confirm(found[0], sha256(found[1]).hexdigest())
    assert seen == wanted


@CONTRACT
def test_a_receipt_for_what_is_not_there_is_refused(portal, link):
    assert link.confirm("00000000-0000-4000-8000-000000000000/1", "0" * 64) == link.says(
        "not_found"
    )


@CONTRACT
def test_events_are_applied_once_in_turn_whatever_the_order(portal, link):
    file_id = cases.accepted(portal)
    told = story(file_id)
    assert link.tell(told[1]) == "parked"
    assert link.tell(told[0]) == "applied"
    assert link.tell(told[1]) == "applied"
    assert link.tell(told[0]) == "applied"
    for event in told[2:]:
        assert link.tell(event) == "applied"
    assert status(portal, file_id) == story_end(told)


def story_end(told):
    return next(KINDS[e["kind"]] for e in reversed(told) if KINDS[e["kind"]])


@CONTRACT
def test_another_thing_under_the_same_number_is_refused(portal, link):
    told = story(cases.accepted(portal))
    link.tell(told[0])
    changed = {**told[0], "said": {"sentence": "另一句话。"}}
    assert link.tell(changed) == "event_id_used"


@CONTRACT
def test_one_bit_altered_and_nothing_happens(portal, link):
    file_id = cases.accepted(portal)
    before = status(portal, file_id)
    for at in (1, 9, 40, 90):
        assert link.tell(story(file_id)[0], spoil=at) == "signature_invalid"
    assert status(portal, file_id) == before


@CONTRACT
def test_what_is_wrong_is_said(portal, link):
    told = story(cases.accepted(portal))[0]
    assert link.tell({**told, "seq": 0}) == "invalid"
    assert link.tell({**told, "kind": "Approved!"}) == "invalid"


@CONTRACT
def test_another_divisions_files_are_neither_seen_nor_moved(portal, link):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        intake_events.enroll(
            session, links.NAME, KEY.public_key().public_bytes_raw(), Role.BACK_OFFICE,
            files.NEIGHBOUR, now=NOW,
        )  # fmt: skip
    before = status(portal, file_id)
    assert link.fetch() is None
    assert link.tell(story(file_id)[0]) == "parked"
    assert status(portal, file_id) == before


@CONTRACT
def test_a_revoked_office_is_not_heard(portal, link):
    file_id = cases.accepted(portal)
    told = story(file_id)[0]
    assert link.tell(told) == "applied"
    with portal.database.writing() as session:
        session.get_one(OfficeClient, links.NAME).revoked_at = NOW
    if isinstance(link, links.OverFiles):
        name = "late.event"
        link.lay(name, link.written("event", json.dumps(story(file_id)[1]).encode()))
        assert link.run() == 0
        assert [f.name for f in link.inward.glob("*.event")] == [name], "it lies there unread"
        return
    assert link.tell(story(file_id)[1]) == "signature_invalid"
