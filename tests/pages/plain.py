"""A browser without scripts: pages are read, forms are filled in and sent as they stand."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.assembly import Portal
from portal.contact import messages


@dataclass
class Form:
    """`fields` as a browser would send them; `buttons` (name, value) by their words."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.found, self.open = here, list[Form](), False
        self.pressed: tuple[str, str] | None = None
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action") or self.here))
            self.open = True
        elif self.open and tag == "input":
            self._input(given)
        elif self.open and tag == "button":
            self.pressed, self.words = (given.get("name", ""), given.get("value", "")), ""

    def _input(self, given: dict[str, str]) -> None:
        ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if given.get("name") and given.get("type") != "file" and ticked:
            self.found[-1].fields.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = False
        elif tag == "button" and self.pressed is not None:
            self.found[-1].buttons[self.words.strip()] = self.pressed
            self.pressed = None


class Plain:
    """One person at one browser. `page` is the last answer, after all redirects."""

    def __init__(self, app: Flask, portal: Portal) -> None:
        self.client: FlaskClient = app.test_client()
        self.portal = portal
        self.page: TestResponse
        self.path = "/"

    def open(self, path: str) -> "Plain":
        return self._went(self.client.get(path))

    def press(self, words: str, **typed: Any) -> "Plain":
        """The first form with a button of these words, with what was typed in place of what
        stood there; a list is several ticks, None takes a field out."""
        form = next(f for f in self.forms() if any(words in text for text in f.buttons))
        name, value = next(pressed for text, pressed in form.buttons.items() if words in text)
        typed = {key.replace("__", "."): entry for key, entry in typed.items()}
        data: dict[str, list[str]] = {}
        for key, entry in form.fields:
            if key not in typed:
                data.setdefault(key, []).append(entry)
        for key, entry in typed.items():
            if entry is not None:
                data[key] = list(entry) if isinstance(entry, list | tuple) else [entry]
        if name:
            data[name] = [value]
        return self._went(self.client.post(form.action, data=data), data)

    def forms(self) -> list[Form]:
        found = _Forms(self.path)
        found.feed(self.page.text)
        return found.found

    def sees(self, words: str) -> bool:
        return words in re.sub(r"<[^>]+>", "", self.page.text)

    def sign_in(self, phone: str) -> "Plain":
        """From the page that asks for a number to the one that was wanted, consents given."""
        self.press("发短信验证码", phone=phone)
        with self.portal.database.reading() as session:
            text = next(m.text for m in messages.latest(session) if m.phone == phone)
        self.press("登录", code=re.findall(r"[0-9]{6}", text)[0])
        if self.sees("先看说明，再填信息"):
            kinds = re.findall(r'name="consent" value="(\w+)"', self.page.text)
            self.press("下一步", consent=kinds)
        return self

    def _went(self, page: TestResponse, data: dict[str, list[str]] | None = None) -> "Plain":
        """Follows as browsers do: the same body again after 307, else a plain look."""
        while page.status_code in (303, 307):
            path = page.headers["Location"]
            again = page.status_code == 307
            page = self.client.post(path, data=data) if again else self.client.get(path)
        assert page.status_code < 500, page.text
        self.page, self.path = page, page.request.path
        return self
