"""Everything held of a person can be taken along: every table is in it, or says why not."""

import io
import json
import zipfile

from portal.filing.tables import Application
from portal.foundation.database import Base
from tests.api.walk import ANSWERS, Resident
from tests.handover import files

IN_IT = {
    "accounts": "手机号", "wechat_bindings": "微信", "contact_choices": "口令词", "consents": "同意",
    "inbox_messages": "消息", "households": "家庭", "mandates": "谁帮忙", "complaints": "举报投诉",
    "applications": "内容", "signatures": "签名", "openings": "谁看过",
}  # fmt: skip
"""Table → the heading in the JSON it stands under."""
IN_THE_BUNDLE = {
    "documents", "submissions", "case_events", "corrections", "public_notices", "decisions",
    "deliveries", "hearings", "hearing_lines", "thread_messages", "publications",
}  # fmt: skip
"""On the papers of each filed application (talk/bundle.py)."""
ON_ITS_PAGE = {
    "change_reports", "rechecks", "ratings", "check_disputes", "check_requests", "check_records",
    "visits", "surveys", "referrals", "referral_consents", "referral_steps", "objections",
    "unlisted_cases", "aid_grants", "aid_instalments", "payments", "opinions", "outside_signers",
}  # fmt: skip
"""Shown to the person on the page of the file; while it is decided, as far as the law shows it."""
NOT_A_COPY = {
    "secrets that open something": {
        "refresh_tokens", "phone_codes", "second_factors", "known_devices", "pass_codes",
        "sign_links", "data_keys", "wechat_tokens",
    },
    "counting, repeats, things under way": {
        "rate_windows", "phone_guards", "idempotency_records", "uploads", "upload_parts", "outbox",
        "text_messages", "wechat_pushes", "wechat_quotas", "draft_reminders", "tasks", "marks",
        "intake_dossiers", "check_answers", "visit_signatures",
    },
    "the office's own work": {
        "aid_conferences", "aid_papers", "case_clocks", "escalations", "flags", "check_obligors",
        "visit_photos", "leads", "lead_steps", "office_events", "appointments",
        "roster_households", "roster_visits",
    },
    "about no resident": {
        "audit_entries", "audit_heads", "audit_seals", "department_members", "digests",
        "letter_numbers", "office_clients", "office_nonces", "payment_files", "petty_funds",
        "petty_fund_lines", "petty_fund_requests", "petty_fund_closings", "regions", "staff",
        "wechat_codes", "windows", "worker_marks",
    },
}  # fmt: skip


def test_every_table_is_in_the_copy_or_says_why_not():
    """When this fails: put the new table into own_copy.py, or here with the reason."""
    named = [*IN_IT, *IN_THE_BUNDLE, *ON_ITS_PAGE, *(t for why in NOT_A_COPY.values() for t in why)]
    assert sorted(named) == sorted(Base.metadata.tables)


def test_a_person_takes_everything_along_and_nobody_elses(client, portal, clock):
    hers = Resident(client, portal).sign_in()
    filed = hers.start()
    hers.fill_in(filed)
    hers.add_photo(filed)
    assert hers.post(f"/api/applications/{filed}/submission").status_code == 201
    hers.start("linshi", key="start-2")
    other = files.draft(portal, files.LEAST, phone="13900000001")
    answer = hers.get("/api/me/copy.zip")
    assert answer.status_code == 200
    taken = zipfile.ZipFile(io.BytesIO(answer.data))
    assert taken.testzip() is None
    account = json.loads(taken.read("账户和家庭.json"))
    contents = [n for n in taken.namelist() if n.endswith("填的内容.json")]
    assert len(contents) == 2
    said = {name for n in contents for name in json.loads(taken.read(n))}
    assert {*account, *said} | {"谁帮忙"} >= set(IN_IT.values())
    assert account["手机号"] == hers.phone
    assert ANSWERS["applicant_id_number"] in "".join(taken.read(n).decode() for n in contents)
    assert any("照片" in name for name in taken.namelist())
    assert any("回执" in name for name in taken.namelist())
    with portal.database.reading() as session:
        assert session.get_one(Application, other).reference_no not in "".join(taken.namelist())
    assert not [n for n in taken.namelist() if n.startswith(("/", "\\")) or ".." in n]
    for _ in range(4):
        assert hers.get("/api/me/copy.zip").status_code == 200
    assert hers.get("/api/me/copy.zip").status_code == 429


def test_not_before_the_number_is_proved(client, portal, clock):
    hers = Resident(client, portal).sign_in()
    hers.fill_in(hers.start())
    clock.forward(days=200)
    assert hers.get("/api/me/copy.zip").status_code == 401
    answer = hers.sign_in().get("/api/me/copy.zip")
    assert (answer.status_code, answer.json["code"]) == (403, "proof_needed")
