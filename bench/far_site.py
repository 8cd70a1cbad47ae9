"""The product at the far end of the slow line: the portal behind the nginx of deploy/nginx, over https,
with one resident who has begun a form."""

import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.line import INSIDE, THERE
from portal.assembly import open_portal
from portal.filing import applications
from portal.foundation.clock import utc_now
from portal.foundation.installation import install
from portal.foundation.settings import Settings
from portal.people import consents, sign_in
from portal.people.access import Actor, Role
from portal.policy import regions
from tests.deploy.front import NGINX, Front, trusting

URL = f"https://{THERE}"
BLANK = "/blank"
"""A page of one sentence: what the line itself takes."""
_PORT, _PATIENCE, _VISITS = 8000, 60, 8
_BLANK = f"""
    location = {BLANK} {{
        default_type text/html;
        return 200 "<!doctype html><title>blank</title><p>One sentence.</p>";
    }}
    location / {{"""


@dataclass(frozen=True)
class FarSite:
    """`tokens`: one for each browser that is to be signed in; `trust`: for the browser, so that it
    takes the certificate and keeps a service worker."""

    draft: str
    tokens: list[str]
    trust: str


@contextmanager
def far_site(folder: Path) -> Iterator[FarSite]:
    settings = Settings(data=folder / "data", public_url=URL, trusted_proxies=1)
    draft, tokens = _resident(settings)
    environment = (f"PORTAL_URL={URL}", "PORTAL_TRUSTED_PROXIES=1")
    serve = ("-m", "portal.cli", "--data", str(settings.data), "serve", "--port", str(_PORT))
    commands = [
        (*INSIDE, "env", *environment, sys.executable, *serve),
        (*INSIDE, NGINX, "-c", str(_front(folder)), "-p", str(folder)),
    ]
    running = [subprocess.Popen(c, stdout=subprocess.DEVNULL) for c in commands]  # noqa: S603
    try:
        _await(f"{URL}/healthz")
        yield FarSite(draft, tokens, _trust(folder))
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def _resident(settings: Settings) -> tuple[str, list[str]]:
    install(settings, now=utc_now())
    portal = open_portal(settings)
    with portal.database.writing() as session:
        regions.import_regions(session)
        account = sign_in.open_account(session, "13812345678", now=utc_now())
        consents.give(session, account, consents.KINDS, now=utc_now())
        file = applications.start(
            session, portal.catalogue.find("dibao"), account_id=account.id,
            actor=Actor(Role.APPLICANT, account.id), now=utc_now(),
        )  # fmt: skip
        tokens = [sign_in.issue(session, account=account, now=utc_now()) for _ in range(_VISITS)]
        draft = f"/applications/{file.id}"
    portal.database.engine.dispose()
    return draft, tokens


def _front(folder: Path) -> Path:
    """The configuration, listening to the line."""
    front = Front(folder, _PORT)
    whole, site = front.write(), folder / "site.conf"
    words = site.read_text(encoding="utf-8")
    words = words.replace(f"listen 127.0.0.1:{front.https} ssl", "listen 443 ssl")
    site.write_text(words.replace("\n    location / {", _BLANK, 2), encoding="utf-8")
    return whole


def _trust(folder: Path) -> str:
    found = x509.load_pem_x509_certificate((folder / "fullchain.pem").read_bytes())
    key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    listed = b64encode(sha256(key).digest()).decode()
    return f"--ignore-certificate-errors-spki-list={listed}"


def _await(page: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(page, timeout=5, context=trusting()):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("it did not start")
