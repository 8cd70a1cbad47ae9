"""What the processes say on standard error: one JSON object a line, without personal data."""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType

_EXTRAS = ("request_id", "application_id")


class JsonLines(logging.Formatter):
    """Level, time, logger, words, and the request's or application's number. Of a fault only
    its kind and place: its words may hold what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: str(getattr(record, name)) for name in _EXTRAS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = record.exc_info[0].__name__
            line["trace"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def write_json() -> None:
    """From now on this process logs warnings and worse as JSON lines, its own rooms from INFO."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("portal").setLevel(logging.INFO)


def _places(trace: TracebackType | None) -> str:
    found = []
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.rsplit("/", 1)[-1]
        found.append(f"{file}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " ".join(found)
