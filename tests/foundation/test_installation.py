"""An installation: made once, brought up to date as often as wanted, same shape as the models."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from portal.assembly import open_portal
from portal.foundation import audit, installation, vault
from portal.foundation.audit_tables import AuditHead
from portal.foundation.database import Base
from portal.migrations import tables

assert tables


def test_the_migrations_make_what_the_models_say(portal):
    """When this fails: write a migration in portal/migrations/versions."""
    with portal.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_installing_twice_changes_nothing(settings, now):
    def shape():
        opened = open_portal(settings)
        with opened.database.reading() as session:
            keys = session.scalar(select(func.count()).select_from(vault.DataKey))
            heads = session.scalar(select(func.count()).select_from(AuditHead))
            index = vault.own_key(session, "index")
        opened.database.engine.dispose()
        return keys, heads, index

    before = shape()
    installation.install(settings, now=now)
    assert shape() == before
    assert before[0] == len(vault.OWN_KEYS) + 1, "and the one for seals"
    assert before[1] == audit.CHAINS + 1
