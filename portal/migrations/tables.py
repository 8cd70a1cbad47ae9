"""Every table of every room, for the migrations and for tests."""

from portal.casework import flags, openings
from portal.casework import tables as casework
from portal.casework.after import tables as after
from portal.casework.aid import tables as aid
from portal.casework.clock import tables as clock
from portal.casework.decision import tables as decision
from portal.casework.leads import tables as leads
from portal.casework.payment import tables as payment
from portal.casework.publicity import tables as publicity
from portal.casework.referral import tables as referral
from portal.casework.survey import tables as survey
from portal.casework.talk import rating
from portal.casework.talk import tables as talk
from portal.contact import tables as contact
from portal.contact import wechat_tables as wechat
from portal.filing import mark_tables as marks
from portal.filing import signing_tables as signing
from portal.filing import tables as filing
from portal.foundation import audit, idempotency, rates, vault
from portal.handover import tables as handover
from portal.people import appointment_tables as appointments
from portal.people import mandate_tables as mandates
from portal.people import pass_tables as passes
from portal.people import tables as people
from portal.people import wechat_tables as bindings
from portal.policy import tables as policy

ROOMS = (
    after,
    aid,
    appointments,
    audit,
    bindings,
    casework,
    clock,
    contact,
    decision,
    filing,
    flags,
    handover,
    idempotency,
    leads,
    mandates,
    marks,
    openings,
    passes,
    payment,
    people,
    publicity,
    policy,
    rates,
    rating,
    referral,
    signing,
    survey,
    talk,
    vault,
    wechat,
)
