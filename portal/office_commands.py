"""`portal office …`: back offices that have a system of their own, let in by their keys."""

import base64
import binascii

import click

from portal.assembly import opened
from portal.casework import intake_events
from portal.casework.tables import OfficeClient
from portal.foundation import audit
from portal.foundation.clock import utc_now
from portal.foundation.errors import NotFound, Refusal
from portal.foundation.settings import Settings
from portal.handover import receipts
from portal.people.access import Role
from portal.policy import regions


@click.group()
def office() -> None:
    """Back offices that fetch dossiers and send signed events."""


@office.command("enroll")
@click.argument("name")
@click.argument("public_key")
@click.option("--division", required=True, help="administrative code of what it answers for")
@click.pass_obj
def enroll(settings: Settings, name: str, public_key: str, division: str) -> None:
    """Let NAME in with PUBLIC_KEY (Ed25519, 32 bytes in base64). Replaces an older key."""
    try:
        key = base64.b64decode(public_key, validate=True)
    except (ValueError, binascii.Error) as fault:
        raise click.ClickException("the key is no base64") from fault
    with opened(settings) as portal, portal.database.writing() as session:
        try:
            regions.find(session, division)
            intake_events.enroll(session, name, key, Role.BACK_OFFICE, division, now=utc_now())
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    click.echo(f"{name} 可以收发 {division} 的材料。")


@office.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Shut NAME out at once; what it sent stays."""
    with opened(settings) as portal, portal.database.writing() as session:
        client = session.get(OfficeClient, name)
        if client is None:
            raise click.ClickException(NotFound("没有这个后台系统。").message)
        client.revoked_at = utc_now()
        audit.record(
            session, "revoke.office", actor="portal", detail={"client": name}, now=utc_now()
        )
    click.echo(f"{name} 已停用。")


@office.command("key")
@click.pass_obj
def key(settings: Settings) -> None:
    """The portal's own public key: with it an office checks dossiers, answers and receipts."""
    with opened(settings) as portal, portal.database.reading() as session:
        click.echo(base64.b64encode(receipts.public_key(session, "intake")).decode())
