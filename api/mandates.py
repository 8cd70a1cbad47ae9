"""/api/mandates: who helps whom; given, confirmed, taken back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api import applications as api
from api import callers, sealed, shown_words
from api.context import actor, now, portal, reader, session
from api.idempotent import once
from api.schemas import ApplicationSchema, Strict
from portal.filing import helping, telling, village_help
from portal.foundation.errors import Invalid
from portal.people import appointments, audio_check, households, mandate_basis, mandates
from portal.people.access import Act
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import KINDS, Said
from portal.people.tables import Account

blp = Blueprint("mandates", __name__, url_prefix="/api/mandates", description="委托")

_SHORT = validate.Length(max=64)
_SAID = ("person", "phone", "relation", "role", "helper", "why")


class MandateInSchema(Strict):
    """To help somebody: `person`, their own `phone` if there is one, `helper` (your name).
    To be helped: your `household_id` and the `helper_phone` as well."""

    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    person = fields.String(required=True, validate=_SHORT)
    helper = fields.String(required=True, validate=_SHORT)
    phone = fields.String(load_default="", validate=_SHORT)
    relation = fields.String(load_default="", validate=_SHORT)
    role = fields.String(load_default="", validate=_SHORT)
    why = fields.String(load_default="", validate=_SHORT)
    programs = fields.List(fields.String(validate=_SHORT), load_default=list)
    acts = fields.List(
        fields.String(validate=validate.OneOf(list(Act))), load_default=lambda: list(Act)
    )
    household_id = fields.UUID()
    helper_phone = fields.String(validate=_SHORT)


class MandateSchema(Schema):
    id = fields.UUID()
    household_id = fields.UUID()
    kind = fields.String()
    person = fields.String(metadata={"description": "who is helped"})
    helper = fields.String(metadata={"description": "who helps"})
    programs = fields.List(fields.String(), metadata={"description": "empty: every program"})
    acts = fields.List(fields.String())
    basis = fields.String(allow_none=True, metadata={"description": "null: still to be signed"})
    over = fields.Boolean(metadata={"description": "revoked, or ended with its cases"})
    told = fields.Boolean(metadata={"description": "the person was told by text"})
    started_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)
    applications = fields.List(fields.Nested(ApplicationSchema))


class MandatesSchema(Schema):
    roster = fields.Boolean(metadata={"description": "appointed to a village: GET /api/roster"})
    helping = fields.List(fields.Nested(MandateSchema))
    helped = fields.List(
        fields.Nested(MandateSchema),
        metadata={"description": "of the own households; also old ones"},
    )


class WitnessSchema(Strict):
    name = fields.String(required=True, validate=_SHORT)
    relation = fields.String(load_default="", validate=_SHORT)


class ConfirmationSchema(Strict):
    """screen needs strokes; witnesses needs two; code sends one to the person's own phone, and
    with `code` proves it. `purpose` payee: another payee account may be saved for ten minutes."""

    method = fields.String(required=True, validate=validate.OneOf(["screen", "code", "witnesses"]))
    purpose = fields.String(load_default="mandate", validate=validate.OneOf(["mandate", "payee"]))
    strokes = fields.List(fields.List(fields.List(fields.Integer(strict=True))))
    phone = fields.String(validate=_SHORT, metadata={"description": "the person's, named once"})
    code = fields.String(validate=_SHORT)
    witnesses = fields.List(fields.Nested(WitnessSchema))


class RevocationSchema(Strict):
    code = fields.String(required=True, validate=_SHORT)


class ClaimSchema(Strict):
    """The last six of the applicant's identity number, or the name where none is known."""

    proof = fields.String(required=True, validate=_SHORT)


@blp.post("")
@sealed.taken()
@shown_words.checked("helper", "relation")
@once
@blp.arguments(MandateInSchema)
@blp.response(201, MandateSchema)
def give(wanted: dict[str, Any]) -> dict[str, Any]:
    """Begin to help somebody (a new household of theirs), or name a helper of your own."""
    return shown(given(wanted))


@blp.get("")
@blp.response(200, MandatesSchema)
def both() -> dict[str, Any]:
    """Whom you help, and who helps you."""
    account = api.resident()
    return {
        "roster": appointments.is_assistant(session(), account.id, now=now()),
        "helping": [shown(m) for m in mandates.of_helper(session(), account)],
        "helped": [shown(m) for m in helped(account)],
    }


@blp.delete("/<uuid:mandate_id>")
@blp.response(204)
def end(mandate_id: UUID) -> None:
    """Over with the next request: by the person helped, or by the helper."""
    api.resident()
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    mandates.revoke(session(), mandate, actor=actor(), now=now())


@blp.post("/<uuid:mandate_id>/confirmations")
@blp.arguments(ConfirmationSchema)
@blp.response(200, MandateSchema)
def confirm(wanted: dict[str, Any], mandate_id: UUID) -> dict[str, Any]:
    """How the person says yes; none of it is ever demanded."""
    api.resident()
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    confirmed(mandate, wanted)
    return shown(mandate)


@blp.post("/<uuid:mandate_id>/recording")
@blp.response(201, MandateSchema)
def speak(mandate_id: UUID) -> dict[str, Any]:
    """multipart: audio, at most 2 MB, the person saying yes. Analysed by nobody."""
    return shown(recorded(mandate_id))


@blp.post("/<uuid:mandate_id>/claim")
@blp.arguments(ClaimSchema)
@blp.response(204)
def claim(wanted: dict[str, str], mandate_id: UUID) -> None:
    """The person helped comes with the number that was named: the household is theirs."""
    account = api.resident()
    mandate = offered(account, mandate_id)
    helping.claim(session(), account, mandate, wanted["proof"], actor=actor(), now=now())


@blp.post("/revocations")
@blp.arguments(RevocationSchema)
@blp.response(204)
def not_me(wanted: dict[str, str]) -> None:
    """「这不是我同意的」: with the code of a message or slip, without signing in."""
    mandates.not_me(session(), wanted["code"], network=callers.network(), now=now())


def given(wanted: dict[str, Any]) -> Mandate:
    """A mandate begun by a helper, or by the owner of a household for a helper."""
    account = api.resident()
    said = Said(**{name: wanted.get(name, "") for name in _SAID})
    scope = {"programs": known(wanted.get("programs", [])), "acts": wanted.get("acts", list(Act))}
    if "household_id" not in wanted:
        begun = helping.begin(
            session(), wanted["kind"], said, **scope, helper=account, actor=actor(), now=now()
        )
        village_help.put_on_roster(session(), begun, account, actor=actor(), now=now())
        return begun
    household = households.find(session(), wanted["household_id"], actor=actor(), now=now())
    if household.account_id != account.id:
        raise households.unknown()
    return helping.appoint(
        session(), household, wanted["kind"], said, **scope,
        helper_phone=wanted.get("helper_phone", ""), actor=actor(), now=now(),
    )  # fmt: skip


def confirmed(mandate: Mandate, wanted: dict[str, Any]) -> None:
    """One way of saying yes; raises Invalid when the way lacks what it needs."""
    by: dict[str, Any] = {"actor": actor(), "now": now()}
    if wanted["method"] == "screen":
        mandate_basis.on_screen(session(), mandate, wanted.get("strokes") or [], **by)
    elif wanted["method"] == "witnesses":
        mandate_basis.before_witnesses(session(), mandate, wanted.get("witnesses") or [], **by)
    else:
        _by_code(mandate, wanted, by)


def recorded(mandate_id: UUID) -> Mandate:
    """On disk first, then in the database."""
    api.resident()
    sent = request.files.get("audio")
    if sent is None:
        raise Invalid("没有收到录音。请再选一次。", fields={"audio": ["没有收到录音。"]})
    with sent.stream as stream:
        heard = audio_check.check(stream.read(audio_check.MOST_BYTES + 1))
    looked = mandates.find(reader(), mandate_id, actor=actor())
    blob = mandate_basis.seal_and_store(reader(), portal().blobs, looked, heard)
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    mandate_basis.aloud(session(), mandate, heard, blob, actor=actor(), now=now())
    return mandate


def offered(account: Account, mandate_id: UUID) -> Mandate:
    """Raises NotFound unless this account's own number was named in it."""
    for mandate in helping.offers(session(), account):
        if mandate.id == mandate_id:
            return mandate
    raise households.unknown()


def helped(account: Account) -> list[Mandate]:
    """Everybody who helps, or helped, a household of this account."""
    return [
        mandate
        for household in households.of_account(session(), account.id)
        for mandate in mandates.of_household(session(), household.id)
    ]


def shown(mandate: Mandate) -> dict[str, Any]:
    """As MandateSchema has it; a helper whose mandate is over sees half a name and no file."""
    said = mandates.details(session(), mandate)
    over = helping.over(session(), mandate, now=now())
    hide = over and mandate.helper_account_id == actor().id
    return {
        **{name: getattr(mandate, name) for name in ("id", "household_id", "kind", "programs",
           "acts", "basis", "started_at", "revoked_at")},
        "person": veiled(said.person) if hide else said.person,
        "helper": said.helper,
        "over": over,
        "told": mandate.told_at is not None,
        "applications": helping.visible(session(), mandate, now=now()),
    }  # fmt: skip


def veiled(name: str) -> str:
    """王**: enough for who knows it."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def known(programs: Sequence[str]) -> list[str]:
    """Raises NotFound for a program that is none."""
    return [portal().catalogue.find(name).id for name in programs]


def titles(mandate: Mandate) -> list[str]:
    """The programs it is about, as people call them; empty: all."""
    programs = portal().catalogue.programs
    return [programs[one].short for one in mandate.programs if one in programs]


def _by_code(mandate: Mandate, wanted: dict[str, Any], by: dict[str, Any]) -> None:
    if wanted.get("phone"):
        mandate_basis.name_phone(session(), mandate, wanted["phone"], **by)
    own = telling.way(session(), mandate)
    if own.refused:
        raise mandate_basis.helper_number()
    phone = own.phone.value if own.phone else ""
    if not wanted.get("code"):
        mandate_basis.request_code(
            session(), mandate, purpose=wanted["purpose"], phone=phone, device=callers.device(),
            network=callers.network(), now=now(),
        )  # fmt: skip
    elif wanted["purpose"] == "payee":
        mandate_basis.payee_by_code(session(), mandate, wanted["code"], phone=phone, **by)
    else:
        mandate_basis.by_code(session(), mandate, wanted["code"], phone=phone, **by)
