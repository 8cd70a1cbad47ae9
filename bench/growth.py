"""One more submission costs at 100,000 stored cases at most twice what it costs at 10,000.

At a million: `make bench-large`. Needs a PostgreSQL server, `make bench` starts one.
"""

import sys

from bench import large

SIZES = (10_000, 100_000)


def main() -> int:
    return large.compare(SIZES, only=[large.SUBMISSION])


if __name__ == "__main__":
    sys.exit(main())
