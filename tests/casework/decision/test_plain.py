"""What needs no file: the allow-list of a posting, masked names, months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.casework import clocks
from portal.casework.decision import notice


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=12))
def test_no_other_field_can_be_posted(fields):
    if set(fields) <= set(notice.ALLOWED):
        assert notice.public(fields) == fields
    else:
        with pytest.raises(ValueError, match="may not be posted"):
            notice.public(fields)


@given(st.text(max_size=30))
def test_a_posted_name_shows_one_character(name):
    shown = notice.masked(name)
    assert shown[1:].strip("某") == ""
    assert len(shown) <= 3
    assert len(name.strip()) <= 1 or shown != name.strip()


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 11, 30), 6, date(2027, 5, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_on(day, months, found):
    assert clocks.months_on(day, months) == found
