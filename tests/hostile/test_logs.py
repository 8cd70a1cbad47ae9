"""Logs: one line a record, no word of anybody, kept six months at least."""

import ast
import json
import logging
import re
import shutil
import subprocess
import sys
from pathlib import PurePath

import pytest

from portal.foundation import retention
from portal.foundation.logs import JsonLines
from tests.rules.code import ROOT, files, name, tree

SAID = re.compile(
    r"type\(fault\)\.__name__|_where\(fault\)|\w*(?:tries|errcode|silence|_id)|\w+\.(?:id|key|tries|errcode)"
    r"|name|path|kind|\w+\.office\.name"
)
"""What may stand in a line: numbers of rows, kinds of faults, names of offices and steps."""
LOGROTATE = shutil.which("logrotate") or ""


def line(message, *args, fault=None, **extra):
    record = logging.LogRecord("portal", logging.ERROR, "x.py", 1, message, args, fault)
    record.__dict__.update(extra)
    return JsonLines().format(record)


def test_of_a_fault_only_kind_and_place_are_said():
    try:
        raise ValueError("刘桂香 430923190001010010")
    except ValueError:
        said = line("fault", fault=sys.exc_info(), request_id="r1", password="x", phone="138")
    found = json.loads(said)
    assert found["fault"] == "ValueError"
    assert found["trace"].startswith("test_logs.py:")
    assert set(found) == {"at", "level", "logger", "message", "request_id", "fault", "trace"}
    assert "刘" not in said


@pytest.mark.parametrize("word", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\u2028b", "a\x00b"])
def test_whatever_is_logged_is_one_line(word):
    said = line("step %s", word)
    assert json.loads(said)["message"] == f"step {word}"
    assert "\n" not in said
    assert "\x1b" not in said
    assert "\0" not in said


def calls():
    for path in (p for p in files("portal", "api") if "log." in p.read_text(encoding="utf-8")):
        for node in ast.walk(tree(path)):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and ast.unparse(called.value) in ("log", "_log"):
                yield name(path), node


def test_no_log_call_can_say_a_word_of_anybody():
    """When this fails: log a number or a kind, never what a person or a fault says."""
    found = list(calls())
    assert len(found) > 15
    for path, node in found:
        words, *args = node.args
        assert isinstance(words, ast.Constant), (path, "a fixed sentence with %s")
        said = [ast.unparse(arg) for arg in args]
        assert [one for one in said if not SAID.fullmatch(one)] == [], path


def test_nginx_logs_a_network_and_the_first_step_of_a_path():
    front = (ROOT / "deploy/nginx/jiuzhutong.conf").read_text(encoding="utf-8")
    form = re.search(r"log_format jiuzhutong (.*?);", front, re.S)[1]
    assert set(re.findall(r"\$(\w+)", form)) == {
        "time_iso8601", "jiuzhutong_network", "request_method", "jiuzhutong_place", "status",
        "bytes_sent", "request_time", "upstream_response_time",
    }  # fmt: skip


def test_the_journal_and_nginx_keep_six_months_at_least():
    days = retention.kinds()["logs"].days
    assert days >= 183
    journal = (ROOT / "deploy/journald.conf").read_text(encoding="utf-8")
    assert f"MaxRetentionSec={days // 30}month" in journal
    assert "Storage=persistent" in journal
    assert f"rotate {days}\n" in (ROOT / "deploy/logrotate.conf").read_text(encoding="utf-8")


@pytest.mark.skipif(not LOGROTATE, reason="no logrotate")
def test_logrotate_understands_it(tmp_path):
    words = (ROOT / "deploy/logrotate.conf").read_text(encoding="utf-8")
    copy = tmp_path / "conf"
    copy.write_text(words.replace("/var/log/", f"{tmp_path}/"), encoding="utf-8")
    copy.chmod(0o644)
    (tmp_path / "jiuzhutong").mkdir()
    (tmp_path / "jiuzhutong" / "nginx.log").write_text("x")
    command = [LOGROTATE, "--debug", "--state", str(tmp_path / "state"), str(copy)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "error" not in said.stderr.lower().replace("error.log", "")
    assert "considering log" in said.stderr


def test_no_other_rule_rotates_the_same_file():
    """logrotate leaves out whole files of rules that name a log twice; Debian's names all of these."""
    words = (ROOT / "deploy/logrotate.conf").read_text(encoding="utf-8")
    front = (ROOT / "deploy/nginx/jiuzhutong.conf").read_text(encoding="utf-8")
    written = set(re.findall(r"(?:access|error)_log (/\S+)", front))
    named = re.search(r"^(/\S+) \{", words, re.M)[1]
    assert written
    assert all(PurePath(log).match(named) for log in written)
    assert not any(PurePath(log).match("/var/log/nginx/*.log") for log in written)
