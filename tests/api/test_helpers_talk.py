"""A helper who may follow a case hears and says what the person would; the papers stay the person's."""

from uuid import UUID

from portal.casework.decision import letters
from portal.people.access import Act, Actor, Grant, Role
from tests.api.helped import FILLED, neighbour, the
from tests.api.test_messages import say
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look
from tests.casework.talk import recordings


def test_who_may_follow_hears_the_voice_and_answers(app, portal):
    helper = neighbour(app, portal)
    helper.begin()
    file = helper.start_for()
    assert helper.fill(file, **FILLED).status_code == 200
    assert helper.submit(file).status_code == 201
    here = f"/api/applications/{file}/messages"
    spoken = say(helper, here, voice=recordings.amr(2))
    assert spoken.status_code == 201, spoken.json
    voice = f"{here}/{spoken.json['messages'][0]['id']}/voice"
    assert helper.get(voice).status_code == 200
    bundle = helper.get(f"/api/applications/{file}/bundle.zip")
    assert (bundle.status_code, bundle.json["code"]) == (403, "helper_never")
    the(portal, helper.mandate, acts=["fill", "submit"])
    refused = [helper.get(here), helper.get(voice), say(helper, here, text="在吗")]
    refused.append(helper.get(f"/api/applications/{file}/decision"))
    for answer in refused:
        assert (answer.status_code, answer.json["code"]) == (403, "out_of_scope")


def test_a_letter_is_opened_by_the_person_and_by_no_helper(portal):
    offices = making.opened(portal)
    file_id = making.on_the_road(offices, "dibao", "granted")
    grant = Grant(UUID(int=1), UUID(int=2), frozenset(), frozenset(Act))
    helper = Actor(Role.APPLICANT, grant.helper).under(grant)

    def opened_by(who):
        def note(session, file):
            (one,) = letters.of(session, file)
            letters.note_opened(session, file, one, actor=who, now=offices.now)
            return one.opened_at

        return do(offices, file_id, note)

    assert opened_by(helper) is None
    assert opened_by(look(offices, file_id, lambda _s, file: making.owner(file))) == offices.now
