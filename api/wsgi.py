"""What gunicorn serves: `gunicorn -c deploy/gunicorn.conf.py api.wsgi:app`."""

import logging
import sys

from flask import Flask

from api import create_app
from portal.assembly import open_portal
from portal.foundation.database import Away
from portal.foundation.settings import WrongSettings, from_environment

_CANNOT_START = 3
"""gunicorn's own code for a process that could not start: it ends, and systemd starts it again."""


def _made() -> Flask:
    """What people can mend is told in a line."""
    try:
        return create_app(open_portal(from_environment()))
    except (Away, WrongSettings) as fault:
        logging.getLogger("portal").critical("%s", fault)
        sys.exit(_CANNOT_START)


app = _made()
