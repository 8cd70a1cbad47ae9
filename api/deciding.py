"""What the desk's pages and its JSON share: one act each over the verbs of the decision room."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response

from api import desk_reading
from api.context import actor, now, portal, session
from portal.casework.decision import aborting, adjusting, confirming, letters, panel, review
from portal.casework.decision.tables import Decision
from portal.filing.tables import Application
from portal.foundation.errors import Invalid
from portal.policy.catalogue import Program


def read(application_id: UUID) -> dict[str, Any] | None:
    """The panel; recorded before it is shown."""
    desk_reading.note("read.file", application_id)
    return at_desk(desk_reading.opened(application_id))


def at_desk(application: Application) -> dict[str, Any] | None:
    return panel.at_desk(
        session(), application, _program(application), portal().catalogue, actor=actor(),
        now=now(),
    )  # fmt: skip


def give_opinion(application: Application, wanted: Mapping[str, Any]) -> Application:
    review.give_opinion(
        session(), application, _program(application), portal().catalogue, wanted,
        actor=actor(), now=now(),
    )  # fmt: skip
    return application


def decide(application: Application, wanted: Mapping[str, Any]) -> Application:
    """approved · denied · returned · aborted."""
    catalogue = portal().catalogue
    if wanted["kind"] == "returned":
        confirming.give_back(
            session(), application, catalogue, wanted["sentence"], actor=actor(), now=now()
        )
        return application
    if wanted["kind"] == "aborted":
        aborting.abort(
            session(), application, _program(application), catalogue, wanted["sentence"],
            actor=actor(), now=now(),
        )  # fmt: skip
        return application
    _check_kind(wanted["kind"], _DECIDE)
    verb = _DECIDE[wanted["kind"]]
    verb(session(), application, _program(application), catalogue, wanted, actor=actor(), now=now())
    return application


def adjust(application: Application, wanted: Mapping[str, Any]) -> Application:
    """kept · reduced · stopped · graduating."""
    _check_kind(wanted["kind"], _ADJUST)
    _ADJUST[wanted["kind"]](application, wanted)
    return application


def decisions(application: Application) -> list[Decision]:
    return list(letters.of(session(), application))


def letter_for_desk(application_id: UUID, decision_id: UUID) -> Response:
    """No watermark: this is the paper that is delivered. Recorded before it is shown."""
    desk_reading.note("read.letter", application_id, decision=str(decision_id))
    return letter(desk_reading.opened(application_id), decision_id)


def letter(application: Application, decision_id: UUID) -> Response:
    found = letters.find(session(), application, decision_id)
    pdf = letters.render(session(), application, found)
    return desk_reading.as_file(pdf, "application/pdf", f"letter-{found.serial}.pdf")


def deliver(application: Application, decision_id: UUID, said: Mapping[str, Any]) -> Application:
    letters.deliver(
        session(), application, decision_id, said["how"], said["day"], said["sentence"],
        actor=actor(), now=now(),
    )  # fmt: skip
    return application


def _keep(application: Application, wanted: Mapping[str, Any]) -> None:
    adjusting.keep(
        session(), application, portal().catalogue, amount=wanted["amount"],
        sentence=wanted["sentence"], actor=actor(), now=now(),
    )  # fmt: skip


def _graduate(application: Application, wanted: Mapping[str, Any]) -> None:
    adjusting.graduate(
        session(), application, _program(application), portal().catalogue,
        until=wanted["until"], sentence=wanted["sentence"], law=wanted["law"], actor=actor(),
        now=now(),
    )  # fmt: skip


def _reduce(application: Application, wanted: Mapping[str, Any]) -> None:
    adjusting.reduce(
        session(), application, _program(application), portal().catalogue, wanted,
        actor=actor(), now=now(),
    )  # fmt: skip


def _stop(application: Application, wanted: Mapping[str, Any]) -> None:
    adjusting.stop(
        session(), application, _program(application), portal().catalogue, wanted,
        actor=actor(), now=now(),
    )  # fmt: skip


def _program(application: Application) -> Program:
    return portal().catalogue.find(application.program_id)


def _check_kind(kind: str, known: Mapping[str, Any]) -> None:
    """A form without its act decides nothing. Raises Invalid."""
    if kind not in known:
        raise Invalid("请选怎么办。", fields={"kind": ["请选怎么办。"]})


_DECIDE = {"approved": confirming.approve, "denied": confirming.deny}
_ADJUST: Mapping[str, Callable[[Application, Mapping[str, Any]], None]] = {
    "kept": _keep,
    "graduating": _graduate,
    "reduced": _reduce,
    "stopped": _stop,
}
