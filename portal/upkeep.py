"""What an administrator does to a live installation: look, declare the queues, change the key."""

import base64
import sys
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy.exc import SQLAlchemyError

from portal import inspection
from portal.foundation import (
    audit,
    audit_check,
    belonging,
    kept_backups,
    rotation,
    sealed_box,
    vault,
)
from portal.foundation.clock import utc_now
from portal.foundation.database import Database
from portal.foundation.settings import Settings, WrongSettings
from portal.handover import receipts
from portal.people import sessions


@click.command("provision-queue")
@click.pass_obj
def provision_queue(settings: Settings) -> None:
    """Declare RabbitMQ's exchanges and queues (PORTAL_QUEUE), once, before anything is sent.

    Then restart each node of the broker once: a quorum queue that was never restarted since
    it was declared may not survive a killed node (deploy/RUNBOOK.md).
    """
    if not settings.brokered:
        raise WrongSettings("PORTAL_QUEUE is embedded: there is nothing to declare")
    broker = import_module("portal.handover.broker")
    try:
        broker.provision(settings.queue)
    except broker.BrokerAway as fault:
        raise click.ClickException(f"消息队列连不上（{fault}）。请看 PORTAL_QUEUE。") from fault
    click.echo("队列已建好。请把消息队列的每台机器依次重启一次，再开始使用。")


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Look at this installation while it runs and say what is wrong; exits 1 for what is grave.

    Settings, keys and folder permissions, disk, database settings and version, clocks, files not
    handed over, texts not sent, events parked, the workers and what fails in them, RabbitMQ, Redis,
    the photo store, the certificate people are shown, the age of the last backup.
    """
    found = inspection.inspect(settings, now=utc_now())
    for finding in sorted(found, key=lambda f: not f.grave):
        click.echo(("✗ " if finding.grave else "！ ") + finding.words)
    click.echo(f"最新的审计封印：{_newest_seal(settings)}")
    grave = sum(finding.grave for finding in found)
    click.echo(f"{grave} 处要马上处理。" if grave else "没有要马上处理的。")
    sys.exit(bool(grave))


@click.command("prune-backups")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def prune_backups(folder: Path) -> None:
    """Make room in FOLDER for the next backup: of *.backup every one of the last day stays, one a
    day for a week, one a week for 30 days; fewer where the disk is small, never less than three.
    """
    gone = kept_backups.prune(folder, now=utc_now())
    click.echo(f"删掉了 {len(gone)} 份旧备份。")


@click.command("verify-audit")
@click.option("--seal", "written", multiple=True, help="NUMBER:DIGEST as a backup or doctor said")
@click.option("--seals", type=click.File(), help="a file of such lines: audit-seals beside backups")
@click.pass_obj
def verify_audit(settings: Settings, written: tuple[str, ...], seals: TextIO | None) -> None:
    """Check every line of the audit record; exits 1 when something was changed.

    With seals that were written down elsewhere, that they are still the same: then nothing
    before them was changed, whoever held whatever key.
    """
    database, now = _database(settings), utc_now()
    known = [*written, *(line.split()[-1] for line in seals or () if line.strip())]
    faults = audit_check.look(database, settings.data, audit.PARTS, now=now)
    with database.reading() as session:
        faults += audit.verify_written(session, known)
        unkeyed = audit.unkeyed(session)
    database.engine.dispose()
    for fault in faults:
        click.echo(fault)
    if unkeyed:
        click.echo(f"第 1 到第 {unkeyed} 个封印是升级以前的，没有密钥。")
    click.echo(f"最新的审计封印：{_newest_seal(settings)}。和记下来的比了 {len(known)} 个。")
    click.echo(
        f"审计记录完好：{belonging.place(settings)}。" if not faults else "审计记录被改动过！"
    )
    sys.exit(bool(faults))


@click.command("rotate-master-key")
@click.pass_obj
def rotate_master_key(settings: Settings) -> None:
    """Wrap every data key under a new master key while everything runs. Back up afterwards.

    With PORTAL_MASTER_KEY its first key is the new one and the second the old (deploy/RUNBOOK.md).
    Broken off, it is given again.
    """
    try:
        count = rotation.rotate(settings, now=utc_now())
    except vault.Unreadable as fault:
        said = "有的数据密钥打不开。别的都换好了，旧的主密钥先留着。"
        raise click.ClickException(said) from fault
    click.echo(f"换好了主密钥：{count} 把数据密钥。请马上做一次备份。")
    if settings.master_key:
        click.echo("再运行一次。显示 0 把时，请从 PORTAL_MASTER_KEY 去掉旧的。")


@click.command("new-phone-key")
@click.pass_obj
def new_phone_key(settings: Settings) -> None:
    """Another key for what phones seal; what was sealed to the one before still opens."""
    database = _database(settings)
    with database.writing() as session:
        sealed_box.renew(session, now=utc_now())
        audit.record(session, "sealing.renewed", actor="portal", now=utc_now())
    database.engine.dispose()
    click.echo("做好了。重启以后，手机用新的。请马上做一次备份。")


_AT_ONCE = ("tokens", "csrf")


@click.command("new-own-key")
@click.argument("purpose", type=click.Choice([*_AT_ONCE, "receipt", "intake", audit.SEALS]))
@click.option("--at-once", is_flag=True, help="what was made under the one before ends now")
@click.pass_obj
def new_own_key(settings: Settings, purpose: str, at_once: bool) -> None:
    """A new key for sign-ins (tokens), forms (csrf), receipts (receipt, intake) or seals of the
    audit record. Known to every process within a minute; back up afterwards.

    What was made under the one before counts as long as it would have: sign-ins ten minutes, forms
    thirty days, receipts and seals for ever. With --at-once (tokens, csrf) no longer: everybody
    signs in again.
    """
    if at_once and purpose not in _AT_ONCE:
        raise click.ClickException("旧的收据和封印要一直能核对，不能马上作废。")
    database, now = _database(settings), utc_now()
    with database.writing() as session:
        if purpose == audit.SEALS:
            audit.make_seal_key(session, now=now)
        else:
            vault.renew(session, purpose, at_once=at_once, now=now)
        if at_once and purpose == "tokens":
            sessions.end_everybodys(session, now=now)
        detail = {"purpose": purpose, "at_once": at_once}
        audit.record(session, "own_key.renewed", actor="portal", detail=detail, now=now)
        if purpose == "intake":
            public = base64.b64encode(receipts.public_key(session, "intake")).decode()
            click.echo(f"外面的单位要换上这个公钥：{public}")
    database.engine.dispose()
    click.echo("换好了，一分钟内到处生效。请马上做一次备份。")


def _newest_seal(settings: Settings) -> str:
    try:
        return audit_check.newest_seal(settings)
    except SQLAlchemyError:
        return "读不到"


def _database(settings: Settings) -> Database:
    return Database(settings.url, info={"vault": vault.open_vault(settings)})
