"""gunicorn for the portal. On SQLite one process with threads: it holds the one writer's lock.

WeChat's stand-in lives in one process too.
"""

from typing import Any

from portal.foundation.logs import JsonLines
from portal.foundation.settings import from_environment

_settings = from_environment()


def post_worker_init(worker: Any) -> None:
    """api/gate.py asks how many requests wait for one of the threads."""
    worker.wsgi.extensions["waiting"] = worker.tpool._work_queue.qsize


wsgi_app = "api.wsgi:app"
bind = [one.strip() for one in _settings.bind.split(",")]
worker_class = "gthread"
_many = _settings.database_url and _settings.wechat != "standin"
workers = max(1, _settings.processes) if _many else 1
threads = 16
timeout = 60
graceful_timeout = 20
keepalive = 5
limit_request_line = 4094
control_socket_disable = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 - only gunicorn's own heartbeat file
loglevel = "warning"
forwarded_allow_ips = "127.0.0.1,::1"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"errors": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["errors"]},
    "loggers": {
        "gunicorn.error": {"level": "WARNING", "handlers": ["errors"], "propagate": False},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}
