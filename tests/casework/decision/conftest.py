"""A township and a county with their people."""

import pytest

from tests.casework.decision import offices as making
from tests.casework.decision.offices import Offices


@pytest.fixture
def offices(portal) -> Offices:
    return making.opened(portal)
