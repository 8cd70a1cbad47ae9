"""The table of the lifecycle: a line a move, each with party, deadline and source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.foundation.errors import Conflict
from portal.policy import lifecycle, loader
from portal.policy.lifecycle import (
    FINAL,
    KINDS,
    LEADS,
    MACHINES,
    MOVES,
    NOTES,
    LeadStatus,
    Party,
    Status,
    check_move,
    moves_of,
)
from portal.policy.reading import WrongProgram

PAUSES = {Status.RETURNED}
"""The applicant's turn: only before 受理, where the law counts nothing."""


def test_every_line_says_where_it_stands():
    for line in (*MOVES, *NOTES.values(), *LEADS):
        assert line.source.document
        older = "社会救助法" not in line.source.document
        said = line.source.note
        assert not older or any(word in said for word in ("待核", "以社会救助法为准"))
        assert older or line.source.article, "the Law by its article"


@pytest.mark.parametrize("machine", MACHINES)
def test_every_status_is_reached_and_leads_to_an_end(machine):
    moves = moves_of(machine)
    inside = {m.before for m in moves} | {m.after for m in moves}
    assert _reached(moves, {Status.DRAFT}) == inside
    for status in inside:
        assert _reached(moves, {status}) & FINAL, f"{status} has no way out"
    assert not [m for m in moves if m.before in FINAL]


def _reached(moves, start):
    found = set(start)
    while more := {m.after for m in moves if m.before in found} - found:
        found |= more
    return found


def test_all_statuses_have_a_machine():
    assert {s for m in MOVES for s in (m.before, m.after)} == set(Status)


def test_after_acceptance_nothing_goes_back_to_the_applicant():
    after = _reached(MOVES, {Status.ACCEPTED})
    assert not after & PAUSES
    assert [m.before for m in MOVES if m.after in PAUSES] == [Status.SUBMITTED] * len(MACHINES)


def test_only_the_county_decides_and_only_the_township_accepts():
    decided = {
        m.party for m in MOVES if m.after in (Status.APPROVED, Status.DENIED, Status.STOPPED)
    }
    assert decided == {Party.COUNTY}
    front = {m.party for m in MOVES if m.after in (Status.ACCEPTED, Status.NOT_ACCEPTED)
             and m.before is Status.SUBMITTED}  # fmt: skip
    assert front == {Party.TOWNSHIP}
    assert not [m for m in MOVES if m.party is Party.PORTAL], "the portal never moves a case"


def test_each_program_goes_the_road_of_its_kind():
    roads = {p.id: p.machine for p in loader.load().programs.values()}
    assert {i for i, road in roads.items() if road == "standard"} == {
        "dibao", "tekun", "dibian", "gangxing",
    }  # fmt: skip
    assert {i for i, road in roads.items() if road == "emergency"} == {"linshi"}
    assert len(roads) == 13


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(list(Party))), max_size=40),
       st.sampled_from(MACHINES))  # fmt: skip
def test_whatever_is_tried_only_listed_moves_happen(tries, machine):
    listed = {(m.before, m.after, m.party) for m in moves_of(machine)}
    status = Status.SUBMITTED
    for kind, party in tries:
        after = KINDS[kind]
        if after is None:
            continue
        try:
            check_move(status, after, party, machine=machine, kind=kind)
        except Conflict:
            continue
        assert status not in FINAL
        assert (status, after, party) in listed
        status = after


def test_leads_end_where_somebody_was_helped_or_told():
    inside = _reached(LEADS, {LeadStatus.REPORTED})
    assert inside == set(LeadStatus)
    assert {line.party for line in LEADS} == {Party.TOWNSHIP}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("before: draft, after: submitted", "before: dreaming, after: submitted", "none of"),
        ("party: applicant, kinds: []", "party: neighbour, kinds: []", "none of"),
        ("roads: [standard, emergency, referral]", "roads: [scenic]", "is no machine"),
        ("source: {of: law, article: 第37条}", "source: {of: hearsay}", "none of"),
        ("parties: [township], at: open", "parties: [cook], at: open", "none of"),
        ("kind: near_kin, parties", "kind: accepted, parties", "leads to two things"),
    ],
)
def test_a_faulty_table_stops_the_start(tmp_path, old, new, reason):
    text = lifecycle.FILE.read_text("utf-8")
    assert old in text
    spoilt = tmp_path / "lifecycle.yaml"
    spoilt.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WrongProgram, match=reason):
        lifecycle.read(spoilt)
