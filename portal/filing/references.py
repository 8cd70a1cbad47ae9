"""Reference numbers 申请编号: ten digits people can say over the phone."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing.tables import Application


def free(session: Session) -> str:
    """One nobody has; its last digit checks the others (Luhn)."""
    while True:
        body = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(8))
        number = body + _luhn(body)
        taken = select(Application.id).where(Application.reference_no == number)
        if session.scalars(taken).first() is None:
            return number


def _luhn(body: str) -> str:
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
