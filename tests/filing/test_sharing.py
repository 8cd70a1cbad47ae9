"""One household, several files: said once, known in all that are open, never in what is handed in."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.assembly import Portal
from portal.filing import applications, family, sharing, walk
from portal.filing.tables import Application
from portal.foundation.errors import Conflict
from portal.people import households
from portal.policy import loader
from portal.policy.lifecycle import Status
from tests.conftest import NOW
from tests.filing.households import begin, home_of, household, say
from tests.handover import files

CATALOGUE = loader.load()
COMBINED = [p for p in CATALOGUE.programs.values() if p.has_form and not p.travels_alone]
CHILD = {"row": "r1", "name": "小雨", "relation": "minor_child", "work": "student"}


def answers(portal: Portal, file: UUID) -> dict[str, object]:
    with portal.database.reading() as session:
        return applications.answers(session, session.get_one(Application, file))


def carried(portal: Portal, file: UUID) -> set[str]:
    with portal.database.reading() as session:
        kept = applications.kept_answers(session, session.get_one(Application, file))
        return {name for name, answer in kept.items() if answer.carried}


def put(portal: Portal, file: UUID, status: Status) -> None:
    with portal.database.writing() as session:
        session.get_one(Application, file).status = status


def test_said_in_one_draft_it_is_known_in_the_others(portal: Portal) -> None:
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    say(portal, dibao, files.LEAST | {"income_wage": 0})
    assert answers(portal, yiliao) == {
        name: files.LEAST[name] for name in ("applicant_name", "phone", "household_place")
    }
    say(portal, yiliao, {"phone": "13900000001"})
    assert answers(portal, dibao)["phone"] == "13900000001"


def test_what_is_handed_in_never_changes(portal: Portal) -> None:
    _home, dibao, yiliao = household(portal, "dibao", "yiliao")
    say(portal, dibao, files.LEAST)
    files.submit(portal, dibao)
    say(portal, yiliao, {"phone": "13900000001"})
    assert answers(portal, dibao)["phone"] == files.LEAST["phone"]


def test_a_list_of_people_fits_the_form_that_asks_less_of_each(portal: Portal) -> None:
    _home, dibao, linshi = household(portal, "dibao", "linshi")
    say(portal, dibao, {"members": [CHILD]})
    less = {name: CHILD[name] for name in ("row", "name", "relation")}
    assert answers(portal, linshi)["members"] == [less]
    other = {"row": "r2", "name": "奶奶", "relation": "parent"}
    say(portal, linshi, {"members": [less | {"name": "小小雨"}, other]})
    assert answers(portal, dibao)["members"] == [CHILD | {"name": "小小雨"}, other]


def test_agreed_to_file_by_file_and_once_is_once(portal: Portal) -> None:
    """A consent and what happened this time go nowhere by themselves."""
    home, linshi = household(portal, "linshi")
    say(
        portal,
        linshi,
        {"declares_true": True, "what_happened": "房子烧了。", "phone": "13900000001"},
    )
    with portal.database.writing() as session:
        found, actor = home_of(session, home)
        shouzai = begin(portal, session, found, "shouzai", actor).id
    assert answers(portal, shouzai) == {"phone": "13900000001"}


def test_next_year_it_is_offered_again_until_somebody_has_looked(portal: Portal) -> None:
    home, dibao = household(portal, "dibao")
    say(portal, dibao, files.LEAST | {"declares_true": True})
    put(portal, dibao, Status.STOPPED)
    with portal.database.writing() as session:
        found, actor = home_of(session, home)
        again = begin(portal, session, found, "dibao", actor).id
    assert answers(portal, again) == files.LEAST
    assert carried(portal, again) == set(files.LEAST)
    say(portal, again, {"phone": files.LEAST["phone"]})
    assert carried(portal, again) == set(files.LEAST) - {"phone"}
    say(portal, again, {"phone": "13900000001", "reason": ["illness"]})
    with portal.database.reading() as session:
        found, _actor = home_of(session, home)
        facts = households.facts(session, found)
        assert households.latest(facts, "phone") == "13900000001"
        assert households.called(session, found) == files.LEAST["applicant_name"]


def test_a_question_that_changed_is_asked_again(portal: Portal) -> None:
    home, dibao = household(portal, "dibao")
    say(portal, dibao, {"phone": "13900000001"})
    with portal.database.writing() as session:
        found, _actor = home_of(session, home)
        (fact,) = households.facts(session, found).values()
        households._write(session, found, {("phone", "of another wording"): fact})
        owner = files.owner(session.get_one(Application, dibao))
        new = begin(portal, session, found, "yiliao", owner)
        assert "phone" not in applications.answers(session, new)


def test_another_household_of_the_same_account_is_offered_nothing(portal: Portal) -> None:
    _home, dibao = household(portal, "dibao")
    say(portal, dibao, files.LEAST)
    _other, theirs = household(portal, "yiliao")
    assert answers(portal, theirs) == {}
    say(portal, theirs, {"phone": "13900000001"})
    assert answers(portal, dibao)["phone"] == files.LEAST["phone"]


def test_a_status_once_granted_is_not_asked_again(portal: Portal) -> None:
    """社会救助法 第42条."""
    home, dibao = household(portal, "dibao")
    say(portal, dibao, files.LEAST)
    put(portal, dibao, Status.PAYING)
    with portal.database.writing() as session:
        found, actor = home_of(session, home)
        yiliao = begin(portal, session, found, "yiliao", actor)
        assert applications.answers(session, yiliao)["recognised"] == ["dibao"]
        granted = family.recognised(session, found)
    asked = walk.pages([portal.catalogue.find("yiliao")], known=["recognised"] if granted else [])
    assert "recognised" not in {name for page in asked for name in page.asks}


def test_a_page_is_saved_to_every_draft_and_a_change_elsewhere_is_seen(portal: Portal) -> None:
    home, dibao, yiliao = household(portal, "dibao", "yiliao")
    programs = [portal.catalogue.find(p) for p in ("dibao", "yiliao")]
    page = next(p for p in walk.pages(programs) if p.key == "contact")

    def save(phone: str, *, since: int, at: int) -> int:
        with portal.database.writing() as session:
            found, actor = home_of(session, home)
            sharing.save_page(
                session, found, portal.catalogue, page, {"phone": phone, "found_by": None},
                since=since, actor=actor, now=NOW + timedelta(minutes=at),
            )  # fmt: skip
            drafts = family.drafts(session, found, portal.catalogue, actor=actor)
            return family.moment(drafts)

    first = save("13900000001", since=0, at=1)
    assert answers(portal, dibao)["phone"] == answers(portal, yiliao)["phone"] == "13900000001"
    second = save("13900000002", since=first, at=2)
    with pytest.raises(Conflict) as refused:
        save("13900000003", since=first, at=3)
    assert list(refused.value.fields) == ["phone"]
    assert answers(portal, yiliao)["phone"] == "13900000002"
    assert save("13900000003", since=second, at=4) > second


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sets(st.sampled_from([p.id for p in COMBINED]), min_size=1))
def test_each_question_stands_once_and_every_form_is_asked_whole(chosen: set[str]) -> None:
    programs = [CATALOGUE.find(p) for p in sorted(chosen)]
    pages = walk.pages(programs)
    assert len({page.key for page in pages}) == len(pages)
    for program in programs:
        asked = [n for page in pages for n, who in page.asks.items() if program.id in who]
        assert sorted(asked) == sorted(f.name for f in program.form.fields)
    seen = [(f.name, f.digest) for page in pages for f in page.fields]
    assert len(set(seen)) == len(seen)
    for page in pages:
        assert len({f.name for f in page.fields}) == len(page.fields)


@pytest.mark.parametrize("program", COMBINED, ids=lambda p: p.id)
def test_a_walk_through_one_form_is_that_form(program) -> None:
    assert [p.key for p in walk.pages([program])] == [s.key for s in program.form.steps]
    assert [f for p in walk.pages([program]) for f in p.fields] == list(program.form.fields)


def test_charity_is_never_walked_along(portal: Portal) -> None:
    """It goes to others than offices: by itself, with its own consent (社会救助法 第57条)."""
    home, dibao, cishan = household(portal, "dibao", "cishan")
    say(portal, dibao, files.LEAST)
    with portal.database.reading() as session:
        found, actor = home_of(session, home)
        drafts = family.drafts(session, found, portal.catalogue, actor=actor)
        assert [one.id for one in drafts] == [dibao]
        charity = session.get_one(Application, cishan)
        assert family.siblings(session, charity, portal.catalogue, actor=actor) == []
    assert answers(portal, cishan) == {}
