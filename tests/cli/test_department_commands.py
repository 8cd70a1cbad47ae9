"""`portal staff answers`: for which departments somebody reads referrals."""

from portal.assembly import open_portal
from portal.casework.referral import departments
from tests.cli.test_commands import run as run
from tests.handover import files


def test_an_administrator_says_for_whom_a_department_clerk_answers(run, settings):
    words = ("staff", "add", "long", "--name", "小龙", "--role", "department_clerk")
    run(*words, "--division", files.COUNTY)
    assert "县医保局" in run("staff", "answers", "long")
    assert "县医保局、县住建局" in run("staff", "answers", "long", "县医保局", "县住建局")
    run("staff", "answers", "long", "县公安局", code=1)
    portal = open_portal(settings)
    with portal.database.reading() as session:
        assert departments.has_account(session, "县住建局", files.COUNTY)
        assert not departments.has_account(session, "县应急局", files.COUNTY)
    portal.database.engine.dispose()
