"""Offices keep their browsers for years: the desk uses nothing that Chrome 109 has not."""

import re

import pytest

from api import assets

NEWER = {
    "Array.toSorted and its like": (r"\.(toSorted|toReversed|toSpliced)\(", "x.toSorted()"),
    "Array.with": (r"\.with\(", "a.with(0, 1)"),
    "groupBy": (r"\b(Object|Map)\.groupBy\(", "Object.groupBy(a, f)"),
    "Array.fromAsync": (r"\bArray\.fromAsync\(", "Array.fromAsync(a)"),
    "Promise.withResolvers, Promise.try": (r"\bPromise\.(withResolvers|try)\(", "Promise.try(f)"),
    "Set algebra": (
        r"\.(isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(",
        "a.isSubsetOf(b)",
    ),
    "iterator helpers": (
        r"\.(values|keys|entries)\(\)\.(map|filter|take|drop|toArray)\(",
        "m.keys().map(f)",
    ),
    "URL.canParse, URL.parse": (r"\bURL\.(canParse|parse)\(", "URL.canParse(u)"),
    "AbortSignal.any": (r"\bAbortSignal\.any\(", "AbortSignal.any([a])"),
    "structured imports": (
        r"\bimport\b[^;\n]*\bwith\s*\{",
        "import a from './a.json' with {type: 'json'}",
    ),
    "v flag": (r"/[a-z]*v[a-z]*\.(test|exec)|/\w*v\w*\)", "/a/v.test(x)"),
    "view transitions": (r"startViewTransition", "document.startViewTransition(f)"),
    "popover": (r"\bpopover(target|)\b|showPopover", "<div popover>"),
    "explicit resources": (r"\bawait using\b|^\s*using ", "using x = y()"),
    "well-formed strings": (r"\.(isWellFormed|toWellFormed)\(", "s.isWellFormed()"),
    "checkVisibility options": (r"checkVisibility\(\{", "e.checkVisibility({})"),
    "moveBefore, setHTML": (r"\.(moveBefore|setHTMLUnsafe|setHTML)\(", "e.moveBefore(a, b)"),
    "RegExp.escape, Math.sumPrecise": (r"\bRegExp\.escape|Math\.sumPrecise", "RegExp.escape(s)"),
    "base64 of bytes": (r"\.(toBase64|fromBase64|toHex|fromHex)\(", "b.toBase64()"),
}
NEWER_CSS = {
    "color-mix and its like": (r"\b(color-mix|light-dark|oklch|oklab|lch|lab|color)\(", "a{color:oklch(1 0 0)}"),
    "round, sin and their like": (r"\b(round|mod|rem|sin|cos|tan|pow|sqrt|hypot|exp|abs|sign)\(", "a{width:round(1px)}"),
    "text-wrap": (r"text-wrap\s*:", "a{text-wrap:balance}"),
    "scope, starting-style": (r"@(scope|starting-style|view-transition|position-try|function)\b", "@scope (a){}"),
    "subgrid": (r"\bsubgrid\b", "a{grid-template-rows:subgrid}"),
    "scroll-driven, anchors": (r"animation-timeline|anchor-name|position-anchor|anchor\(", "a{anchor-name:--a}"),
    "unprefixed mask": (r"(?<!-)\bmask(-image)?\s*:", "a{mask:url(a)}"),
    "field-sizing, interpolate-size": (r"field-sizing|interpolate-size|calc-size", "a{field-sizing:content}"),
    "new selectors": (r":user-(in)?valid|:dir\(|:state\(|:popover-open|nth-child\([^)]* of ", "a:dir(rtl){}"),
    "linear()": (r"\blinear\(", "a{transition:all 1s linear(0,1)}"),
    "scrollbar colours": (r"scrollbar-(width|color)", "a{scrollbar-width:thin}"),
    "transition-behavior": (r"transition-behavior|allow-discrete|@property[^{]*inherits.*<string>", "a{transition-behavior:x}"),
    "image-set": (r"(?<!-)\bimage-set\(", "a{background:image-set(a)}"),
}  # fmt: skip
NEWER_HTML = {
    "popover": (r"\bpopover(target)?(=|>|\s)", "<div popover>"),
    "details of one name": (r"<details[^>]*\sname=", '<details name="a">'),
    "search element": (r"<search[\s>]", "<search>"),
    "command buttons": (r"\bcommandfor=", '<button commandfor="a">'),
}


def parts(*ends):
    return {
        n: d.decode()
        for n, d in assets.files().items()
        if n.startswith("desk/") and n.endswith(ends)
    }


def pages():
    return {p.name: p.read_text(encoding="utf-8") for p in (assets.STATIC / "desk").rglob("*.html")}


def test_there_is_something_to_look_at():
    assert {"desk/desk.js", "desk/keys.js", "desk/photos.js", "desk/copy.js"} <= set(parts(".js"))
    assert "desk/desk.css" in parts(".css")
    assert "file.html" in pages()


@pytest.mark.parametrize(
    ("pattern", "sample"), [*NEWER.values(), *NEWER_CSS.values(), *NEWER_HTML.values()],
    ids=[*NEWER, *(f"css {n}" for n in NEWER_CSS), *(f"html {n}" for n in NEWER_HTML)],
)  # fmt: skip
def test_what_is_looked_for_would_be_found(pattern, sample):
    assert re.search(pattern, sample, re.M)


@pytest.mark.parametrize("name", sorted(parts(".js")))
def test_scripts(name):
    text = re.sub(r"//.*$|/\*.*?\*/", "", parts(".js")[name], flags=re.M | re.S)
    assert [what for what, (pattern, _s) in NEWER.items() if re.search(pattern, text, re.M)] == []
    loaded = re.findall(r"\bfrom '([^']+)'|\bimport\('([^']+)'\)", text)
    assert all(path.startswith(("./", "../shared/")) for pair in loaded for path in pair if path)


@pytest.mark.parametrize("name", sorted(parts(".css")))
def test_style(name):
    text = re.sub(r"/\*.*?\*/", "", parts(".css")[name], flags=re.S)
    assert [what for what, (pattern, _s) in NEWER_CSS.items() if re.search(pattern, text)] == []


def nested(text):
    """Rules inside rules; inside @media and its like they are as old as those."""
    found, open_rules = [], []
    for before, brace in re.findall(r"([^{};]*)([{};])", text):
        if brace == "{":
            if open_rules and not open_rules[-1].startswith("@"):
                found.append(before.strip())
            open_rules.append(before.strip())
        elif brace == "}":
            open_rules.pop()
    return found


def test_nesting_would_be_found():
    assert nested("@media print { a { color: red } } b { c: d; &:hover { e: f } }") == ["&:hover"]


@pytest.mark.parametrize("name", sorted(parts(".css")))
def test_no_rule_in_a_rule(name):
    assert nested(re.sub(r"/\*.*?\*/", "", parts(".css")[name], flags=re.S)) == []


@pytest.mark.parametrize("name", sorted(pages()))
def test_pages(name):
    text = pages()[name]
    assert [what for what, (pattern, _s) in NEWER_HTML.items() if re.search(pattern, text)] == []
    scripts = re.findall(r"asset\('([^']+)'\)", text)
    assert all(script.startswith("desk/") for script in scripts), "then look at that file here too"


def test_no_key_stands_for_two_things_on_a_files_page():
    """Parts of several rooms are on the page at once; two of one part may be either-or."""
    files = [*(assets.STATIC / "desk" / "parts").glob("*.html"), assets.STATIC / "desk/file.html"]
    keys = [set(re.findall(r'data-key="([^"{]+)"', p.read_text(encoding="utf-8"))) for p in files]
    every = [key for found in keys for key in found]
    assert "a" in every
    assert sorted({key for key in every if every.count(key) > 1}) == []
