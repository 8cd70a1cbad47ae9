"""Every table of every room, for the migrations and for tests."""

from portal.casework import tables as casework
from portal.contact import tables as contact
from portal.filing import tables as filing
from portal.foundation import audit, idempotency, rates, vault
from portal.handover import tables as handover
from portal.people import tables as people
from portal.policy import tables as policy

ROOMS = (audit, casework, contact, filing, handover, idempotency, people, policy, rates, vault)
