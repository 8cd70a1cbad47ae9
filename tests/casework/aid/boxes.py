"""Townships with a cash box, and people in an emergency, in a few lines."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework.aid import ledger, supply
from portal.casework.aid.tables import PettyFund
from portal.filing.tables import Application
from portal.handover import urgent
from portal.people.access import Actor, Role
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

TOWNSHIP, NEIGHBOUR, COUNTY = files.TOWNSHIP, files.NEIGHBOUR, files.COUNTY
CHUXIONG = "532301101"
"""楚雄市鹿城镇: 楚雄州 has published its own deadlines."""
YUNNAN = "530113102"
"""东川区汤丹镇: Yunnan has published no ceiling of a township and none of its box."""
CALL = {"place": {"code": TOWNSHIP, "address": "河边桥下"}, "found_by": "桥下，找老王",
        "happened": "房子烧了，没地方住。", "needs": ["shelter"]}  # fmt: skip


def clerk(region: str = TOWNSHIP, *, number: int = 1) -> Actor:
    return Actor(Role.TOWNSHIP_CLERK, UUID(int=number), region, "李主任")


def county(region: str = COUNTY, *, number: int = 9) -> Actor:
    return Actor(Role.COUNTY_CONFIRMER, UUID(int=number), region, "老彭")


def box(
    portal: Portal, session: Session, amount: int = 500_000, *, region: str = TOWNSHIP,
    now: datetime = NOW,
) -> PettyFund:  # fmt: skip
    """A box with so much in it, asked for by the township and confirmed by the county."""
    fund = ledger.found(session, region, actor=clerk(region), now=now)
    request = supply.ask(
        session, fund, portal.catalogue, "opening", amount, "开账", actor=clerk(region), now=now
    )
    confirmer = county(region[:6])
    supply.grant(session, fund, request.id, portal.catalogue, actor=confirmer, now=now)
    return fund


def called(portal: Portal, *, region: str = TOWNSHIP, account: UUID | None = None) -> UUID:
    """Somebody pressed 「我现在就需要帮助」; it lies in the township's queue."""
    program = portal.catalogue.find("linshi")
    wanted = CALL | {"place": {"code": region, "address": "河边桥下"}}
    with portal.database.writing() as session:
        answers = urgent.answers(program, wanted)
        made, _receipt = urgent.ask(session, program, answers, account_id=account, now=NOW)
        file_id = made.id
    cases.deliver(portal)
    return file_id


def file_of(session: Session, file_id: UUID) -> Application:
    return session.get_one(Application, file_id)
