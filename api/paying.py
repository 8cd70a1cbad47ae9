"""What the desk's payment page and its JSON share: a bank's file, tried or taken in."""

from sqlalchemy import select

from api import sheets
from api.context import actor, now, portal, session
from portal.casework.payment import importing
from portal.casework.payment.importing import Plan
from portal.casework.payment.tables import PaymentFile

MOST_SHOWN = 200
"""Faults on a page; a file with more is wrong as a whole."""


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
