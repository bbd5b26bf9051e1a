"""An issuer as `docs/feed.md` describes it, for tests: it does what it is told, and misbehaves on
request."""

import base64
import json
import queue
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

AUDIENCE = "https://api.example"
SECRET = "jcs_a-secret-of-tests"
BEAT = 0.05  # seconds


class Issuer:
    def __init__(self, url="https://login.example"):
        self.url = url
        self.feed = "aa".zfill(16)
        self.entries = []
        self.keys = {}  # kid → private key
        self.streams = []  # a queue for each: what to send, or None for the end
        self.seen = []  # paths that were asked for
        self.active = True  # what introspection says
        self.beats = True  # whether heartbeats are sent
        self.late = 0  # milliseconds by which heartbeats seem to be late
        self.tokens = 0
        self.answers = {}  # path → what to answer in place of the truth
        self.lock = threading.RLock()
        self.server = None
        self.stopping = threading.Event()
        self.add_key("k1")

    def start(self):
        self.listen(0)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self._beat, daemon=True).start()
        return self

    def listen(self, port):
        handler = type("Bound", (Handler,), {"issuer": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def crash(self):
        """Away: nobody listens, and every connection is cut."""
        with self.lock:
            server, self.server = self.server, None
        server.shutdown()
        server.server_close()
        self.cut()

    def cut(self):
        with self.lock:
            for stream in self.streams:
                stream.put(None)
            self.streams = []

    def come_back(self):
        self.feed = "bb".zfill(16)  # a restart is a new feed
        self.listen(urlsplit(self.url).port)

    def stop(self):
        self.stopping.set()
        if self.server:
            self.crash()

    def _beat(self):
        while not self.stopping.wait(BEAT):
            if self.beats:
                self.send("hb", lambda: {"cursor": self.cursor(), **self.complete()})

    def add_key(self, kid):
        with self.lock:
            self.keys[kid] = ec.generate_private_key(ec.SECP256R1())
            self.send("keys", lambda: {"jwks": self.jwks()})

    def jwks(self):
        def public(kid, key):
            jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
            return {**jwk, "kid": kid, "alg": "ES256", "use": "sig"}

        return {"keys": [public(kid, key) for kid, key in self.keys.items()]}

    def token(self, *, header=None, key=None, **claims):
        """A token of alice's, or what else it is told to say; `None` leaves a claim out."""
        kid = list(self.keys)[-1]
        now = int(time.time())
        everything = {
            "iss": self.url, "aud": AUDIENCE, "sub": "alice", "client_id": "app", "iat": now,
            "exp": now + 600, "jti": secrets.token_urlsafe(12), "sid": secrets.token_urlsafe(24),
            **claims,
        }
        said = {name: value for name, value in everything.items() if value is not None}
        headers = {"typ": "at+jwt", "kid": kid, **(header or {})}
        key = key or self.keys.get(headers["kid"]) or self.keys[kid]
        return jwt.encode(said, key, "ES256", {k: v for k, v in headers.items() if v is not None})

    def cursor(self):
        return f"{self.feed}.{len(self.entries)}"

    def revoke(self, *entries):
        with self.lock:
            after = self.cursor()
            self.entries += entries
            self.send("rev", lambda: {"after": after, "cursor": self.cursor(), "e": entries})

    def lose(self, *entries):
        """Loses an event on the way to everybody."""
        with self.lock:
            self.entries += entries

    def send(self, event, data):
        with self.lock:
            for stream in self.streams:
                stream.put((event, data()))

    def complete(self):
        t = int(time.monotonic() * 1000 - self.late)
        return {"t": t, "age_ms": 0, "now": int(time.time())}


class Handler(BaseHTTPRequestHandler):
    issuer: Issuer
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        url = urlsplit(self.path)
        issuer = self.issuer
        issuer.seen.append(url.path)
        if url.path in issuer.answers:
            issuer.answers[url.path](self)
        elif url.path.startswith("/oauth2/"):
            self.answer_client(url.path)
        elif self.headers["Authorization"] != f"Bearer own-{issuer.tokens}":
            self.json(401, {})
        else:
            self.answer_feed(url.path, parse_qs(url.query).get("cursor", [""])[0])

    do_POST = do_GET

    def answer_client(self, path):
        self.rfile.read(int(self.headers["Content-Length"]))
        basic = base64.b64encode(f"api:{SECRET}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {basic}":
            self.json(401, {"error": "invalid_client"})
        elif path == "/oauth2/introspect":
            self.json(200, {"active": self.issuer.active})
        else:
            self.issuer.tokens += 1
            token = f"own-{self.issuer.tokens}"
            self.json(200, {"access_token": token, "token_type": "Bearer", "expires_in": 600})

    def answer_feed(self, path, cursor):
        issuer = self.issuer
        if path == "/v1/revocations/poll":
            time.sleep(BEAT)  # the long in long poll
        with issuer.lock:
            if self.server is not issuer.server:
                return None  # crashed meanwhile
            is_ours = cursor.startswith(f"{issuer.feed}.")
            news = issuer.entries[int(cursor.partition(".")[2]):] if is_ours else []
            about = {"jwks": issuer.jwks(), **issuer.complete(), "cursor": issuer.cursor()}
            if path == "/v1/revocations/snapshot":
                return self.json(200, {"retention": 690, "e": issuer.entries, **about})
            if path == "/v1/revocations/poll":
                return self.json(200, {"after": cursor, "e": news, "reset": not is_ours, **about})
            stream = queue.Queue()
            if is_ours:
                issuer.streams.append(stream)
                stream.put(("keys", {"jwks": issuer.jwks()}))
                stream.put(("rev", {"after": cursor, "cursor": issuer.cursor(), "e": news}))
                if issuer.beats:
                    stream.put(("hb", {"cursor": issuer.cursor(), **issuer.complete()}))
            else:
                stream.put(("reset", {}))
                stream.put(None)
        return self.stream(stream)

    def json(self, status, data):
        self.said(status, json.dumps(data))

    def said(self, status, text, content_type="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def stream(self, stream):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        n = 0
        try:
            while (item := stream.get()) is not None:
                n += 1
                event, data = item
                text = json.dumps({"n": n, **data})
                self.wfile.write(f"event: {event}\ndata: {text}\n\n".encode())
        except OSError:
            pass  # the verifier has gone

    def log_message(self, *_):
        pass
