"""What the desk's page of figures and its JSON share."""

from flask import Response

from api.context import actor, now, portal, session
from api.desk_reading import mark
from portal.casework.figures import reading
from portal.casework.figures.reading import Asked, Board

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def board(asked: Asked) -> Board:
    return reading.read(session(), portal().catalogue, asked, actor=actor(), now=now())


def sheet(asked: Asked) -> Response:
    """Recorded and committed before it is sent."""
    found = board(asked)
    with portal().database.writing() as short:
        lines = reading.table(short, found, asked, actor=actor(), now=now())
    answer = Response(reading.as_xlsx(lines, mark()), content_type=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="figures.xlsx"'
    return answer
