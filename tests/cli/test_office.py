"""`portal office …`: a back office let in, shown our key, shut out."""

import base64

from click.testing import CliRunner

from portal.casework.tables import OfficeClient
from portal.cli import main
from portal.handover import receipts

KEY = base64.b64encode(b"k" * 32).decode()


def run(settings, *words):
    return CliRunner().invoke(
        main, ["--data", str(settings.data), "office", *words], catch_exceptions=False
    )


def test_let_in_and_shut_out(portal, settings):
    assert run(settings, "enroll", "anhua", KEY, "--division", "430923").exit_code == 0
    with portal.database.reading() as session:
        client = session.get_one(OfficeClient, "anhua")
        assert (client.public_key, client.region_code) == (b"k" * 32, "430923")
        own = base64.b64encode(receipts.public_key(session, "intake")).decode()
    assert run(settings, "key").output.strip() == own
    assert run(settings, "revoke", "anhua").exit_code == 0
    with portal.database.reading() as session:
        assert session.get_one(OfficeClient, "anhua").revoked_at is not None


def test_what_is_no_key_no_place_no_office(settings):
    for words in (
        ("enroll", "anhua", "not base64!", "--division", "430923"),
        ("enroll", "anhua", base64.b64encode(b"short").decode(), "--division", "430923"),
        ("enroll", "anhua", KEY, "--division", "999999"), ("revoke", "nobody"),
    ):  # fmt: skip
        assert run(settings, *words).exit_code == 1
