"""`portal import-payments`: the bank's file, tried first and then taken in."""

import sys
from pathlib import Path

import click

from portal.assembly import open_portal
from portal.casework.payment import importing
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.policy.spreadsheets import NotRead

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("import-payments")
@click.argument("file", type=_FILE)
@click.option("--county", required=True, help="administrative code of the county that pays")
@click.option("--dry-run", is_flag=True, help="say what would be done, write nothing")
@click.pass_obj
def import_payments(settings: Settings, file: Path, county: str, dry_run: bool) -> None:
    """Payments as the bank made them, CSV or XLSX; any fault and nothing is written."""
    now, database = utc_now(), open_portal(settings).database
    try:
        with database.reading() as session:
            made = importing.plan(session, file, county, now=now)
    except NotRead as fault:
        raise click.ClickException(str(fault)) from fault
    if not made.faults and not dry_run:
        with database.writing() as session:
            importing.carry_out(session, made, actor="cli", now=now)
    for line in importing.told(made, dry_run=dry_run):
        click.echo(line)
    sys.exit(bool(made.faults))
