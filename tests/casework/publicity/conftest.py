"""A township and a county with their people."""

from tests.casework.decision.conftest import offices as offices
