"""代办 at the desk: seen as it stands now, asked about face to face, heard, taken back."""

import io
from unicodedata import normalize
from uuid import UUID

import pytest
from pypdf import PdfReader

from portal.casework import readers
from portal.casework.survey import consents, delegations
from portal.contact import messages
from portal.filing import signatures
from portal.filing.tables import Application, Signature
from portal.foundation.audit_tables import AuditEntry
from portal.people import mandates
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Status
from tests.api.helped import FILLED, STROKES, code_of, flags_of, neighbour, the
from tests.api.test_messages import Member
from tests.casework import cases
from tests.conftest import NOW
from tests.desk.clerks import signed_in

TOWNSHIP, PERSON = "430923103", "13800000077"
VOICE = b"OggS" + bytes(300)
PAYEE = {"account_number": "6217001234567890123", "account_holder": "石桂香"}
OTHER = {"account_number": "6217009999999999999"}


@pytest.fixture
def helper(app, portal):
    return neighbour(app, portal)


@pytest.fixture
def chen(app, portal):
    role = Role.TOWNSHIP_INVESTIGATOR
    return signed_in(app, portal, "chen", role=role, region=TOWNSHIP, name="陈一")


@pytest.fixture
def li(app, portal):
    return signed_in(app, portal, region=TOWNSHIP)


def text(answer):
    return answer.get_data(as_text=True)


def filed(helper, portal, **said) -> str:
    """The desk's address of a file in its survey, handed in by a helper."""
    helper.begin(**said)
    file = helper.start_for()
    assert helper.fill(file, **{**FILLED, "phone": helper.phone}).status_code == 200
    assert helper.submit(file).status_code == 201
    cases.deliver(portal)
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, UUID(file)), Status.SURVEYING)
    return f"/desk/files/{file}"


def of(session, here):
    return session.get_one(Application, UUID(here.rpartition("/")[2]))


def noted(portal, action):
    with portal.database.reading() as session:
        return [one.actor for one in session.query(AuditEntry).filter_by(action=action)]


def test_who_helps_by_themselves_is_shown_and_asked_about(helper, portal, li, chen):
    here = filed(helper, portal, kind="proactive", role="cadre", why="认不得人")
    page = text(li.get(here))
    for words in ("张三（主动帮助（村（组）干部），邻居）帮石桂香", "主动帮助，没有委托", "认不得人",
                  "没有，请当面说", "正在帮忙", "有3件要当面问本人"):  # fmt: skip
        assert words in page
    asked = "本人没法委托，是主动帮助。请回访。"
    assert text(chen.get(f"{here}/survey")).index(asked) < text(chen.get(f"{here}/survey")).index(
        "没有申报的共同生活的人"
    )
    printed = PdfReader(io.BytesIO(chen.get(f"{here}/survey.pdf?blank=1").data))
    assert len(printed.pages) == 1
    assert normalize("NFKC", asked) in "".join(
        normalize("NFKC", printed.pages[0].extract_text()).split()
    )
    at = f"{here}/mandates/{helper.mandate}/answers"
    refused = li.post(at, {"code": "proactive", "sentence": " "})
    assert refused.status_code == 422
    assert "请写一句本人怎么说的。" in text(refused)
    assert li.post(at, {"code": "proactive", "sentence": "他点头，愿意。"}).status_code == 303
    assert flags_of(portal, helper.mandate) == {"role_unverified", "no_phone"}
    page = text(li.get(here))
    assert "他点头，愿意。" in page
    assert "有2件要当面问本人" in page
    again = li.post(at, {"code": "proactive", "sentence": "又问。"})
    assert again.status_code == 422
    assert "已经问过了" in text(again)
    assert len(noted(portal, "mandate.asked")) == 1


def test_not_me_said_after_handing_in_stands_until_it_was_asked(helper, app, portal, chen):
    here = filed(helper, portal, phone=PERSON)
    assert "本人说没有同意代办" not in text(chen.get(here))
    code = code_of(portal, helper.mandate)
    assert (
        app.test_client().post("/api/mandates/revocations", json={"code": code}).status_code == 204
    )
    page = text(chen.get(here))
    assert "本人说没有同意代办。请当面问清。" in page
    assert "本人用取消码" in page
    name = f"ask.not_me.{helper.mandate}"
    assert f'name="{name}"' in text(chen.get(f"{here}/survey"))
    bad = {"revision": "0", name: "是弄错了，他同意。", "v.income_transfer": "很多"}
    refused = chen.post(f"{here}/survey", bad)
    assert refused.status_code == 422
    assert 'value="是弄错了，他同意。"' in text(refused)
    assert "not_me" in flags_of(portal, helper.mandate)
    good = bad | {"v.income_transfer": "1", "w.income_transfer": "看了存折"}
    assert chen.post(f"{here}/survey", good).status_code == 303
    assert "not_me" not in flags_of(portal, helper.mandate)
    assert "是弄错了，他同意。" in text(chen.get(here))
    assert f'name="{name}"' not in text(chen.get(f"{here}/survey"))
    assert noted(portal, "mandate.asked")[0].startswith("staff:")


def test_the_same_over_the_api(helper, app, portal):
    here = filed(helper, portal)
    at = here.replace("/desk/files", "/api/office/applications")
    mandate = f"{at}/mandates/{helper.mandate}"
    chen = Member(app, portal, Role.TOWNSHIP_INVESTIGATOR, TOWNSHIP, "chen")
    shown = chen.get(f"{at}/mandates").json
    assert [one["helper"] for one in shown["mandates"]] == ["张三"]
    assert {one["code"] for one in shown["asks"]} == {"no_phone", "unsigned"}
    said = {"code": "unsigned", "sentence": "同意，不会写字。"}
    assert chen.post(f"{mandate}/answers", said).status_code == 201
    assert chen.post(f"{mandate}/answers", said).json["code"] == "asked_before"
    opened = {"reason": "换了银行。", "seen": True}
    assert chen.post(f"{mandate}/payee-openings", opened).status_code == 201
    back = {"signer": "applicant", "how": "visit", "on": "2026-11-22"}
    assert chen.post(f"{at}/signature-withdrawals", back).status_code == 404
    assert chen.get(f"{mandate}/voice").status_code == 404
    shown = chen.get(f"{at}/mandates").json
    assert {one["code"] for one in shown["asks"]} == {"no_phone"}
    assert [one["said"] for one in shown["mandates"][0]["asked"]] == ["同意，不会写字。"]
    assert [one["words"] for one in shown["mandates"][0]["payee"]] == ["换了银行。"]
    another = Member(app, portal, Role.TOWNSHIP_INVESTIGATOR, "430923118", "zhao")
    assert another.get(f"{at}/mandates").status_code == 404
    other = neighbour(app, portal, phone="13800000005")
    elsewhere = filed(other, portal, person="李大山").replace(
        "/desk/files", "/api/office/applications"
    )
    strange = f"{elsewhere}/mandates/{helper.mandate}/answers"
    assert chen.post(strange, {**said, "code": "no_phone"}).status_code == 404


def test_a_guardians_proof_seen_at_the_visit_is_asked_no_more(helper, portal, chen):
    here = filed(helper, portal, kind="guardian")
    at = f"{here}/mandates/{helper.mandate}/answers"
    assert "监护人还没有证明" in text(chen.get(f"{here}/survey"))
    chen.post(at, {"code": "guardian_unproved", "sentence": "看了判决书。"})
    assert "监护人还没有证明" not in text(chen.get(f"{here}/survey"))


def test_the_window_opens_the_payee_until_midnight(helper, portal, li, clock):
    here = filed(helper, portal, phone=PERSON)
    file = here.rpartition("/")[2]
    with portal.database.writing() as session:
        of(session, here).status = Status.RETURNED
    assert helper.fill(file, **PAYEE).status_code == 200
    assert helper.fill(file, **OTHER).status_code == 403
    at = f"{here}/mandates/{helper.mandate}/payee-openings"
    for lacking in ({"reason": "卡丢了。"}, {"seen": "yes", "reason": ""}):
        assert li.post(at, lacking).status_code == 422
    assert helper.fill(file, **OTHER).status_code == 403
    assert li.post(at, {"seen": "yes", "reason": "卡丢了。"}).status_code == 303
    page = text(li.get(here))
    assert "收款账号可以改，到2026年11月23日 00:00止。" in page
    assert "卡丢了。" in page
    with portal.database.reading() as session:
        told = [m for m in messages.latest(session, limit=9) if m.template == "payee_opened"]
        assert [m.phone for m in told] == [PERSON]
        assert code_of(portal, helper.mandate) in told[0].text
    assert helper.fill(file, **OTHER).status_code == 200
    clock.forward(hours=14, minutes=59)
    helper.sign_in()
    assert helper.fill(file, **PAYEE).status_code == 200
    clock.forward(minutes=1)
    assert helper.fill(file, **OTHER).status_code == 403


def test_a_mandate_that_is_over_opens_no_payee(helper, portal, li):
    here = filed(helper, portal, phone=PERSON)
    assert "今天可以改账号" in text(li.get(here))
    the(portal, helper.mandate, revoked_at=NOW, revoked_by="staff:x")
    page = text(li.get(here))
    assert "取消（工作人员）" in page
    assert "今天可以改账号" not in page
    said = {"seen": "yes", "reason": "卡丢了。"}
    refused = li.post(f"{here}/mandates/{helper.mandate}/payee-openings", said)
    assert "这份委托现在不能用。" in text(refused)


def test_the_recording_is_heard_and_who_heard_it_is_told(helper, app, portal, li):
    here = filed(helper, portal, phone=PERSON)
    sent = helper.client.post(
        f"/api/mandates/{helper.mandate}/recording",
        data={"audio": (io.BytesIO(VOICE), "yes.ogg")}, headers=helper.headers,
    )  # fmt: skip
    assert sent.status_code == 201
    address = f"{here}/mandates/{helper.mandate}/voice"
    assert f'<audio controls preload="none" src="{address}"' in text(li.get(here))
    heard = li.get(address)
    assert (heard.data, heard.content_type) == (VOICE, "audio/ogg")
    far = signed_in(app, portal, "far", region="430923118")
    assert far.get(address).status_code == 404
    with portal.database.reading() as session:
        looks = [one["what"] for one in readers.of(session, of(session, here))]
    assert looks.count("听了委托的录音") == 1


def test_strokes_and_witnesses_are_shown(helper, portal, li):
    here = filed(helper, portal)
    at = f"/api/mandates/{helper.mandate}/confirmations"
    two = [{"name": "李四", "relation": "邻居"}, {"name": "王五"}]
    assert helper.post(at, {"method": "screen", "strokes": STROKES}).status_code == 200
    assert helper.post(at, {"method": "witnesses", "witnesses": two}).status_code == 200
    page = text(li.get(here))
    assert "李四（邻居）、王五" in page
    assert "<svg" in page
    assert " style=" not in page


def test_a_consent_is_taken_back_by_word_of_mouth(helper, portal, li, chen):
    here = filed(helper, portal, phone=PERSON)
    with portal.database.writing() as session:
        file = of(session, here)
        program = portal.catalogue.find("dibao")
        who = Actor(Role.APPLICANT, UUID(int=5))
        for key in ("applicant", "member:r0"):
            signatures.sign_on_screen(session, file, program, key, STROKES, actor=who, now=NOW)
        signatures.withdraw(session, file, program, "member:r0", actor=who, now=NOW)
        assert "sign_withdrawn" in {q.code for q in delegations.questions(session, file)}
    said = {"signer": "applicant", "how": "visit", "on": "2026-11-22"}
    address = f"{here}/signature-withdrawals"
    assert li.post(address, said).status_code == 403
    for bad in ({"how": "dream"}, {"on": "2026-11-23"}, {"on": "昨天"}):
        refused = chen.post(address, said | bad)
        assert refused.status_code == 422
        assert 'id="e-signing"' in text(refused)
    assert chen.post(address, said | {"signer": "member:r9"}).status_code == 404
    assert chen.post(address, said).status_code == 303
    assert chen.post(address, said | {"signer": "member:r0", "how": "phone"}).status_code == 303
    page = text(chen.get(f"{here}/survey"))
    assert "11月22日上门时当面说：收回" in page
    assert "11月22日打电话说：收回" in page
    with portal.database.reading() as session:
        file = of(session, here)
        assert signatures.withdrawn(session, file) == ["applicant", "member:r0"]
        assert "sign_withdrawn" not in {q.code for q in delegations.questions(session, file)}
        assert mandates.of_household(session, file.household_id)
        asked = {one.signer for one in session.query(Signature) if one.withdrawn_at}
        assert asked == {"applicant", "member:r0"}
    assert chen.post(f"{here}/visit-signatures", {"signer": "applicant"}).status_code == 303
    assert "上门时当面说：收回" not in text(chen.get(f"{here}/survey"))
    assert len(noted(portal, "signature.taken_back")) == 2
    assert len(noted(portal, "signature.withdrawn")) == 2


def test_an_obligor_outside_the_household_takes_it_back_too(helper, portal, chen):
    here = filed(helper, portal, phone=PERSON)
    said = {
        "obligor.name": "刘大", "obligor.id_number": "430923199001019999",
        "obligor.relation": "儿子", "obligor.why": "要看。", "obligor.consent": "paper",
    }  # fmt: skip
    assert chen.post(f"{here}/obligors", said).status_code == 303
    with portal.database.reading() as session:
        key = consents.obligors(session, of(session, here))[0].key
    back = {"signer": key, "how": "paper", "on": "2026-11-21"}
    assert chen.post(f"{here}/signature-withdrawals", back).status_code == 303
    assert chen.post(f"{here}/signature-withdrawals", back).status_code == 404
    assert "11月21日写了字条：收回" in text(chen.get(f"{here}/survey"))
    with portal.database.reading() as session:
        assert not consents.in_force(session, of(session, here), key)
