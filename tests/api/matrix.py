"""Who may get in where: one line an endpoint, written by hand; and a world to try it in.

Letters: C 窗口经办 I 调查 R 初审 · K 县级经办 H 核对 Q 审核确认 · D 专项部门 S 监管 A 审计 M 管理员;
o the applicant, s another resident, n nobody. own(): in the file's own division; both(): there
and in a foreign one, where it shows that division's own things and nothing of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.assembly import Portal
from portal.people import staff
from portal.people.access import Role
from portal.people.tables import Account
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

ROLES = {
    "C": Role.TOWNSHIP_CLERK, "I": Role.TOWNSHIP_INVESTIGATOR, "R": Role.TOWNSHIP_REVIEWER,
    "K": Role.COUNTY_CLERK, "H": Role.COUNTY_CHECKER, "Q": Role.COUNTY_CONFIRMER,
    "D": Role.DEPARTMENT_CLERK, "S": Role.SUPERVISOR, "A": Role.AUDITOR, "M": Role.ADMINISTRATOR,
}  # fmt: skip
OWN = {"C": files.TOWNSHIP, "I": files.TOWNSHIP, "R": files.TOWNSHIP, "S": "430900", "M": ""}
FOREIGN = {"C": files.NEIGHBOUR, "I": files.NEIGHBOUR, "R": files.NEIGHBOUR, "S": "430400", "M": ""}
"""A township's neighbour of the same county; of the others another county or prefecture."""
NOBODY, OWNER, STRANGER = "nobody", "owner", "stranger"


def own(letters: str) -> frozenset[str]:
    return frozenset(f"{letter}:own" for letter in letters)


def both(letters: str) -> frozenset[str]:
    return own(letters) | {f"{letter}:foreign" for letter in letters}


STAFF = both("CIRKHQDSAM")
EVERYBODY = STAFF | {NOBODY, OWNER, STRANGER}
HERS, RESIDENTS = frozenset({OWNER}), frozenset({OWNER, STRANGER})
SIGNED_IN = EVERYBODY - {NOBODY}
NOBODY_AT_ALL: frozenset[str] = frozenset()
TOWN, COUNTY = "CIR", "KHQ"
WORKS = own(TOWN + COUNTY)
READS = own(TOWN + COUNTY + "A")
LOOKS = READS | own("S")

WHO: dict[frozenset[str], str] = {
    EVERYBODY: """
        home.home home.read_guide home.help_now home.ask_for_help home.prefer home.status
        home.look_up status.look_up status.ask_for_help system.docs system.openapi system.alive
        system.metrics system.ready programs.programs programs.program regions.find policies.find
        self_checks.check self_checks.rules self_check.ask self_check.judge contacts.near
        finding.contacts finding.search papers.sheet papers.pocket_book papers.poster apply.about
        auth.begin auth.send_code auth.begin_staff complaints.hand_in complaints.follow
        talk.ask_complaint talk.hand_in_complaint talk.ask_code talk.follow_complaint
        talk.follow_by_address leads.report leads.follow report.ask report.hand_in
        public_notices.hanging public_notices.object_to public_notices.follow notices.choose
        notices.hanging notices.ask_code notices.follow notices.ask notices.hand_in
        report.ask_code report.follow sign_in.ask_phone sign_in.send_code sign_in.ask_code
        sign_in.check_code sign_in.leave sign_in.read_privacy sign_in.outbox me.read_consents
        desk.ask_sign_in desk.sign_in desk.leave
        village_roster.paused helping.ask_leave helping.leave offline.all_guides offline.without_signal offline.waiting offline.service_worker offline.sheet offline.round_without_signal
        phone_outbox.look beginning.propose
        mandates.not_me who_helps.ask_code who_helps.not_me sign_link.read sign_link.sign
        sign_link.withdraw helping.authorisation
        wechat.begin wechat.templates wechat.link dev_mini.enter dev_mini.file
    """,
    NOBODY_AT_ALL: """
        wechat_push.greet wechat_push.take
        auth.refresh messages.take_receipts intake.following intake.taken intake_events.receive
        roster.every roster.corrections roster.add roster.visit roster.help_them
        roster.remove village_roster.remove
        roster_leads.every roster_leads.look village_leads.every village_leads.look
        roster_tasks.every roster_tasks.finish village_tasks.every village_tasks.told
        roster.begin_factor roster.prove village_roster.first_page village_roster.add
        village_roster.visit village_roster.help_them village_roster.corrections
        roster_copy.copy phone_outbox.of_round
         roster_factor.ask roster_factor.begin roster_factor.prove
    """,
    SIGNED_IN: """
        auth.end me.sign_out_everywhere sign_in.leave_everywhere office.reasons
        office_referrals.way desk_referrals.way
    """,
    RESIDENTS: """
        applications.start applications.mine me.held me.take_copy checks.mine me.change_consents
        passing.give passing.ask passing.one passing.look passing.take passing.offer
        passing.answer passing_page.ask_give passing_page.give passing_page.ask_ask
        passing_page.ask passing_page.one passing_page.answer passing_page.ask_code
        passing_page.type_code passing_page.look passing_page.take
        messages.contact messages.choose me.start_afresh me.change_phone me.prove messages.box
        messages.mark_seen cases.every apply.start talk.ask_word talk.choose_word
        sign_in.ask_consents sign_in.give_consents sign_in.held sign_in.change_consent
        talk.contact talk.choose talk.box check_result.others sign_in.ask_proof sign_in.prove
        sign_in.start_afresh
        phone_outbox.of_household phone_outbox.opened_of_household households.mine households.begin households.one households.save households.add
        households.submit household.mine_all household.one household.choose household.add
        household.say_no hand_in.check hand_in.submit hand_in.receipts hand_in.sign
        photos.papers_of_all photos.one_of_all walking.read walking.save walking.tasks
        beginning.start mandates.give mandates.both mandates.end mandates.claim mandates.confirm
        mandates.speak helping.ask_whom helping.begin helping.everybody helping.one helping.end
        helping.ask_enter helping.enter helping.another_program helping.slip
        helping_yes.ask_payee helping_yes.open_payee helping_yes.ask_yes
        after.links helping_yes.say_yes who_helps.everybody who_helps.revoke who_helps.ask_claim
        who_helps.claim who_helps.ask_new who_helps.appoint
        wechat.take_phone wechat.bind wechat.unbind wechat.subscribe sign_in.unbind_wechat
        my_phone.ask my_phone.send my_phone.change
    """,
    HERS: """
        applications.one applications.discard applications.answers applications.save bundles.take
        opinions.read opinions.give rating.ask rating.give checks.one nudges.read nudges.nudge complaints.about_mine decisions.one decisions.letter
        decisions.answer checks.dispute checks.ask_other_time applications.photos
        applications.photo applications.add_photo applications.remove_photo sorting.sort
        sorting_page.ask sorting_page.sort messages.read
        messages.write messages.voice readers.who_looked referral_consents.questions
        referral_consents.take_back referral_consents.answer applications.signers
        phone_papers.signing_text phone_papers.receipt_picture_of
        applications.sign applications.submit applications.receipt applications.story
        applications.withdraw cases.one cases.ask_withdrawal cases.withdraw apply.check
        apply.submit apply.discard apply.tasks apply.receipt apply.receipt_code self_check.carry
        my_decisions.ask my_decisions.answer my_decisions.one my_decisions.letter
        my_decisions.objected talk_file.read talk_file.write nudging.nudge photos.all_papers
        photos.one_paper photos.add photos.remove readers_page.who_looked signing.everybody
        signing.one signing.sign signing.paper steps.read steps.save check_result.read
        check_result.dispute check_result.ask_other_time agreeing.question agreeing.answer
        agreeing.take_back applications.unsign applications.send_link uploads.reached
        uploads.put phone_outbox.of_file phone_outbox.opened_of_file phone_outbox.of_hand signing.send_link signing.withdraw
        changes.read changes.report changes.answer_recheck changes.keep_off after.ask_change
        after.report after.ask_recheck after.answer after.ask_another_way after.ask_to_hide
        after.hide
    """,
    READS: """
        office_open.after office.read office.who_looked office.form office.photo office_aid.one
        office_survey.details office_survey.read office_survey.panel office_survey.sheet
        office_survey.photo office_delegations.read office_delegations.voice office_clock.of_case office_decisions.one office_decisions.decisions
        office_decisions.letter office_talk.read office_talk.voice
        desk_places.ask_where desk.form desk.photo desk_survey.details desk_survey.read desk_survey.sheet
        desk_survey.photo desk_delegations.voice desk_decision.letter desk_talk.voice desk_copy.masked
        office.release desk.release
    """,
    LOOKS: "office.open_with_reason desk.open_with_reason desk.read",
    WORKS: """
        office.copy office.reveal office.accept_photo office.ask_again office_talk.write
        office_decisions.flag_kin desk_copy.whole desk.reveal desk_places.accept_photo
        desk_places.ask_again desk_talk.write desk_decision.flag_kin
        office.answer_alert desk.answer_alert office.export
        office_record.amend desk_record.amend
    """,
    own("CIRKQ"): """
        office_decisions.note_death office_decisions.ask office_decisions.note_statement
        office_decisions.note_not_met office_decisions.drop office_decisions.deliver
        desk_decision.deliver desk_decision.note_death
        desk_decision.ask desk_decision.note_statement desk_decision.note_not_met
        desk_decision.drop
    """,
    own("CIRK"): """
        office_record.withdraw office_record.dispute desk_record.withdraw desk_record.dispute
    """,
    own("CIR"): """
        office.assign office_decisions.receive_objection office_referrals.refer
        office_referrals.ask office_referrals.record office_decisions.review_again
        desk_places.assign desk_decision.receive_objection desk_referrals.ask_what
        desk_referrals.refer desk_referrals.ask desk_referrals.record desk_decision.review_again
        office_open.note_recheck desk_open.note_recheck office_open.answer desk_open.answer
        office_decisions.hand_in desk_decision.hand_in office_households.add
        desk_household.add
    """,
    own("C"): """
        office.accept office.decline office.ask_for desk.accept desk.decline desk.ask_for
        office.transfer office.send_back desk_places.send_back
    """,
    own("CR"): """
        office_aid.give_small desk_aid.give_small office_aid.give_first desk_aid.give_first
        office_aid.send_up desk_aid.send_up
        office_aid.finish office_aid.settle office_decisions.post_notice
        office_open.post_stop desk_open.post_stop
        office_decisions.end_notice desk_aid.finish desk_aid.settle desk_decision.post_notice
        desk_decision.end_notice
    """,
    own("R"): """
        office_decisions.send_up office_decisions.give_opinion desk_decision.send_up
        desk_decision.give_opinion
    """,
    own("I"): """
        office_survey.save office_survey.finish office_survey.sign office_survey.add_photos
        desk_survey.save desk_survey.sign desk_survey.add_photos
        office_delegations.take_back desk_delegations.take_back
    """,
    own("CI"): """
        office_survey.answer office_survey.plan desk_survey.answer desk_survey.plan
        office_delegations.answer office_delegations.open_payee
        desk_delegations.answer desk_delegations.open_payee
    """,
    own("CIH"): "office_survey.ask desk_survey.ask",
    own("IH"): """
        office_survey.add_obligor desk_survey.add_obligor office_survey.let_off
        desk_survey.let_off
    """,
    own("IR"): """
        office_decisions.reinvestigate office_decisions.settle desk_decision.reinvestigate
        desk_decision.settle
    """,
    own("H"): """
        office_survey.tell office_survey.start office_survey.leave_out desk_survey.tell
        desk_survey.start desk_survey.leave_out
    """,
    own("Q"): """
        office_decisions.decide office_decisions.adjust desk_decision.decide desk_decision.adjust
        office_aid.plan desk_aid.plan
    """,
    own("KQ"): """
        office_decisions.start_paying desk_decision.start_paying office_aid.hold desk_aid.hold
    """,
    own("CRQ"): """
        office_clock.extend desk_clock.extend office_open.keep_off desk_open.keep_off
    """,
    own("CRKQ"): """
        office_aid.ask_conference office_aid.drop office_aid.hand_out desk_aid.ask_conference
        desk_aid.drop desk_aid.hand_out
    """,
    own("KHQ"): """
        office.settle office_decisions.note_county_visit desk_decision.note_county_visit
    """,
    own("CKHQ"): "desk_places.transfer",
    both(TOWN + COUNTY + "SA"): """
        office_open.boards office_open.waiting desk_open.boards desk_open.waiting
        office_open.paper desk_open.paper
        office_clock.board office_talk.waiting office_talk.to_tell office_decisions.kin_register
        desk_clock.board desk_talk.waiting desk_talk.to_tell desk_decision.kin_register
        desk.find_one desk_aid.first_page office_leads.every office_leads.one desk_leads.every
        desk_leads.one office_figures.read office_figures.table desk_figures.read
        desk_figures.table
    """,
    both(TOWN + COUNTY): """
        office_leads.take_in desk_leads.take_in desk_copy.export desk_copy.choose office_talk.finish desk_talk.told
    """,
    both(TOWN + COUNTY + "SAD"): """
        office.lists office_referrals.every desk.first_page desk.count desk.keys
        desk_referrals.every desk_talk.words
    """,
    both("KQSA"): """
        opinions.waiting desk_opinions.waiting complaints.waiting complaints.read
        desk_talk.complaints_list desk_talk.complaint office_signals.read desk_signals.board
    """,
    own("KQS"): "opinions.follow_up desk_opinions.follow_up",
    both("KQS"): "complaints.answer desk_talk.answer",
    both("CRKQSA"): """
        office_aid.funds office_aid.book office_aid.table desk_ledger.first_page desk_ledger.read
        desk_ledger.table
    """,
    both("CR"): """
        office_aid.begin office_aid.ask_money office_aid.close office_aid.take_back
        desk_ledger.begin desk_ledger.ask_first desk_ledger.ask desk_ledger.close
        desk_ledger.take_back
    """,
    both("C"): """
        office_aid.first_at_window office_aid.small_at_window desk_aid.first_at_window
        desk_aid.small_at_window
    """,
    both("KQ"): """
        office_payments.every office_payments.take_in desk_payments.first_page
        desk_payments.take_in
    """,
    both("CK"): """
        office_assistants.every office_assistants.suspend office_assistants.resume
        office_assistants.reset_factor office_assistants.hand_over
        office_assistants.take_in desk_assistants.take_in desk_assistants.everybody desk_assistants.suspend desk_assistants.resume
        desk_assistants.reset_factor desk_assistants.hand_over
    """,
    both("Q"): """
        office_aid.grant_money office_aid.refuse_money desk_ledger.grant desk_ledger.refuse
    """,
    both("D"): """
        office_referrals.receive office_referrals.close office_referrals.send_back
        office_referrals.reveal desk_referrals.receive desk_referrals.close
        desk_referrals.send_back desk_referrals.reveal
    """,
    both(TOWN + COUNTY + "D"): """
        office_referrals.read office_referrals.sheet desk_referrals.read desk_referrals.sheet
    """,
    both("CIRHQ"): "office.take_next desk.take_next",
    both("CIR"): """
        office_leads.step office_leads.file_emergency office_leads.link office_leads.assist
        desk_leads.step desk_leads.file_emergency desk_leads.link desk_leads.assist
        office_referrals.refer_household desk_referrals.ask_household
        desk_referrals.refer_household
    """,
}
"""Who is let in; an assistant's roster is tried in test_roster.py. A new endpoint needs its name here, in the line of those it is for."""


def table() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for who, names in WHO.items():
        for name in names.split():
            assert name not in found, f"{name} stands twice"
            found[name] = who
    return found


@dataclass
class World:
    """One file of the owner in each status, people of every role, and what bodies name."""

    actors: dict[str, UUID | None]
    files: dict[str, UUID]
    photo: UUID


def build(portal: Portal) -> World:
    with portal.database.writing() as session:
        if session.get(files.Region, files.TOWNSHIP) is None:
            files.add_regions(session)
    found = {name: _file(portal, status) for name, status in STATES.items()}
    for name in ("emergency", "referral"):
        with portal.database.writing() as session:
            cases.file_of(session, found[name]).machine = name
    photo = files.add_photo(portal, found["submitted"], files.jpeg())
    return World(dict(_people(portal, found["submitted"])), found, photo)


STATES = {
    "submitted": Status.SUBMITTED, "opened": Status.SUBMITTED, "asked": Status.SUBMITTED,
    "accepted": Status.ACCEPTED, "surveying": Status.SURVEYING,
    "first_review": Status.FIRST_REVIEW, "public_notice": Status.PUBLIC_NOTICE,
    "county_review": Status.COUNTY_REVIEW, "approved": Status.APPROVED, "paying": Status.PAYING,
    "reviewing": Status.REVIEWING, "emergency": Status.ACCEPTED, "referral": Status.ACCEPTED,
}  # fmt: skip


def _file(portal: Portal, status: Status) -> UUID:
    file_id = files.draft(portal, files.MORE)
    files.submit(portal, file_id)
    cases.deliver(portal)
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file_id), status)
    return file_id


def _people(portal: Portal, file_id: UUID) -> Iterator[tuple[str, UUID | None]]:
    yield NOBODY, None
    with portal.database.writing() as session:
        yield OWNER, cases.file_of(session, file_id).account_id
        yield STRANGER, files.resident(session, "13900000009").id
        for letter, role in ROLES.items():
            for where, places in (("own", OWN), ("foreign", FOREIGN)):
                place = places.get(letter, "430923" if where == "own" else "430481")
                name = f"{role}-{where}".replace("_", "-")
                made, *_factors = staff.add(session, name, name, role, place, now=NOW)
                yield f"{letter}:{where}", made.id


def account(session: Any, actor_id: UUID) -> Any:
    return session.get(Account, actor_id) or session.get(staff.Staff, actor_id)
