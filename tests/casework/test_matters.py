"""A further 事项 the township adds: carried from what was handed in, told, taken back with one tap."""

from uuid import UUID

import pytest

from portal.assembly import Portal
from portal.casework import events, matters
from portal.filing import applications, family
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status
from tests.casework import cases
from tests.conftest import NOW
from tests.filing.households import home_of, household, say
from tests.handover import files

WHY = "您家有人生病，帮您加办医疗救助。"


def add(
    portal: Portal, home: UUID, program: str = "yiliao", *,
    actor: Actor | None = None, sentence: str = WHY,
) -> UUID:  # fmt: skip
    with portal.database.writing() as session:
        found, _owner = home_of(session, home)
        made = matters.add_matter(
            session, found, portal.catalogue, portal.catalogue.find(program),
            sentence=sentence, actor=actor or files.clerk(), now=NOW,
        )  # fmt: skip
        return made.id


@pytest.fixture
def home(portal: Portal) -> UUID:
    found, dibao = household(portal, "dibao")
    say(portal, dibao, files.LEAST)
    files.submit(portal, dibao)
    return found


def test_it_is_filed_now_from_what_was_handed_in(portal: Portal, home: UUID) -> None:
    made = add(portal, home)
    with portal.database.reading() as session:
        file = session.get_one(Application, made)
        assert (file.status, file.filed_at, file.carried_why) == (Status.SUBMITTED, NOW, "township")
        assert file.region_code == files.TOWNSHIP
        said = applications.answers(session, file)
        assert said == {n: v for n, v in files.LEAST.items() if n != "reason"}
        (event,) = events.of(session, file)
        assert event.party == Party.TOWNSHIP
        assert events.said(session, file, event) == {"sentence": WHY}


def test_one_tap_takes_it_back_and_it_is_not_added_again(portal: Portal, home: UUID) -> None:
    made = add(portal, home)
    with portal.database.writing() as session:
        file = session.get_one(Application, made)
        events.withdraw(session, file, actor=files.owner(file), now=NOW)
    with pytest.raises(Conflict) as refused:
        add(portal, home)
    assert refused.value.code == "said_no"


def test_what_cannot_be_known_waits_as_a_draft(portal: Portal, home: UUID) -> None:
    made = add(portal, home, "linshi")
    with portal.database.reading() as session:
        assert session.get_one(Application, made).status == Status.DRAFT


@pytest.mark.parametrize(
    ("how", "refusal", "code"),
    [
        ({"program": "dibao"}, Conflict, "already_open"),
        ({"program": "cishan"}, Invalid, "not_here"),
        ({"program": "jiaoyu"}, Invalid, "not_here"),
        ({"sentence": " "}, Invalid, "invalid"),
        ({"actor": files.clerk(files.NEIGHBOUR)}, NotFound, "not_found"),
        ({"actor": files.clerk(files.COUNTY, role=Role.COUNTY_CLERK)}, Forbidden, "forbidden"),
        ({"actor": Actor(Role.APPLICANT, UUID(int=5))}, Forbidden, "forbidden"),
    ],
    ids=["已经在办", "要本人同意", "不在这里办", "没写原因", "别的乡镇", "县里", "居民"],
)
def test_refused(portal: Portal, home: UUID, how: dict, refusal: type, code: str) -> None:
    with pytest.raises(refusal) as refused:
        add(portal, home, **how)
    assert refused.value.code == code
    with portal.database.reading() as session:
        found, _owner = home_of(session, home)
        assert len(family.of(session, found)) == 1


def test_what_can_be_added(portal: Portal, home: UUID) -> None:
    with portal.database.reading() as session:
        found, _owner = home_of(session, home)
        names = [p.id for p in matters.can_be_added(session, found, portal.catalogue)]
    assert {"yiliao", "zhufang", "linshi"} <= set(names)
    assert not {"dibao", "cishan", "jiaoyu", "jibing"} & set(names)


def test_a_household_nobody_of_this_office_knows(portal: Portal) -> None:
    found, dibao = household(portal, "dibao")
    say(portal, dibao, files.LEAST)
    with pytest.raises(NotFound):
        add(portal, found)
    files.submit(portal, dibao)
    with portal.database.writing() as session:
        cases.put_into(session, session.get_one(Application, dibao), Status.PAYING)
    made = add(portal, found)
    with portal.database.reading() as session:
        file = session.get_one(Application, made)
        assert applications.answers(session, file)["recognised"] == ["dibao"]
