"""Guides to print: a sheet, the pocket book, a village poster. Public, the same for everybody."""

from hashlib import sha256

from flask import Blueprint, Response, request

from api.context import now, portal, session
from portal.contact import wechat_codes
from portal.foundation.clock import local_date
from portal.policy import printing
from portal.policy.printing import Where

pages = Blueprint("papers", __name__)

_HOUR = 3600


@pages.get("/guide/<program_id>/print.pdf")
def sheet(program_id: str) -> Response:
    program = portal().catalogue.find(program_id)
    return _pdf(printing.sheet(portal().catalogue, program, _where()), program.id)


@pages.get("/guide/pocket-book.pdf")
def pocket_book() -> Response:
    return _pdf(printing.pocket_book(portal().catalogue, _where()), "pocket-book")


@pages.get("/guide/poster.pdf")
def poster() -> Response:
    """`paper` a4 or a3."""
    paper = request.args.get("paper", "")
    paper = paper if paper in printing.PAPERS else printing.PAPERS[0]
    where, here = _where(), portal()
    told = wechat_codes.scene(where.code)
    mini = wechat_codes.picture(here.wechat, here.database, told, now=now())
    data = printing.poster(here.catalogue, where, paper=paper, mini=mini)
    return _pdf(data, f"poster-{paper}")


def _where() -> Where:
    """Raises NotFound for an unknown region."""
    code = request.args.get("region", "")
    return printing.about(session(), code, url=portal().settings.public_url, on=local_date(now()))


def _pdf(data: bytes, name: str) -> Response:
    answer = Response(data, content_type="application/pdf")
    answer.headers["Cache-Control"] = f"public, max-age={_HOUR}"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.set_etag(sha256(data).hexdigest()[:32])
    return answer.make_conditional(request)  # type: ignore[return-value]
