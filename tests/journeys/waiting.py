"""What a phone keeps, looked at from outside, and phones whose signal comes and goes."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.filing import applications
from portal.filing.tables import Application, Document, Submission
from portal.handover.tables import IntakeDossier
from portal.people.tables import Account
from tests.journeys import story
from tests.journeys.phone import Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_without_signal import KEPT as KEPT_PAGES
from tests.pages.furnished import cookie

ON_THE_PHONE = """
() => new Promise((done) => {
  const request = indexedDB.open("drafts", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("drafts");
  request.onsuccess = () => {
    const drafts = request.result.transaction("drafts").objectStore("drafts");
    drafts.getAllKeys().onsuccess = ({ target: keys }) => {
      drafts.getAll().onsuccess = ({ target }) => {
        request.result.close();
        done(Object.fromEntries(keys.result.map((key, n) => [key, target.result[n]])));
      };
    };
  };
})
"""


def forgive_the_dead_network(phone: Phone) -> None:
    phone.faults[:] = [f for f in phone.faults if "ERR_" not in f and "status of 4" not in f]


def on_the_phone(phone: Phone) -> dict[str, Any]:
    """Files and topics; what the PIN needs is none."""
    kept = phone.page.evaluate(ON_THE_PHONE)
    return {key: one for key, one in kept.items() if key != "pin"}


def topics(phone: Phone) -> dict[str, Any]:
    """The typed topics by step: what still waits."""
    kept = on_the_phone(phone)
    return {key.partition("/")[2]: one for key, one in kept.items() if not key.endswith("/")}


def visit_once(phone: Phone) -> None:
    """One visit with a signal, long enough for the phone to keep what it needs."""
    phone.open("/")
    assert soon(lambda: "/offline" in phone.page.evaluate(KEPT_PAGES))


def know_the_place(phone: Phone) -> None:
    """The lists of places she has looked at with a signal are there without one."""
    phone.open("/help-now")
    phone.place("place", *story.VILLAGE)


def answers(site: Site, address: str) -> dict[str, Any]:
    """What the portal has of the application at this address."""
    with site.portal.database.reading() as session:
        row = session.get_one(Application, UUID(address.rpartition("/")[2]))
        return applications.answers(session, row)


def signed_in_again(phone: Phone, site: Site) -> None:
    with site.portal.database.reading() as session:
        account = session.scalars(select(Account.id)).one()
    token = cookie(site.portal, account)
    phone.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])


def files(site: Site) -> list[UUID]:
    with site.portal.database.reading() as session:
        return list(session.scalars(select(Application.id)))


def handed_in(site: Site) -> list[UUID]:
    """The application of every submission there is."""
    with site.portal.database.reading() as session:
        return list(session.scalars(select(Submission.application_id)))


def in_the_queue(site: Site) -> int:
    """Files the township's queue has."""
    with site.portal.database.reading() as session:
        return session.scalar(select(func.count()).select_from(IntakeDossier)) or 0


def photos(site: Site) -> list[tuple[UUID, str]]:
    with site.portal.database.reading() as session:
        rows = select(Document.application_id, Document.sent_digest)
        return [(row[0], row[1]) for row in session.execute(rows)]
