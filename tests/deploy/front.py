"""The nginx of deploy/nginx on free ports of this machine, in front of whatever listens behind."""

import os
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal.serving import free_port
from tests.rules.code import ROOT
from tests.servers import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or ""
_WHOLE = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log crit; {user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    access_log off; types {{ text/html html; }}
    include {folder}/site.conf;
}}
"""


@dataclass
class Front:
    """Started with `start`; `ask` answers also for what is refused."""

    folder: Path
    behind: int
    http: int = 0
    https: int = 0
    process: subprocess.Popen[bytes] | None = None

    def write(self) -> Path:
        self.http, self.https = free_port(), free_port()
        make_certificate(self.folder)
        replaced = {
            "listen [::]:80;": "", "listen [::]:443 ssl http2;": "",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.https} ssl http2;",
            "127.0.0.1:8000": f"127.0.0.1:{self.behind}",
            "/etc/jiuzhutong/tls": str(self.folder),
            "/var/log/jiuzhutong": str(self.folder),
            "/etc/nginx/jiuzhutong": str(ROOT / "deploy" / "nginx"),
        }  # fmt: skip
        site = (ROOT / "deploy" / "nginx" / "jiuzhutong.conf").read_text(encoding="utf-8")
        for old, new in replaced.items():
            assert old in site, old
            site = site.replace(old, new)
        (self.folder / "site.conf").write_text(site, encoding="utf-8")
        user = "user root;" if os.getuid() == 0 else ""
        whole = self.folder / "nginx.conf"
        whole.write_text(_WHOLE.format(folder=self.folder, user=user))
        return whole

    def start(self) -> None:
        command = [NGINX, "-c", str(self.write()), "-p", str(self.folder)]
        self.process = subprocess.Popen(command)
        wait_until(self._answers, "nginx")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def ask(
        self, path: str, *, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> HTTPResponse | urllib.error.HTTPError:
        url = f"https://127.0.0.1:{self.https}{path}"
        asked = urllib.request.Request(url, data=data, headers=headers or {})
        try:
            answer: HTTPResponse = urllib.request.urlopen(asked, context=trusting(), timeout=20)
        except urllib.error.HTTPError as refused:
            return refused
        return answer

    def _answers(self) -> bool:
        try:
            with self.ask("/dev/outbox") as answer:
                return answer.status == 404
        except OSError:
            return False


def trusting() -> ssl.SSLContext:
    """Takes the test's own certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jiuzhu.example.cn")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
