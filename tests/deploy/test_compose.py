"""compose.yaml: started as its head says, the portal finds what it needs, and no secret is built in."""

import fnmatch
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from portal.foundation.bucket import Bucket, open_bucket
from portal.foundation.settings import Mode, Settings, WrongSettings, from_environment
from portal.serving import free_port
from tests.deploy import composed
from tests.deploy.test_files import SETTINGS
from tests.rules.code import ROOT
from tests.servers import WEED, wait_until

DEPLOY = ROOT / "deploy"
REAL = {
    "PORTAL_MODE=demo": "PORTAL_MODE=production",
    "PORTAL_URL=http://127.0.0.1:8000": "PORTAL_URL=https://jiuzhu.example.cn",
    "PORTAL_SMS=standin": "PORTAL_SMS=https",
    "#PORTAL_SMS_URL=": "PORTAL_SMS_URL=https://sms.example.cn/send",
    "#PORTAL_SMS_KEY=": "PORTAL_SMS_KEY=k",
    "PORTAL_BACK_OFFICE=standin": "PORTAL_BACK_OFFICE=none",
    "PORTAL_CHECK_PLATFORM=standin": "PORTAL_CHECK_PLATFORM=off",
    "PORTAL_WECHAT=standin": "PORTAL_WECHAT=off",
}


@pytest.fixture
def passwords(tmp_path: Path) -> dict[str, str]:
    return composed.make_passwords(tmp_path)


def settings_of(service: str, folder: Path, passwords: dict[str, str]) -> Settings:
    made = composed.read(passwords)["services"][service]
    return from_environment(composed.environment(made, folder))


def write_env(folder: Path, *, real: bool) -> None:
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    for old, new in REAL.items() if real else ():
        assert f"\n{old}\n" in text, old
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    (folder / "env").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("real", [False, True], ids=["演示", "真的"])
@pytest.mark.parametrize("service", ["api", "worker"])
def test_the_settings_it_comes_to_are_whole(
    service: str, tmp_path: Path, passwords: dict[str, str], real: bool
) -> None:
    write_env(tmp_path, real=real)
    settings = settings_of(service, tmp_path, passwords)
    settings.check()
    assert settings.mode is (Mode.PRODUCTION if real else Mode.DEMO)
    assert settings.data == Path("/var/lib/jiuzhutong"), "the only folder it may write"
    assert settings.trusted_proxies == 1
    assert passwords["POSTGRES_PASSWORD"] in settings.url
    assert passwords["RABBITMQ_DEFAULT_PASS"] in settings.queue
    assert settings.s3_secret == passwords["PORTAL_S3_SECRET"] != ""
    assert settings.master_key == passwords["PORTAL_MASTER_KEY"]


@pytest.mark.parametrize(
    "left_out",
    ["POSTGRES_PASSWORD", "RABBITMQ_DEFAULT_PASS", "PORTAL_S3_SECRET", "PORTAL_MASTER_KEY"],
)
def test_a_password_left_out_is_said_before_anything_starts(
    passwords: dict[str, str], left_out: str
) -> None:
    with pytest.raises(composed.Missing, match="head of compose"):
        composed.read(passwords | {left_out: ""})


def test_it_sets_only_what_there_is(passwords: dict[str, str]) -> None:
    services = composed.read(passwords)["services"]
    assert {"api", "worker", "nginx", "postgres", "redis", "rabbitmq", "seaweedfs"} == set(services)
    assert set(services["api"]["environment"]) <= SETTINGS
    for name in ("api", "worker"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True


def test_whatever_it_mounts_is_shipped_or_made_by_its_head(passwords: dict[str, str]) -> None:
    made, head = composed.read(passwords), "\n".join(composed.head())
    for service in made["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            shipped = (DEPLOY / source).exists() and source.startswith("./")
            assert shipped or source in made["volumes"] or source[2:] in head, volume
        for one in service.get("configs", ()):
            assert one["source"] in made["configs"]


@pytest.mark.full
@pytest.mark.s3
def test_its_object_store_takes_photos_once_its_head_was_followed(
    tmp_path: Path, passwords: dict[str, str]
) -> None:
    """The keys it ships and the bucket its head makes; nobody without the key reads."""
    write_env(tmp_path, real=False)
    made = composed.read(passwords)
    (tmp_path / "s3.json").write_text(made["configs"]["s3"]["content"])
    names = ("master", "volume", "filer", "s3")
    ports = {f"{name}.port{kind}": free_port() for name in names for kind in ("", ".grpc")}
    here = {
        "-ip=seaweedfs": "-ip=127.0.0.1", "-ip.bind=0.0.0.0": "-ip.bind=127.0.0.1",
        "-dir=/data": f"-dir={tmp_path}", "-s3.config=/etc/s3.json": f"-s3.config={tmp_path}/s3.json",
    }  # fmt: skip
    command = [here.pop(word, word) for word in made["services"]["seaweedfs"]["command"]]
    assert not here
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += ["-s3.port.lance=0", "-s3.port.iceberg=0", "-master.telemetry=false"]
    line = next(line for line in composed.head() if "s3.bucket.create" in line)
    typed = line.replace("docker compose exec -T seaweedfs weed", WEED).replace(
        "seaweedfs:9333", f"127.0.0.1:{ports['master.port']}.{ports['master.port.grpc']}"
    )
    with (tmp_path / "log").open("wb") as log:
        store = subprocess.Popen([WEED, *command], stdout=log, stderr=log, cwd=tmp_path)
    try:
        wait_until(lambda: "created" in said(typed, tmp_path), "the bucket")
        there = f"http://127.0.0.1:{ports['s3.port']}"
        bucket = open_bucket(replace(settings_of("api", tmp_path, passwords), s3_endpoint=there))
        wait_until(lambda: takes(bucket), "the store")
        assert bucket.read(bucket.put(b"photo")) == b"photo"
    finally:
        store.kill()
        store.wait()


def said(typed: str, folder: Path) -> str:
    """A shell that finds no master waits for one."""
    try:
        done = subprocess.run(
            ["sh", "-c", typed], cwd=folder, capture_output=True, text=True, timeout=5
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def takes(bucket: Bucket) -> bool:
    try:
        bucket.prepare()
    except WrongSettings:
        return False
    return True


SECRETS = [
    ".data/master.key", ".data/portal.sqlite", "deploy/env", "deploy/.env", "deploy/tls/key.pem",
    "deploy/backups/20261122.backup", ".git/config", ".venv/bin/python", "night.backup",
]  # fmt: skip
NEEDED = [
    "requirements.lock", "deploy/environment.sh", "deploy/gunicorn.conf.py", "portal/cli.py",
    "portal/migrations/env.py", "api/wsgi.py", "static/shared", "static/pages",
]  # fmt: skip


@pytest.mark.parametrize("path", SECRETS)
def test_no_secret_of_this_machine_gets_into_the_image(path: str) -> None:
    assert not built_in(path)


@pytest.mark.parametrize("path", NEEDED)
def test_what_runs_gets_into_the_image(path: str) -> None:
    assert (ROOT / path).exists()
    assert built_in(path)


@pytest.mark.parametrize("path", [p for p in SECRETS if p.startswith("deploy/")])
def test_no_secret_gets_into_the_bundle(path: str) -> None:
    """bundle.sh takes what git does not ignore; without git what it does not leave out itself."""
    ignored = (ROOT / ".gitignore").read_text().split()
    own = (DEPLOY / "bundle.sh").read_text()
    assert any(path == line or path.startswith(line) for line in ignored if "/" in line)
    assert f"'./{path}'" in own or f"'./{Path(path).parent}/*'" in own


def built_in(path: str) -> bool:
    """The last line of .dockerignore that fits decides."""
    taken = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if pattern and not line.startswith("#") and _fits(path, pattern):
            taken = line.startswith("!")
    return taken


def _fits(path: str, pattern: str) -> bool:
    """The path itself or a folder above it."""
    places = [path, *map(str, Path(path).parents)][:-1]
    return any(fnmatch.fnmatch(place, pattern) for place in places)
