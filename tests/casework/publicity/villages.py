"""A village of the test township, and files posted in it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from portal.policy import regions
from portal.policy.catalogue import Deadline, Program, Source
from portal.policy.tables import Region
from tests.casework.decision import offices as making
from tests.casework.decision.offices import Offices
from tests.handover import files

VILLAGE = "430923121201"
ADDRESS = "河边最后一家十八号"


def village(offices: Offices) -> None:
    with offices.portal.database.writing() as session:
        if session.get(regions.Region, VILLAGE) is None:
            session.add(
                Region(code=VILLAGE, name="杨林村", level="village", parent_code=files.TOWNSHIP)
            )


def posted(offices: Offices, program_id: str = "dibao", **answers: Any) -> UUID:
    """A file whose 公示 hangs in the village from today."""
    village(offices)
    place = {"code": VILLAGE, "address": ADDRESS}
    file_id = making.on_the_road(
        offices, program_id, "opinion", **{"household_place": place, **answers}
    )
    offices.posted(file_id)
    return file_id


def with_period(offices: Offices, program_id: str, days: int) -> None:
    """As if the place had said how long a grant is made public."""
    catalogue = offices.portal.catalogue
    program = catalogue.find(program_id)
    offices.portal = replace(
        offices.portal,
        catalogue=replace(
            catalogue, programs={**catalogue.programs, program_id: _with(program, days)}
        ),
    )


def _with(program: Program, days: int) -> Program:
    rule = Deadline(
        step="publication", title="公布", kind="duration", days=days, unit="day", counted_from="approved",
        region=files.COUNTY, source=Source(document="县里的规定", date=str(date(2026, 7, 1))),
    )  # fmt: skip
    return replace(program, deadlines=(*program.deadlines, rule))
