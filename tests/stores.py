"""On which database a test is repeated when SQL is not what it is about."""

import pytest

SECOND_IN_FULL = pytest.mark.parametrize(
    "store",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.full])],
    indirect=True,
)
"""SQLite every time, PostgreSQL with --full: the SQL behind is tried elsewhere on both."""
