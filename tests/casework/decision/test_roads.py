"""The whole road of each program by the verbs the desk uses: from 受理 to the letter."""

import pytest

from portal.casework import events
from portal.casework.decision import letters
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.casework.decision.offices import on_the_road


@pytest.mark.parametrize("program_id", ["dibao", "tekun", "dibian", "gangxing"])
def test_from_acceptance_to_the_letter(offices, program_id):
    file_id = on_the_road(offices, program_id, "granted")
    with offices.portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        kinds = [event.kind for event in events.of(session, file)]
        assert file.status == Status.APPROVED
        posted = program_id in ("dibao", "tekun")
        assert kinds[kinds.index("first_review"):] == [
            "first_review", "first_reviewed",
            *(["public_notice", "notice_over"] if posted else []), "county_review", "approved",
        ]  # fmt: skip
        (decision,) = letters.of(session, file)
        paper = letters.body(session, file, decision)["paper"]
        assert paper["number"] == "安化县救助〔2026〕1号"
        assert paper["office"] == "安化县民政局"
        assert ("每月770元" in paper["decision"]) == (program_id == "dibao"), paper["decision"]
        assert letters.render(session, file, decision).startswith(b"%PDF")
