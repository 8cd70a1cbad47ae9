"""`make bench`: every measure, best of 3; python -m bench photos runs one of them."""

import sys
from collections.abc import Callable

from bench import (
    eligibility,
    growth,
    large,
    memory,
    mixed,
    on_the_phone,
    photos,
    places,
    search,
    slow_link,
    start,
    submissions,
    weight,
)

MEASURES: dict[str, Callable[[], int]] = {
    "weight": weight.main,
    "start": start.main,
    "memory": memory.main,
    "places": places.main,
    "search": search.main,
    "eligibility": eligibility.main,
    "photos": photos.main,
    "on_the_phone": on_the_phone.main,
    "slow_link": slow_link.main,
    "submissions": submissions.main,
    "growth": growth.main,
    "mixed": mixed.main,
    "large": large.main,
}
LONG = frozenset({"large"})
"""Only when asked for by name."""


def main(names: list[str]) -> int:
    """How many measures missed their aim."""
    return sum(MEASURES[name]() for name in names or [n for n in MEASURES if n not in LONG])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
