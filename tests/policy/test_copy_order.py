"""The order in which answers are copied into another system: data of each place."""

import pytest

from portal.policy import copy_order
from portal.policy.reading import WrongProgram

PATH = "430000/430900/430923/430923121"
GOOD = "title: 某省的顺序\nfields:\n  - {name: phone, label: 手机}\n"


def test_ours_is_there_and_names_only_what_programs_ask(portal):
    order = copy_order.of(PATH)
    asked = {f.name for p in portal.catalogue.programs.values() for f in p.form.fields}
    inner = {
        one.name
        for program in portal.catalogue.programs.values()
        for field in program.form.fields
        for one in field.fields
    }
    assert set(order.fields) - {"reference_no", "program", "filed_on"} <= asked
    assert set(order.members) <= inner


def test_the_nearest_place_counts(tmp_path):
    for name in ("default", "430000", "430923"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("某省", name), encoding="utf-8")
    assert copy_order.of(PATH, tmp_path).title == "430923的顺序"
    assert copy_order.of("430000/430100/430102/430102001", tmp_path).title == "430000的顺序"
    assert copy_order.of("530000/530100", tmp_path).title == "default的顺序"
    assert copy_order.of(PATH, tmp_path).fields == {"phone": "手机"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hunan", GOOD),
        ("default", GOOD.replace("title", "titel")),
        ("default", GOOD + "  - {name: phone, label: 电话}\n"),
        ("default", GOOD.replace("label: 手机", "label: 12")),
    ],
    ids=["名字不是代码", "键写错", "同一项两次", "标签不是文字"],
)
def test_a_faulty_file_says_where(tmp_path, name, text):
    (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongProgram):
        copy_order.of(PATH, tmp_path)
