"""Whatever stands there, a parser takes it or refuses it in words: nothing breaks, nothing hangs."""

import tempfile
import zipfile
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.casework.exchange import letters
from portal.casework.payment import reading
from portal.filing import values
from portal.foundation.errors import Invalid, NotFound
from portal.people.identity import Phone
from portal.policy import loader, regions, spreadsheets
from portal.policy.catalogue import Field
from portal.policy.spreadsheets import NotRead
from tests.conftest import NOW

TODAY = date(2026, 11, 22)
TITLES = ["申请编号", "姓名", "月份", "金额", "其中价格补贴", "发放日期", "结果", "失败原因"]
ODD = ["", "0", "-1", "1e999999", "1E-999999", "sNaN", "Infinity", "770.00", "７７０", "٧٧٠", "=1+1",
       "合计", "2026-11", "2026-11-10", "20261110", "²0261110", "成功", "1" * 5000, "\u202e", "𬱖"]  # fmt: skip
CELLS = st.one_of(st.sampled_from(ODD), st.text(max_size=12))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
quick = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


@given(st.text(max_size=40))
@example("138１２３４５６７８")
@example("+86" * 12)
def test_any_text_is_a_phone_or_a_refusal(text):
    for parse in (Phone.parse, Phone.parse_any):
        try:
            found = parse(text)
        except Invalid:
            continue
        assert found.value.isascii()
        assert found.value.isdigit()
        assert parse(found.value) == found, "read twice it is the same"


@pytest.fixture(scope="module")
def fields():
    """One field of every kind, from the real forms."""
    found: dict[str, Field] = {}
    for program in loader.load().programs.values():
        if program.has_form:
            for one in program.form.fields:
                found.setdefault(one.kind, one)
    made = {"count": Field(**{**vars(found["money"]), "kind": "count"})}
    assert set(found | made) | {"consent"} >= set(values._BY_KIND)
    return found | made


@quick
@given(value=ANYTHING)
@example(value=2**63)
@example(value="1e9")
@example(value=-0.0)
@example(value=[["x"]])
@example(value=[{"row": "a", "row2": {}}])
def test_any_value_is_an_answer_or_a_refusal(fields, value):
    """Money, dates, counts, choices, places, people: what is kept is kept again as it is."""
    for one in fields.values():
        try:
            kept = values.clean(one, value)
        except Invalid:
            continue
        assert values.clean(one, kept) == kept, one.kind


@quick
@given(code=st.one_of(st.text(max_size=14), st.from_regex(r"[0-9]{6,12}", fullmatch=True)))
@example(code="４３０９２３")
@example(code="²30923")
@example(code="430923' OR 1=1")
def test_any_text_is_a_place_or_none(region_session, code):
    with suppress(NotFound):
        assert regions.find(region_session, code).code == code


@pytest.fixture
def region_session(portal):
    with portal.database.reading() as session:
        yield session


def _written(lines, name: str, folder: Path) -> Path:
    file = folder / name
    if name.endswith("xlsx"):
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append([c.encode("utf-8", "ignore").decode() for c in line])
        book.save(file)
    else:
        file.write_text("\n".join(",".join(line) for line in lines), errors="ignore")
    return file


@quick
@given(lines=st.lists(st.lists(CELLS, min_size=6, max_size=9), max_size=5))
@example(lines=[["1234567890", "王", "2026-11", "1e999999", "0", "2026-11-10"]])
@example(
    lines=[
        ["1234567890", "王", "2026-11", "-1e999999", "0", "2026-11-10"],
        ["合计", "1", "", "1e999999", "", ""],
    ]
)
@example(lines=[["1234567890", "王", "２０２６-11", "770", "sNaN", "²0261110"]])
def test_any_bank_file_is_read_or_its_lines_are_named(lines):
    with tempfile.TemporaryDirectory() as folder:
        file = _written([TITLES, *lines], "bank.csv", Path(folder))
        try:
            found = reading.read(file, today=TODAY)
        except NotRead:
            return
    assert len(found.lines) + len(found.faults) > 0
    for line in found.lines:
        assert 0 < line.amount <= 10_000_000
        assert 0 <= line.subsidy <= line.amount
        assert line.paid_on <= TODAY


@quick
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx"]))
@example(data=b"PK\x03\x04" + b"\0" * 60, name="a.xlsx")
@example(data=b'"' + b"x" * 200_000, name="a.csv")
@example(data=b"\xff\xfe\x00", name="a.csv")
def test_any_bytes_are_a_list_or_none(data, name):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(data)
        with suppress(NotRead):
            reading.read(file, today=TODAY)


def test_a_list_that_unpacks_into_gigabytes_is_not_unpacked(tmp_path):
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(11):
            archive.writestr(f"xl/{number}.xml", bytes(20 * 1024 * 1024))
    assert file.stat().st_size < spreadsheets.LARGEST
    with pytest.raises(NotRead, match="太大"):
        reading.read(file, today=TODAY)


KEY = Ed25519PrivateKey.generate()
LETTER = letters.Letter("event", "anhua", int(NOW.timestamp()), b'{"kind":"accepted"}')


@given(data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@example(data=b"[" * 900 + b"\n")
@example(data=b'{"at":1e999}\n')
@example(data=letters.written(LETTER, KEY)[:-1])
def test_any_bytes_are_a_letter_or_cut_or_damaged(data):
    public = KEY.public_key().public_bytes_raw()
    with pytest.raises((letters.Cut, letters.Damaged)):
        letters.opened(data, public)
    assert letters.opened(letters.written(LETTER, KEY), public) == LETTER, "the control"


def test_amounts_keep_every_fen(tmp_path):
    """What is read is exactly what stood there."""
    for said in ("0.01", "770", "770.5", "99999.99", "１，２３４.５０元"):
        line = ["1234567890", "王", "2026-11", f'"{said}"', "0", "2026-11-10"]
        file = _written([TITLES, line], "bank.csv", tmp_path)
        plain = said.translate(str.maketrans("１２３４５０，", "123450,")).replace(",", "")
        assert (
            reading.read(file, today=TODAY).lines[0].amount
            == Decimal(plain.removesuffix("元")) * 100
        )
