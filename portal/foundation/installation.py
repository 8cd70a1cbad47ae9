"""Making an installation: master key, database at the newest version, own keys, audit heads."""

from datetime import datetime
from importlib import resources

from alembic import command
from alembic.config import Config

from portal.foundation import audit, vault
from portal.foundation.database import Database
from portal.foundation.settings import Settings


def install(settings: Settings, *, now: datetime) -> None:
    """Idempotent: makes what is missing, brings the database to the newest version.

    The divisions are loaded by `portal import-regions`.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    if not settings.master_key and not vault.master_key_path(settings).exists():
        vault.make_master_key(settings)
    database = Database(settings.url, info={"vault": vault.open_vault(settings)})
    migrate(database)
    with database.writing() as session:
        vault.make_own_keys(session, now=now)
        audit.make_heads(session)
    database.engine.dispose()


def migrate(database: Database) -> None:
    """Apply the migrations that are missing, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("portal") / "migrations"))
    with database.engine.execution_options(immediate=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
