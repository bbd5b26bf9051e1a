"""The verifiers of this folder against a real issuer: `jeton serve`, the example services in
Node.js, Python and Rust, and a verifier that polls.

Somebody logs in, everybody greets her; she logs out, everybody refuses her. So it goes with a
recall, and with a key that was stolen. Then the issuer is killed: everybody says that they cannot
tell, and goes on when it is back. `cargo xtask clients` runs it.
"""

import argparse
import base64
import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "verifier-python"))

from jeton_verifier import Refused, Verifier  # noqa: E402

PASSWORD = "a walk in the park at noon"
SECONDS = 30  # for anything to happen
MAX_STALENESS = 2.5  # seconds; heartbeats come every second
Verdict = tuple[int, str]


class Failed(Exception):
    pass


def until(look: Callable[[], object], expected: object, what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while (found := look()) != expected:
        if time.monotonic() > deadline:
            raise Failed(f"never: {what}: {found}")
        time.sleep(0.005)


@contextmanager
def process(*command: object, **options: object) -> Iterator[subprocess.Popen]:
    """Ended with the block, whatever happens in it."""
    started = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        if started.stdout:
            started.stdout.close()


def request(method: str, url: str, token: str | None = None, body: object = None) -> Verdict:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            challenge = {401: "WWW-Authenticate", 503: "Retry-After"}.get(answer.code)
            if challenge and not answer.headers[challenge]:
                raise Failed(f"{answer.code} without {challenge}") from None
            return answer.code, answer.read().decode()


class Issuer:
    """`jeton serve` with a folder of its own, on a port that stays the same."""

    def __init__(self, jeton: Path, folder: Path):
        self.jeton, self.folder = jeton, folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        made = json.loads(self.run("client", "secret", "--json"))
        self.secret = folder / "secret"
        self.secret.write_text(made["secret"])
        (folder / "jeton.toml").write_text(
            f'issuer = "{self.url}"\ndata = "{folder}/data"\nlisten = "127.0.0.1:{port}"\n\n'
            f'[[clients]]\nid = "hello"\nsecret_hashes = ["{made["hash"]}"]\n'
            'scopes = ["revocations:read", "sessions:manage"]\n'
        )
        self.run("account", "add", "alice", "--password-stdin", text=PASSWORD)

    def run(self, *arguments: str, text: str = "") -> str:
        command = [str(self.jeton), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, input=text, capture_output=True, encoding="utf-8",
            timeout=SECONDS,
        )
        if done.returncode:
            raise Failed(f"jeton {arguments[0]} failed: {done.stderr}")
        return done.stdout

    @contextmanager
    def serving(self, log: int) -> Iterator[None]:
        with process(self.jeton, "serve", cwd=self.folder, stdout=log, stderr=log):
            until(self.is_ready, True, "the issuer is ready")
            yield

    def is_ready(self) -> bool:
        try:
            return request("GET", f"{self.url}/health/ready")[0] == 200
        except OSError:
            return False

    def login(self) -> str:
        status, text = request(
            "POST", f"{self.url}/v1/login", body={"account": "alice", "password": PASSWORD})
        if status != 200:
            raise Failed(f"login: {status} {text}")
        return json.loads(text)["data"]["access_token"]

    def logout(self, token: str) -> None:
        self.post("/v1/logout", token)

    def recall(self, token: str) -> None:
        """What a backend does when the rights of somebody have changed."""
        pair = base64.b64encode(f"hello:{self.secret.read_text()}".encode()).decode()
        form = b"grant_type=client_credentials&scope=sessions:manage"
        asked = urllib.request.Request(
            f"{self.url}/oauth2/token", form, {"Authorization": f"Basic {pair}"})
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
            own = json.loads(answer.read())["access_token"]
        self.post(f"/admin/v1/subjects/{part(token, 1)['sub']}/recall", own)

    def withdraw_key(self, token: str) -> None:
        self.run("keys", "withdraw", part(token, 0)["kid"])

    def post(self, path: str, token: str) -> None:
        status, text = request("POST", f"{self.url}{path}", token)
        if status != 200:
            raise Failed(f"{path}: {status} {text}")


def part(token: str, number: int) -> dict:
    """Of a token: 0 is its header, 1 are its claims."""
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Service:
    """One of the examples."""

    def __init__(self, command: list[object], issuer: Issuer, log: int, stack: ExitStack):
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "ISSUER": issuer.url, "AUDIENCE": "api", "CLIENT_ID": "hello",
            "CLIENT_SECRET_FILE": str(issuer.secret), "STALE": "refuse", "LISTEN": "127.0.0.1:0",
        }
        in_seconds = command[0] == sys.executable  # the others count in milliseconds
        environment["MAX_STALENESS"] = str(
            MAX_STALENESS if in_seconds else round(MAX_STALENESS * 1000))
        outputs = {"stdout": subprocess.PIPE, "stderr": log, "encoding": "utf-8"}
        started = stack.enter_context(process(*command, env=environment, **outputs))
        patience = threading.Timer(SECONDS, started.kill)
        patience.start()
        line = started.stdout.readline()
        patience.cancel()
        if "listens on http://" not in line:
            raise Failed(f"{command[0]} did not start: {line!r}")
        self.url = line.partition("listens on ")[2].strip()

    def verdict(self, token: str) -> Verdict:
        status, text = request("GET", f"{self.url}/hello", token)
        return status, json.loads(text)["code"] if text.startswith("{") else text.strip()


class Polling:
    """A verifier in this process."""

    def __init__(self, issuer: Issuer, stack: ExitStack):
        self.verifier = stack.enter_context(Verifier(
            issuer.url, "api", "hello", issuer.secret.read_text(), poll=True, stale="refuse",
            max_staleness=MAX_STALENESS,
        ))

    def verdict(self, token: str) -> Verdict:
        try:
            return 200, f"hello {self.verifier.verify(token)['sub']}"
        except Refused as refused:
            return refused.status, refused.code


def become(services: dict, token: str, expected: Verdict, what: str) -> None:
    """All of them, each in its own time."""
    began = time.monotonic()
    took = {}
    for name, service in services.items():
        until(lambda service=service: service.verdict(token), expected, f"{name}: {what}")
        took[name] = f"{name} {(time.monotonic() - began) * 1000:.0f} ms"
    print(f"ok  {what}: {', '.join(took.values())}")


def stay(services: dict, token: str, expected: Verdict, what: str) -> None:
    for name, service in services.items():
        found = service.verdict(token)
        if found != expected:
            raise Failed(f"{name}: {what}: {found}")
    print(f"ok  {what}")


def walk(issuer: Issuer, node: Path, rust: Path, log: int, stack: ExitStack) -> None:
    python = [sys.executable, "-B", HERE / "verifier-python/example.py"]
    services = {
        "node": Service(["node", node / "example.mjs"], issuer, log, stack),
        "python": Service(python, issuer, log, stack),
        "polling": Polling(issuer, stack),
    }
    stay(services, "no.such.token", (503, "stale"), "before the issuer is there, nobody can tell")
    services["rust"] = Service([rust], issuer, log, stack)
    with issuer.serving(log):
        token, other = issuer.login(), issuer.login()
        greeted = (200, f"hello {part(token, 1)['sub']}")
        become(services, token, greeted, "who has logged in is greeted")
        issuer.logout(token)
        become(services, token, (401, "logged_out"), "who has logged out is refused")
        stay(services, other, greeted, "another session is not")
        issuer.recall(other)
        become(services, other, (401, "token_recalled"), "what was recalled is refused")
        other = issuer.login()
        become(services, other, greeted, "what was issued since is not")
        issuer.withdraw_key(other)
        become(services, other, (401, "key_withdrawn"), "what a stolen key has signed is refused")
        other = issuer.login()
        become(services, other, greeted, "what another key has signed is not")
        token = issuer.login()
        issuer.logout(token)
        become(services, token, (401, "logged_out"), "and who has logged out is")
    become(services, other, (503, "stale"), "without the issuer, nobody can tell")
    stay(services, token, (401, "logged_out"), "but what is known is known")
    with issuer.serving(log):
        become(services, other, greeted, "with the issuer back, all is well")
        stay(services, token, (401, "logged_out"), "and who has logged out stays so")
        issuer.logout(other)
        become(services, other, (401, "logged_out"), "the feed goes on")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jeton", type=Path, required=True, help="the binary")
    parser.add_argument("--rust", type=Path, required=True, help="examples/resource-server, built")
    parser.add_argument("--node", type=Path, required=True, help="verifier-node with its packages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        log = stack.enter_context(open(Path(folder) / "log", "ab"))
        logging.basicConfig(filename=log.name)
        try:
            issuer = Issuer(arguments.jeton.absolute(), Path(folder))
            walk(issuer, arguments.node, arguments.rust.absolute(), log.fileno(), stack)
        except Failed as failed:
            print(f"FAILED: {failed}", file=sys.stderr)
            print((Path(folder) / "log").read_text("utf-8", "replace")[-4000:], file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
