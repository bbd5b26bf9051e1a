"""A service that is guarded by access tokens: `GET /hello` greets who presents a good one.

    ISSUER=http://localhost:8080 AUDIENCE=api CLIENT_ID=api CLIENT_SECRET_FILE=secret \\
      python example.py

PORT (0: any that is free) says where it listens; SCOPE, which scope a token has to have; STALE,
MAX_STALENESS (in seconds) and URL are the verifier's options of these names.
"""

import logging
import os
import re
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from jeton_verifier import Refused, Verifier

SCOPE = os.environ.get("SCOPE")
BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)


def verifier_of_environment() -> Verifier:
    optional = {"url": os.environ.get("URL"), "stale": os.environ.get("STALE")}
    if "MAX_STALENESS" in os.environ:
        optional["max_staleness"] = float(os.environ["MAX_STALENESS"])
    return Verifier(
        os.environ["ISSUER"],
        os.environ["AUDIENCE"],
        os.environ["CLIENT_ID"],
        Path(os.environ["CLIENT_SECRET_FILE"]).read_text("utf-8").strip(),
        **{name: value for name, value in optional.items() if value},
    )


class Handler(BaseHTTPRequestHandler):
    verifier: Verifier
    timeout = 10

    def do_GET(self) -> None:
        try:
            status, headers, body = self.answer()
        except Refused as refused:
            status, headers, body = refused.status, refused.headers, refused.code
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(f"{body}\n".encode())

    def answer(self) -> tuple[int, dict[str, str], str]:
        path = self.path.partition("?")[0]
        if path == "/health":
            return (200, {}, "ready") if self.verifier.status().ready else (503, {}, "not yet")
        if path != "/hello":
            return 404, {}, "not found"
        presented = BEARER.fullmatch(self.headers.get("Authorization", ""))
        if not presented:
            return 401, {"WWW-Authenticate": "Bearer"}, "token_missing"
        claims = self.verifier.verify(presented[1])
        if SCOPE and SCOPE not in claims.get("scope", "").split(" "):
            challenge = f'Bearer error="insufficient_scope", scope="{SCOPE}"'
            return 403, {"WWW-Authenticate": challenge}, "forbidden"
        return 200, {}, f"hello {claims['sub']}"

    def log_message(self, *_: object) -> None:
        pass  # the log of a service names no token; this one logs nothing


def main() -> None:
    logging.basicConfig()
    with verifier_of_environment() as Handler.verifier:
        server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
        server.daemon_threads = True
        for number in (signal.SIGINT, signal.SIGTERM):
            # From another thread: `shutdown` waits for the loop that the signal has interrupted.
            signal.signal(number, lambda *_: Thread(target=server.shutdown).start())
        print(f"listens on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
