"""What gunicorn serves: `gunicorn -c deploy/gunicorn.conf.py api.wsgi:app`."""

from api import create_app
from portal.assembly import open_portal
from portal.foundation.settings import from_environment

app = create_app(open_portal(from_environment()))
