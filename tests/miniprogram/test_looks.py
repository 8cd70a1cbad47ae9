"""Every page, in light, dark and large type, on two small screens: nothing cut, everything named and large enough."""

from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any

import pytest

from tests.miniprogram import story
from tests.miniprogram.handset import SMALL, USUAL, Handset

pytestmark = pytest.mark.browser

ANSWERS = {
    "filled_in_by": "self", "applicant_name": story.NAME, "applicant_id_number": story.NUMBER,
    "phone": story.PHONE, "reason": ["illness", "old_age"], "income_business": 120050,
    "household_place": {"code": "433127103", "address": "三组12号"},
    "members": [{"row": "r1", "name": "石小军", "relation": "grandchild"}],
}  # fmt: skip
OPEN = (
    "home", "guides", "guide?program=linshi", "guide?program=jiaoyu", "search?q=没钱看病", "check",
    "place", "contacts", "help-now", "status", "sign-in", "sign-in?why=proof_needed",
    "apply?program=dibao", "complain", "complained", "notices", "objection?notice=none", "objected",
)  # fmt: skip
OWN = (
    "home", "consents", "apply?program=dibao", "for-another?program=dibao", "tasks?id={draft}",
    *(f"step?id={{draft}}&step={key}" for key in story.STEPS), "photos?id={draft}",
    "sign?id={draft}", "signer?id={draft}&signer=applicant", "review?id={draft}",
    "receipt?id={case}", "mine", "case?id={case}", "recheck?id={case}", "changes?id={case}", "thread?id={case}", "messages", "helping",
    "findings?id={case}", "readers?id={case}", "complain?id={case}", "told", "matters", "take",
    "give", "helped?mandate={mandate}", "agree?mandate={mandate}", "payee?mandate={mandate}",
    "give?mandate={mandate}", "matters?mandate={mandate}", "me", "phone", "checks",
    "walk?home={home}", "step?home={home}&step=household", "photos?home={home}",
    "hand-in?home={home}", "receipts?home={home}",
)  # fmt: skip
VILLAGE = ("roster", "roster-add", "asked", "factor")
"""Looked at in test_roster.py."""
WAYS: dict[str, dict[str, Any]] = {
    "窄屏最大字深色": {"screen": SMALL, "dark": True, "size": 30},
    "窄屏": {"screen": SMALL},
    "窄屏深色": {"screen": SMALL, "dark": True},
    "窄屏大字": {"screen": SMALL, "size": 26},
    "常用": {"screen": USUAL},
    "常用深色": {"screen": USUAL, "dark": True},
    "常用最大字": {"screen": USUAL, "size": 30},
}

_CALL = """async ([method, path, body, key]) => {
    const { access } = __mp.wx.getStorageSync('session');
    const answer = await fetch(path, { method, credentials: 'omit', body: body && JSON.stringify(body),
        headers: { 'content-type': 'application/json', Authorization: 'Bearer ' + access, 'Idempotency-Key': key } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(path + ' ' + text);
    return text ? JSON.parse(text) : null;
}"""
_LOOK = """async url => {
    __mp.wx.reLaunch({ url });
    for (let still = 0, left = 900; still < 3 && left > 0; left -= 1) {
        await new Promise(requestAnimationFrame);
        still = __mp.wx.$play.pending ? 0 : still + 1;
    }
    const main = document.querySelector('main:not([hidden])'), found = [];
    const seen = (one) => one.getClientRects().length > 0;
    const words = (one) => (one.getAttribute('aria-label') || one.textContent).trim().slice(0, 20);
    if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
    for (const one of [...main.querySelectorAll('*')].filter(seen)) {
        const box = one.getBoundingClientRect();
        if (box.right > innerWidth + 1 || box.left < -1) found.push('outside: ' + one.className + ' ' + words(one));
        if (one.children.length === 0 && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' && !one.matches('input, select, canvas'))
            found.push('cut: ' + words(one));
        if (one.children.length === 0 && one.textContent.trim() && parseFloat(getComputedStyle(one).fontSize) < 18) found.push('small letters: ' + words(one));
    }
    for (const one of [...main.querySelectorAll('button, input:not([type=radio]):not([type=checkbox]), textarea, select, label, [tabindex]')].filter(seen)) {
        const box = one.getBoundingClientRect(), least = one.matches('.go, .option, .box, .tap') ? 60 : 48;
        if (box.height < least - 0.5 || box.width < 47.5) found.push(`too small (${Math.round(box.width)}x${Math.round(box.height)}): ` + words(one));
    }
    const path = '/' + __mp.stack.top().path;
    return path === url.split('?')[0] ? found : [...found, 'led to ' + path];
}"""
_CONTROLS = {"button", "textbox", "radio", "checkbox", "combobox", "link", "switch", "progressbar"}


@pytest.mark.parametrize(
    "way",
    [pytest.param(name, marks=[] if n == 0 else [pytest.mark.full]) for n, name in enumerate(WAYS)],
)
def test_nothing_is_cut_nothing_is_small_everything_has_a_name(
    handset: Callable[..., Handset], way: str
) -> None:
    look = dict(WAYS[way])
    size = look.pop("size", 18)
    phone = handset(user=f"looks{[*WAYS].index(way)}", **look)
    phone.open()
    phone.page.evaluate("size => __mp.wx.setStorageSync('size', size)", size)
    faults = {where: wrong for where, wrong in walk(phone) if wrong}
    assert not faults


def walk(phone: Handset) -> Iterator[tuple[str, list[str]]]:
    """Every page in turn, and what is wrong with it."""
    for page in OPEN:
        yield page, shown(phone, page)
    names = prepared(phone)
    for page in OWN:
        yield page, shown(phone, page.format(**names))


def shown(phone: Handset, page: str) -> list[str]:
    name, _, query = page.partition("?")
    url = f"/pages/{name}/{name}" + (f"?{query}" if query else "")
    wrong: list[str] = phone.page.evaluate(_LOOK, url)
    return wrong + nameless(phone)


def nameless(phone: Handset) -> list[str]:
    """Controls of the accessibility tree that a screen reader could only call by their kind."""
    nodes = phone.tree.send("Accessibility.getFullAXTree")["nodes"]
    read = [node for node in nodes if not node.get("ignored")]
    bad = [n for n in read if _role(n) in _CONTROLS and not n.get("name", {}).get("value")]
    return [f"nameless {_role(node)}" for node in bad]


def prepared(phone: Handset) -> dict[str, str]:
    """Signed in, with a draft, a case and somebody helped."""
    phone.page.evaluate("() => __mp.wx.reLaunch({ url: '/pages/sign-in/sign-in' })")
    phone.at("sign-in")
    phone.tap("用微信登录")
    phone.at("consents")
    story.consent(phone)
    phone.at("mine")
    case, draft = _started(phone, "linshi"), _started(phone, "dibao")
    call(phone, "PUT", f"/api/applications/{draft}/answers", {"revision": 0, "answers": ANSWERS})
    told = {"emergency_place": ANSWERS["household_place"], "what_happened": "家里失火了。"}
    kept = told | {name: ANSWERS[name] for name in ("applicant_name", "phone")}
    call(phone, "PUT", f"/api/applications/{case}/answers", {"revision": 0, "answers": kept})
    call(phone, "POST", f"/api/applications/{case}/submission")
    helped = {"kind": "neighbour", "person": "田老大", "helper": story.NAME}
    mandate = call(phone, "POST", "/api/mandates", helped)["id"]
    other = {"program_id": "tekun", "mandate_id": mandate}
    call(phone, "POST", "/api/applications", other)
    both = {"programs": ["dibao", "yiliao"]}
    home = call(phone, "POST", "/api/households", both)["id"]
    return {"draft": draft, "case": case, "mandate": mandate, "home": home}


def call(phone: Handset, method: str, path: str, body: Any = None) -> Any:
    return phone.page.evaluate(_CALL, [method, path, body, token_hex(8)])


def _started(phone: Handset, program: str) -> str:
    return str(call(phone, "POST", "/api/applications", {"program_id": program})["id"])


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value", ""))
