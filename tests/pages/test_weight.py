"""What a first visit costs, counted in the bytes that travel; and who can run our scripts."""

import json
import re
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import esprima
import pytest
from playwright.sync_api import Browser, Request

from api import assets
from tests.journeys.phone import Phone
from tests.journeys.site import Site
from tests.pages.furnished import Furnished, cookie

STATIC = Path(__file__).parent.parent.parent / "static"
SCRIPTS = [
    path
    for folder in ("assets", "shared", "desk")
    for path in sorted((STATIC / folder).rglob("*.js"))
]
HELPERS_ONLY = ("assets/lock.js", "assets/round.js", "assets/idle.js")
"""The PIN, the round and acting for somebody: an applicant's phone never asks for them."""
KIB = 1024


@pytest.mark.browser
def test_第一次打开要多少字节(browser: Browser, shown: Site, furnished: Furnished) -> None:
    limits = {"/": (6 * KIB, 6), "/guide/dibao": (14 * KIB, 6), "/help-now": (14 * KIB, 6)}
    parts = ["tasks", "photos", "sign/applicant", "check"]
    parts += [f"steps/{step}" for step in ("helper", "household_place", "household", "income")]
    limits |= {f"{furnished.draft}/{part}": (14 * KIB, 6) for part in parts}
    limits |= {furnished.accepted: (14 * KIB, 6), "/apply/dibao": (14 * KIB, 6)}
    heavy = ("/photos", "/check", "/steps/household")
    limits |= {path: (14 * KIB, 6) for path in furnished.family.paths() if path.endswith(heavy)}
    found = {path: _first_visit(browser, shown, furnished, path) for path in limits}
    for path, (size, requests) in found.items():
        print(f"{size:6d} bytes {requests} requests {re.sub('[0-9a-f-]{36}', '…', path)}")
    over = {p: f for p, f in found.items() if f[0] > limits[p][0] or f[1] > limits[p][1]}
    assert not over


@pytest.mark.parametrize("path", ["/", "/guide/dibao", "/guide/linshi"])
def test_再来一次不花流量(client, path: str) -> None:
    answer = client.get(path)
    assert "max-age" in answer.headers["Cache-Control"]
    script = re.search(r'src="([^"]+)"', answer.text)
    assert script is not None
    assert "immutable" in client.get(script.group(1)).headers["Cache-Control"]


def test_手机要留的_一共多少(app) -> None:
    """Everything that opens without a signal, as it travels; and all modules of the clients."""
    client = app.test_client(use_cookies=False)
    listed = re.search(r"^const KEPT = (.*);$", client.get("/sw.js").text, re.M)
    assert listed is not None
    sizes = {}
    for path in json.loads(listed.group(1)):
        answer = client.get(path, headers={"Accept-Encoding": "br", "X-Kept": "1"})
        assert answer.status_code == 200, path
        sizes[path] = len(answer.get_data())
    for path, size in sizes.items():
        print(f"{size:6d} bytes {path}")
    print(f"{sum(sizes.values())} bytes in all")
    assert sum(sizes.values()) <= 60 * KIB
    served = assets.files()
    modules = [n for n in served if n.endswith(".js") and not n.startswith("desk/")]
    packed = {name: len(brotli.compress(served[name], quality=11)) for name in modules}
    helping = sum(packed.pop(name) for name in HELPERS_ONLY)
    applicants = sum(packed.values())
    print(f"{applicants} bytes of {len(packed)} modules, {helping} of those only helpers load")
    assert applicants <= 35 * KIB
    assert helping <= 5 * KIB


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_老手机也认得的写法(path: Path) -> None:
    """ES2017; import() and import.meta came a year later and are in every browser we meet."""
    text = path.read_text().replace("import.meta", "meta_of_this").replace("import(", "loaded(")
    esprima.parseModule(text)


def _first_visit(browser: Browser, shown: Site, furnished: Furnished, path: str) -> tuple[int, int]:
    """(bytes of all bodies in brotli, requests); own photos do not count."""
    phone = Phone(browser, shown.url)
    signed_in = path.startswith(("/applications", "/household/"))
    token = cookie(shown.portal, furnished.owner) if signed_in else ""
    if token:
        phone.context.add_cookies([{"name": "refresh", "value": token, "url": shown.url}])
    asked: list[Request] = []
    phone.page.on("request", lambda request: asked.append(request))
    phone.open(path)
    phone.page.wait_for_load_state("networkidle")
    ours = [r for r in asked if r.url.startswith(shown.url) and "/documents" not in r.url]
    jar = "; ".join(f"{c['name']}={c['value']}" for c in phone.context.cookies())
    phone.close()
    return sum(_packed(shown, urlsplit(r.url).path, jar) for r in ours), len(ours)


def _packed(shown: Site, path: str, jar: str) -> int:
    connection = HTTPConnection(urlsplit(shown.url).netloc)
    connection.request("GET", path, headers={"Accept-Encoding": "br", "Cookie": jar})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, path
    return len(body)
