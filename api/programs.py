"""/api/programs: what help exists, its form, and what is paid in a place. Public."""

from typing import Any

from flask_smorest import Blueprint

from api.context import now, portal, session
from api.program_schemas import ProgramSchema, WhereSchema, WholeProgramSchema
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid, NotFound
from portal.policy import amounts, regions
from portal.policy.catalogue import Program

blp = Blueprint("programs", __name__, url_prefix="/api/programs", description="救助项目")


@blp.get("")
@blp.arguments(WhereSchema, location="query")
@blp.response(200, ProgramSchema(many=True))
def programs(where: dict[str, str]) -> list[dict[str, Any]]:
    """All programs; with `region`, what is paid there."""
    path = _path(where["region"])
    return [_shown(program, path) for program in portal().catalogue.programs.values()]


@blp.get("/<string:program_id>")
@blp.arguments(WhereSchema, location="query")
@blp.response(200, WholeProgramSchema)
def program(where: dict[str, str], program_id: str) -> dict[str, Any]:
    """One program whole: form, documents, deadlines and amounts in force, each with its source."""
    path = _path(where["region"])
    return _shown(portal().catalogue.at(program_id, path), path)


def _path(code: str) -> str:
    """The region's path, "" for none. Raises Invalid for an unknown one."""
    try:
        return regions.path(session(), code) if code else ""
    except NotFound as fault:
        raise Invalid("没有这个地方。请重新选择。", fields={"region": ["请重新选择。"]}) from fault


def _shown(program: Program, path: str) -> dict[str, Any]:
    on = local_date(now())
    found = amounts.in_force(portal().catalogue, program.id, path, on=on)
    here = {"", *path.split("/")}
    return {
        **vars(program),
        "has_form": program.has_form,
        "travels_alone": program.travels_alone,
        "amounts": [{**vars(a), "words": amounts.words(a, on=on)} for a in found],
        "deadlines": [d for d in program.deadlines if d.region in here],
    }
