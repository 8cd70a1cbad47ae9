"""What the desk's payment page and its JSON share: a bank's file, tried or taken in."""

from collections.abc import Sequence

from sqlalchemy import select

from api import desk_reading, sheets
from api.context import actor, now, portal, session
from portal.casework import copying
from portal.casework.payment import importing, unpaid
from portal.casework.payment.importing import Plan
from portal.casework.payment.tables import PaymentFile
from portal.casework.payment.unpaid import Unpaid

MOST_SHOWN = 200
"""Faults on a page; a file with more is wrong as a whole."""
_ABOUT = "银行文件里查出的问题，改完请删除。"


def take_in(*, dry_run: bool) -> Plan:
    """The file of this request. Nothing is written for a dry run, or with a single fault.

    Raises Forbidden, Invalid (file).
    """
    importing.check_importer(actor())
    with sheets.uploaded() as file, portal().database.reading() as short, sheets.readable():
        made = importing.plan(short, file, actor().region_code, now=now())
    if not made.faults and not dry_run:
        importing.carry_out(session(), made, actor=str(actor()), now=now())
    return made


def files() -> list[PaymentFile]:
    """Of the own county, newest first. Raises Forbidden."""
    importing.check_importer(actor())
    rows = select(PaymentFile).where(PaymentFile.region_code == actor().region_code)
    return list(session().scalars(rows.order_by(PaymentFile.imported_at.desc()).limit(24)))


def not_paid() -> Sequence[Unpaid]:
    """Of the own county. Raises Forbidden."""
    importing.check_importer(actor())
    return unpaid.of(session(), actor().region_code)


def as_csv(made: Plan) -> bytes:
    """Every line in the way, and every line to look at again; opens in a Chinese spreadsheet."""
    groups = (("要改", made.faults), ("没发成", made.unpaid), ("请再看看", made.warnings))
    lines = [[str(one.line), what, one.words] for what, some in groups for one in some]
    return copying.as_csv([["行", "是什么", "说明"], *lines], desk_reading.mark(), about=_ABOUT)
