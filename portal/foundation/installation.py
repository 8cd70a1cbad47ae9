"""Making an installation: master key, database at the newest version, own keys, audit heads."""

from datetime import datetime
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.foundation import audit, master_key, vault
from portal.foundation.database import Database
from portal.foundation.settings import Settings


def install(settings: Settings, *, now: datetime) -> None:
    """Idempotent: makes what is missing, brings the database to the newest version.

    The divisions are loaded by `portal import-regions`.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.master_key and not master_key.path_of(settings).exists():
        master_key.make(settings)
    database = Database(settings.url, info={"vault": vault.open_vault(settings)})
    migrate(database)
    with database.writing() as session:
        vault.make_own_keys(session, now=now)
        audit.make_heads(session)
        if not vault.own_ones(session, audit.SEALS):
            audit.make_seal_key(session, now=now)
    database.engine.dispose()


def pending_migrations(database: Database) -> list[str]:
    """The migrations this database still needs, oldest first."""
    script = ScriptDirectory.from_config(_alembic())
    with database.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_heads()
    done = {found.revision for head in have for found in script.iterate_revisions(head, "base")}
    wanted = script.iterate_revisions("heads", "base")
    return [found.revision for found in wanted if found.revision not in done][::-1]


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("portal") / "migrations"))
    return config


def migrate(database: Database) -> None:
    """Apply the migrations that are missing, in one transaction."""
    config = _alembic()
    with database.engine.execution_options(immediate=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
