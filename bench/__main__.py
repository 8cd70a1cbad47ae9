"""`make bench`: every measure, best of 3; python -m bench photos runs one of them."""

import sys
from collections.abc import Callable

from bench import eligibility, memory, photos, places, search, start, submissions, weight

MEASURES: dict[str, Callable[[], int]] = {
    "weight": weight.main,
    "start": start.main,
    "memory": memory.main,
    "places": places.main,
    "search": search.main,
    "eligibility": eligibility.main,
    "photos": photos.main,
    "submissions": submissions.main,
}


def main(names: list[str]) -> int:
    """How many measures missed their aim."""
    return sum(MEASURES[name]() for name in names or MEASURES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
