"""The stand-in gateway behind a real HTTP server of this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from portal.contact.standin_gateway import SEND_PATH, Gateway


@contextmanager
def serving(gateway: Gateway) -> Iterator[str]:
    """The address texts are sent to."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said = (404, "") if self.path != SEND_PATH else gateway.send(self.headers, body)
            if status == 0:
                self.close_connection = True
                return
            data = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{SEND_PATH}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
