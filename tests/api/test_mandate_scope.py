"""How much a helper may do, chosen on the pages: one program, or all of the household's."""

import re

import pytest
from pypdf import PdfReader

from portal.people import consents, households, sign_in
from portal.people.access import Actor, Role
from tests.conftest import NOW
from tests.pages.furnished import cookie

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


class Pages:
    """Somebody signed in with this number, pressing buttons."""

    def __init__(self, app, portal, phone):
        self.client = app.test_client()
        with portal.database.writing() as session:
            account = sign_in.open_account(session, phone, now=NOW)
            consents.give(session, account, consents.KINDS, now=NOW)
            self.id = account.id
        self.client.set_cookie("refresh", cookie(portal, self.id, now=NOW))

    def read(self, path):
        return self.client.get(path, follow_redirects=True).text

    def send(self, path, form, at=""):
        token = re.search(r'name="csrf" (?:content|value)="([0-9a-f]+)"', self.read(at or path))
        return self.client.post(path, data={"csrf": token[1], **form})


WHOM = {"person": "石桂香", "kind": "neighbour", "helper": "张三"}


@pytest.mark.parametrize(
    ("scope", "text", "slip"),
    [
        ({}, "他只能办：低保。", "他只能办：低保。"),
        ({"scope": "one"}, "他只能办：低保。", "他只能办：低保。"),
        ({"scope": "all"}, "我家所有的，他都能办。", "您家所有的，他都能办。"),
    ],
    ids=["没选", "只办这一种", "所有的"],
)
def test_a_helper_says_how_much(app, portal, tmp_path, scope, text, slip):
    zhang = Pages(app, portal, "13800000002")
    form = zhang.read("/apply/dibao/for-another")
    assert re.search(r'value="one" checked>|value="one"[^>]*checked', form)
    begun = zhang.send("/apply/dibao/for-another", {**WHOM, **scope}).headers["Location"]
    assert text in zhang.read(begun)
    helping = begun.partition("/yes")[0]
    assert ("再办一种" in zhang.read(helping)) == (scope.get("scope") == "all")
    paper = tmp_path / "slip.pdf"
    paper.write_bytes(zhang.client.get(f"{helping}/slip.pdf").data)
    assert slip in re.sub(r"\s", "", PdfReader(paper).pages[0].extract_text())


def test_an_owner_chooses_and_sees_it(app, portal):
    wang = Pages(app, portal, "13800000003")
    with portal.database.writing() as session:
        own = Actor(Role.APPLICANT, wang.id)
        households.start(session, account_id=wang.id, actor=own, now=NOW)
    said = {"person": "王五", "helper": "王小五", "helper_phone": "13800000002", "kind": "kin"}
    said["acts"] = "fill"
    refused = wang.send("/helpers/new", {**said, "scope": "one"})
    assert refused.status_code == 422
    assert "请选哪一种。" in refused.text
    assert (
        wang.send("/helpers/new", {**said, "scope": "one", "program": "tekun"}).status_code == 303
    )
    assert "能办：特困" in wang.read("/helpers")
    assert wang.send("/helpers/new", {**said, "scope": "all"}).status_code == 303
    assert "能办：我家所有的" in wang.read("/helpers")
