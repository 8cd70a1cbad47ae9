"""Answers: kept per field, merged between hands, refused in words."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.filing import applications, forms, values
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.foundation.vault import Unreadable
from portal.people import sign_in
from portal.people.access import Actor, Role
from portal.policy.catalogue import KINDS, Field, Option, Program
from tests.conftest import NOW


@pytest.fixture
def session(portal: Portal) -> Iterator[Session]:
    with portal.database.writing() as open_session:
        yield open_session


@pytest.fixture
def actor(session: Session) -> Actor:
    account = sign_in.open_account(session, "13812345678", now=NOW)
    return Actor(Role.APPLICANT, account.id)


@pytest.fixture
def program(portal: Portal) -> Program:
    return portal.catalogue.find("dibao")


@pytest.fixture
def application(session: Session, program: Program, actor: Actor) -> Application:
    return applications.start(session, program, account_id=actor.id, actor=actor, now=NOW)


def save(
    session: Session,
    application: Application,
    program: Program,
    actor: Actor,
    revision: int,
    **changes: Any,
) -> int:
    return applications.save_answers(
        session, application, program, changes, revision=revision, actor=actor, now=NOW
    )


def test_answers_come_back_as_saved(session, application, program, actor) -> None:
    assert (
        save(session, application, program, actor, 0, applicant_name=" 王秀英 ", income_wage=120000)
        == 1
    )
    assert applications.answers(session, application) == {
        "applicant_name": "王秀英",
        "income_wage": 120000,
    }


def test_different_fields_merge(session, application, program, actor) -> None:
    save(session, application, program, actor, 0, applicant_name="王秀英")
    assert save(session, application, program, actor, 0, reason_words="摔了一跤") == 2
    assert set(applications.answers(session, application)) == {"applicant_name", "reason_words"}


def test_same_field_changed_elsewhere_is_refused_whole(
    session, application, program, actor
) -> None:
    save(session, application, program, actor, 0, applicant_name="王秀英")
    with pytest.raises(Conflict) as refusal:
        save(session, application, program, actor, 0, applicant_name="王秀莲", reason_words="病了")
    assert list(refusal.value.fields) == ["applicant_name"]
    assert applications.answers(session, application) == {"applicant_name": "王秀英"}


def test_same_value_from_two_hands_is_no_conflict(session, application, program, actor) -> None:
    save(session, application, program, actor, 0, applicant_name="王秀英")
    assert save(session, application, program, actor, 0, applicant_name="王秀英") == 1


def test_emptied_answer_is_gone_and_missed(session, application, program, actor) -> None:
    save(session, application, program, actor, 0, applicant_name="王秀英")
    save(session, application, program, actor, 1, applicant_name=None)
    assert applications.answers(session, application) == {}
    assert "applicant_name" in forms.missing(program.form, {})


def test_only_four_things_are_indispensable(program) -> None:
    assert set(forms.missing(program.form, {})) == {
        "applicant_name",
        "phone",
        "household_place",
        "reason",
    }
    without_phone = {"applicant_name": "王秀英", "found_by": "村口小店", "reason_words": "病了"}
    assert set(forms.missing(program.form, without_phone)) == {"household_place"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("applicant_id_number", "430923190001010011"),
        ("phone", "12345"),
        ("income_wage", -1),
        ("income_wage", True),
        ("income_wage", "约1000"),
        ("income_wage", 10**12),
        ("apply_type", "both"),
        ("reason", ["hunger"]),
        ("reason", {"a": 1}),
        ("members", [{"row": "r0", "income": 1}]),
        ("members", [{"row": "r0", "birth_date": "2026-02-30"}]),
        ("members", [{"row": "../x"}]),
        ("members", [{"row": "a", "name": "甲"}, {"row": "a", "name": "乙"}]),
        ("members", [{"row": f"r{n}", "name": "甲"} for n in range(31)]),
        ("household_place", {"code": "430902999"}),
        ("household_place", {"code": "43"}),
        ("household_place", "长沙"),
        ("household_place", {"code": "430000", "extra": "x"}),
        ("declares_true", "yes"),
        ("lives_elsewhere", "是"),
        ("reason_words", 7),
        ("reason_words", "长" * 1001),
        ("no_such_field", "x"),
    ],
)
def test_wrong_answer_gets_a_sentence_and_keeps_the_rest(
    session, application, program, actor, name, value
) -> None:
    save(session, application, program, actor, 0, applicant_name="王秀英")
    with pytest.raises(Invalid) as refusal:
        save(session, application, program, actor, 1, **{name: value})
    assert any(field.split(".")[0] == name for field in refusal.value.fields)
    assert all(text and len(text) < 40 for texts in refusal.value.fields.values() for text in texts)
    assert applications.answers(session, application) == {"applicant_name": "王秀英"}


def test_strangers_and_unknown_files_look_the_same(session, application) -> None:
    stranger = Actor(Role.APPLICANT, uuid4())
    with pytest.raises(NotFound) as theirs:
        applications.find(session, application.id, actor=stranger)
    with pytest.raises(NotFound) as unknown:
        applications.find(session, uuid4(), actor=stranger)
    assert theirs.value.message == unknown.value.message


def test_discarded_draft_cannot_be_read_again(session, application, program, actor) -> None:
    save(session, application, program, actor, 0, applicant_name="王秀英")
    applications.discard(session, application, actor=actor, now=NOW)
    with pytest.raises(Unreadable):
        applications.answers(session, application)


def test_reference_numbers_check_themselves(session, program, actor) -> None:
    number = applications.start(
        session, program, account_id=None, actor=actor, now=NOW
    ).reference_no
    assert len(number) == 10
    digits = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number))]
    assert sum(d - 9 if d > 9 else d for d in digits) % 10 == 0


def test_place_decides_the_township(session, application, program, actor) -> None:
    place = {"code": "430923103", "address": "大桥村"}
    save(session, application, program, actor, 0, household_place=place)
    assert application.region_code == "430923103"
    assert application.region_path == "430000/430900/430923/430923103"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(KINDS), value=_ANY)
def test_any_answer_is_cleaned_or_refused(kind: str, value: object) -> None:
    inner = Field("age", "count", "几岁")
    field = Field("x", kind, "问", options=(Option("a", "甲"),), fields=(inner,))
    try:
        cleaned = values.clean(field, value)
    except Invalid:
        return
    assert values.clean(field, cleaned) == cleaned
