"""The lines of RUNBOOK.md typed as they stand, under a root of the test's own.

What only a real machine has is played: `systemctl start` of the backup runs what its unit says,
`systemd-run` takes the settings files and becomes the site's user, who owns what was given to it
and nothing else.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from tests.rules.code import ROOT

BOOK = (ROOT / "deploy" / "RUNBOOK.md").read_text(encoding="utf-8")
NOBODY = 65534
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OURS = re.compile(r"(?<![\w/.])/(?=(?:opt|etc|var|srv|usr/local)/)")
_SHIMS = {
    "useradd": "exit 0",
    "openssl": 'exec /usr/bin/openssl "$@" 2>/dev/null',
    "setpriv": 'while [ "${{1#--}}" != "$1" ]; do shift; done; {become} "$@"',
    "runuser": 'shift 3; exec "$@"',
    "systemctl": """
        echo "$@" >> {root}/systemctl
        [ "$1 $2" = "start jiuzhutong-backup.service" ] || exit 0
        cd {root}/opt/jiuzhutong
        sed -n 's/^ExecStart\\(Pre\\)\\{{0,1\\}}=-\\{{0,1\\}}//p' {root}/etc/systemd/system/jiuzhutong-backup.service |
        sed 's#%%#%#g; s# /var/# {root}/var/#g; s#"/var/#"{root}/var/#g; s# /etc/# {root}/etc/#g; s#/opt/#{root}/opt/#' |
        while read -r line; do
            eval "systemd-run --property=EnvironmentFile={root}/etc/jiuzhutong/env $line" </dev/null || exit 1
        done""",
    "systemd-run": """
        while :; do
            case $1 in
            --property=EnvironmentFile=*)
                file=${{1#*EnvironmentFile=}}
                case $file in {root}/*) ;; *) file={root}$file ;; esac
                while IFS= read -r line; do
                    case $line in [A-Z]*=*) export "$line" ;; esac
                done < "$file" ;;
            --*) ;;
            *) break ;;
            esac
            shift
        done
        export PYTHONPATH={root}/opt/jiuzhutong
        {become} "$@" """,
}


def blocks(heading: str) -> list[str]:
    """What is indented under this heading, before the next one."""
    text = re.split(r"^##+ ", BOOK.split(f"# {heading}\n", 1)[1], flags=re.M)[0]
    found = re.findall(r"(?:^ {4,}.+\n)+", text, re.M)
    return [textwrap.dedent(block) for block in found]


def settings() -> dict[str, str]:
    return dict(re.findall(r"^   ([A-Z]\w+)=(.*)$", BOOK, re.M))


@dataclass
class Machine:
    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    def make(self) -> None:
        """As a machine is before the first line is typed."""
        self.root.chmod(0o755)
        for folder in ("opt", "etc/systemd/system", "etc/nginx/conf.d", "etc/logrotate.d", "var/lib",
                       "var/backups", "var/log", "srv", "usr/local/sbin", "shims", "root"):  # fmt: skip
            (self.root / folder).mkdir(parents=True)
        become = " ".join(_becoming()) if _is_root() else ""
        for name, script in _SHIMS.items():
            words = script.format(root=self.root, become=f"exec {become}")
            shim = self.root / "shims" / name
            shim.write_text(f"#!/bin/sh\n{textwrap.dedent(words)}\n")
            shim.chmod(0o755)
        self._bundle()

    def type(self, block: str) -> str:
        """Every line; stops at the first that fails. What was said."""
        words = self.here(block)
        path = f"{self.root}/shims:{self.root}/usr/local/sbin:{_PATH}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail"], input=words, cwd=self.root / "root", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": path, "LANG": "C.UTF-8", **self.environ},
        )  # fmt: skip
        assert done.returncode == 0, f"{words}\n{done.stdout}"
        return done.stdout

    def set(self, **changes: str) -> None:
        file = self.root / "etc/jiuzhutong/env"
        text = file.read_text()
        for name, value in changes.items():
            text, count = re.subn(rf"^#?{name}=.*$", f"{name}={value}", text, flags=re.M)
            assert count == 1, name
        file.write_text(self.here(text))

    def here(self, text: str) -> str:
        """The same under our root, given to our own user."""
        owner = str(NOBODY if _is_root() else os.getuid())
        group = str(NOBODY if _is_root() else os.getgid())
        text = _OURS.sub(f"{self.root}/", text)
        text = text.replace("-o root ", "").replace("-g adm", f"-g {group}")
        text = re.sub(r"-o jiuzhutong", f"-o {owner}", text)
        return text.replace("-g jiuzhutong", f"-g {group}")

    def _bundle(self) -> None:
        """As bundle.sh packs it, but by links; the environment is there already."""
        name = "jiuzhutong-0.1.0"
        tree = self.root / "packing" / name
        (tree / "wheels").mkdir(parents=True)
        shutil.copytree(
            ROOT / "deploy", tree / "deploy", ignore=shutil.ignore_patterns(".env", "tls")
        )
        shutil.copy(ROOT / "deploy" / "install.sh", tree)
        for linked in ("api", "portal", "static", "requirements.lock"):
            (tree / linked).symlink_to((ROOT / linked).resolve())
        made = tree / ".venv"
        made.mkdir()
        for found in (ROOT / ".venv").iterdir():
            (made / found.name).symlink_to(found.resolve())
        shutil.copy(ROOT / "requirements.lock", made / "made-from.new")
        (made / "made-from.new").replace(made / "made-from.requirements.lock")
        with tarfile.open(self.root / "root" / f"{name}.tar.gz", "w:gz") as bundle:
            bundle.add(tree, name)
        shutil.rmtree(tree.parent)


def _becoming() -> list[str]:
    """The site's user. Where Python itself lies in root's home it may also read what is root's."""
    user = ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    tried = [*user, "sh", "-c", f"{sys.executable} -c ''"]
    if subprocess.run(tried, stderr=subprocess.DEVNULL).returncode:
        user += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return user


def _is_root() -> bool:
    return os.getuid() == 0
