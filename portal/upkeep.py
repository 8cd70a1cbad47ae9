"""What an administrator does to a live installation: look, declare the queues, change the key."""

import sys
from importlib import import_module

import click

from portal import inspection
from portal.foundation import audit, rotation, sealed_box, vault
from portal.foundation.clock import utc_now
from portal.foundation.database import Database
from portal.foundation.settings import Settings, WrongSettings


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

    Settings, key and folder permissions, disk, database settings and version, clocks, files not
    handed over, the worker, RabbitMQ, Redis, the photo store, the age of the last backup.
    """
    found = inspection.inspect(settings, now=utc_now())
    for finding in sorted(found, key=lambda f: not f.grave):
        click.echo(("✗ " if finding.grave else "！ ") + finding.words)
    grave = sum(finding.grave for finding in found)
    click.echo(f"{grave} 处要马上处理。" if grave else "没有要马上处理的。")
    sys.exit(bool(grave))


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
    database = Database(settings.url, info={"vault": vault.open_vault(settings)})
    with database.writing() as session:
        sealed_box.renew(session, now=utc_now())
        audit.record(session, "sealing.renewed", actor="portal", now=utc_now())
    database.engine.dispose()
    click.echo("做好了。重启以后，手机用新的。请马上做一次备份。")
