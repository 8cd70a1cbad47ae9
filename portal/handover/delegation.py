"""The mandate as the dossier names it: who helped, on what ground, since when, what to ask."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import helping
from portal.foundation.blobs import Blobs
from portal.foundation.clock import spoken
from portal.foundation.errors import NotFound
from portal.people import mandate_basis, mandates
from portal.people.mandate_basis import BASES, UNSIGNED
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import FLAGS, KINDS, ROLES


def of(session: Session, mandate_id: UUID) -> dict[str, Any]:
    """As plain JSON values; `ask` are the questions for the visit. Nothing of other mandates."""
    mandate = session.get_one(Mandate, mandate_id)
    said = mandates.details(session, mandate)
    return {
        "id": str(mandate.id),
        "kind": mandate.kind,
        "kind_text": kind_text(mandate.kind, said.role),
        "relation": said.relation,
        "person": said.person,
        "helper": said.helper,
        "why": said.why,
        "basis": mandate.basis or "",
        "basis_text": BASES.get(mandate.basis or "", UNSIGNED),
        "basis_at": _stamp(mandate.basis_at),
        "since": _stamp(mandate.started_at),
        "programs": list(mandate.programs),
        "acts": list(mandate.acts),
        "text_version": mandate.text_version,
        "text_sha256": mandate.text_digest.hex(),
        "witnesses": mandate_basis.witnesses_of(session, mandate),
        "strokes": mandate_basis.strokes_of(session, mandate),
        "paper_id": str(mandate.paper_id) if mandate.paper_id else None,
        "proof_id": str(mandate.proof_id) if mandate.proof_id else None,
        "told": mandate.told_at is not None,
        "ask": [FLAGS[code] for code in helping.flags(mandate)],
    }


def kind_text(kind: str, role: str = "") -> str:
    """邻居、朋友; 主动帮助（村（组）干部）."""
    named = KINDS.get(kind, kind)
    return f"{named}（{KINDS[role]}）" if kind == "proactive" and role in ROLES else named


def rows(mandate: dict[str, Any] | None) -> list[list[str]]:
    """What stands of it on the printed form: [label, words]."""
    if mandate is None:
        return []
    who = mandate["helper"]
    relation = f"，{mandate['relation']}" if mandate["relation"] else ""
    since = spoken(datetime.fromisoformat(mandate["since"]))
    found = [
        ["代办人", f"{who}（{mandate['kind_text']}{relation}）"],
        ["委托依据", f"{mandate['basis_text']}。{since}起。"],
    ]
    return found + ([["请当面问", "".join(mandate["ask"])]] if mandate["ask"] else [])


def recording(session: Session, blobs: Blobs, mandate_id: str) -> tuple[str, bytes] | None:
    """(file name, bytes) of what the person said aloud; None for none, or when it is lost."""
    mandate = session.get(Mandate, UUID(mandate_id))
    if mandate is None or mandate.audio_blob is None:
        return None
    try:
        heard = mandate_basis.audio_of(session, blobs, mandate)
    except (NotFound, OSError):
        return None
    return f"mandate/voice.{heard.kind}", heard.data


def _stamp(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
