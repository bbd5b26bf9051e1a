"""Follows the feed of a jeton issuer on a thread of its own, and checks tokens by what it heard.

What always holds: nothing is accepted before the list was fresh once; what the list refuses stays
refused however old it is; not to know is 503 and never 401. The feed is followed until `close`,
whatever happens to the connection.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from .events import EventParser
from .feed import Action, Feed
from .issuer import HttpError, Issuer
from .token import Refused, usable_keys, verify_signature

_log = logging.getLogger("jeton_verifier")
SILENCE = 3.0  # seconds; a heartbeat comes every second
PATIENCE = 10.0  # seconds for any other answer
AT_ONCE = 64  # introspections under way
ASKING = 0.5  # seconds for one of them


@dataclass(frozen=True)
class Status:
    """For health checks and metrics: milliseconds, and infinity for never."""

    ready: bool
    staleness: float
    entries: int
    delay: float | None


class Verifier:
    """Verifies access tokens. Share one among all threads of a service, and `close` it at the end.

    `issuer` and `audience` are what a token has to say; the client may have the scope
    `revocations:read`. Then, if wanted:

    - `url`: where the issuer is reached, if not by its name.
    - `max_staleness`: seconds that the list may be old.
    - `stale`: what happens past that. "refuse": 503. "accept_recent": 503, but for tokens issued
      within `max_staleness`. "ask": the issuer is asked about each token, which needs the scope
      `tokens:introspect`. "accept": any token, until the list is `accept_for` seconds old.
    - `poll`: long polls in place of server-sent events, where a proxy holds those up.
    - `allow_plain_http`: http to another machine, where tokens can be read by others.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        client_id: str,
        client_secret: str,
        *,
        url: str | None = None,
        max_staleness: float = 5.0,
        stale: Literal["refuse", "accept_recent", "ask", "accept"] = "accept_recent",
        accept_for: float = 0.0,
        poll: bool = False,
        allow_plain_http: bool = False,
    ):
        for name, text in [("issuer", issuer), ("audience", audience)]:
            if not isinstance(text, str) or not text:
                raise ValueError(f"{name} is missing")
        if stale not in ("refuse", "accept_recent", "ask", "accept"):
            raise ValueError(f"stale cannot be {stale}")
        if not max_staleness > 0 or not accept_for >= 0:
            raise ValueError("not seconds")
        self._http = Issuer(url or issuer, client_id, client_secret, allow_plain_http)
        self._expected = {"issuer": issuer, "audience": audience}
        self._policy = {
            "stale": stale, "max_staleness": max_staleness * 1000, "accept_for": accept_for * 1000,
        }
        self._poll = poll
        self._lock = threading.Lock()  # for the feed and the keys; never held during I/O
        self._feed = Feed()
        self._keys: dict[str, Any] = {}
        self._keys_of: Any = None  # the set that `_keys` was made of
        self._last_sweep = -math.inf
        self._wait = 0.0
        self._resets = 0  # since the list was fresh
        self._trouble: str | None = None  # what was reported last
        self._asking = threading.BoundedSemaphore(AT_ONCE)
        self._ready = threading.Event()
        self._closing = threading.Event()
        threading.Thread(target=self._run, name="jeton-feed", daemon=True).start()

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Whether the list was fresh: until then every token is answered with 503."""
        return self._ready.wait(timeout)

    def status(self) -> Status:
        with self._lock:
            staleness = self._feed.staleness(_moment())
            return Status(self._ready.is_set(), staleness, len(self._feed), self._feed.delay)

    def close(self) -> None:
        """Ends the connection. What is known gets older from now on."""
        self._closing.set()

    def __enter__(self) -> Verifier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of an access token. Raises `Refused`."""
        if not self._ready.is_set():
            raise Refused("stale", 503)
        with self._lock:
            keys, now = self._keys, self._feed.time_of_day(time.time(), _moment())
        try:
            claims, kid = verify_signature(
                token, keys, self._feed.is_withdrawn, now=now, **self._expected
            )
        except Refused as refused:
            # A key that a list has never heard of which is too old may be one that came since.
            if refused.code == "key_unknown" and self._is_old():
                raise Refused("stale", 503) from refused
            raise
        with self._lock:
            verdict = self._feed.check(claims, kid, _moment(), time.time(), **self._policy)
        if verdict == "ask":
            verdict = self._introspect(token)
        if verdict != "accepted":
            raise Refused(verdict, 503 if verdict == "stale" else 401)
        return claims

    def _is_old(self) -> bool:
        with self._lock:
            return self._feed.staleness(_moment()) > self._policy["max_staleness"]

    def _introspect(self, token: str) -> str:
        """Asks the issuer about one token: only while nobody else can tell."""
        if not self._asking.acquire(blocking=False):
            return "stale"
        try:
            form = {"token": token, "token_type_hint": "access_token"}
            answer = self._http.post("/oauth2/introspect", form, ASKING)
            return "accepted" if answer.get("active") is True else "revoked"
        except HttpError as error:
            self._report(error)
            return "stale"
        finally:
            self._asking.release()

    # ---- Following the feed, on the thread -------------------------------------------------------

    def _run(self) -> None:
        following: Action = "snapshot"
        while not self._closing.is_set():
            try:
                if following == "snapshot":
                    self._snapshot()
                    following = "reconnect"
                following = self._poll_again() if self._poll else self._follow()
                if following == "snapshot":
                    # An issuer that has come back says so: the first one ends the waiting.
                    self._resets += 1
                    self._wait = self._wait if self._resets > 1 else 0.0
            except HttpError as error:
                self._report(error)
            except Exception:  # a thread that ends would leave everybody stale for ever
                _log.exception("the feed cannot be followed")
            # A thousand verifiers lost the same server: do not all come back at once.
            self._wait = min(5.0, 2 * self._wait or 0.1)
            self._closing.wait(random.random() * self._wait)

    def _snapshot(self) -> None:
        data = self._http.get("/v1/revocations/snapshot", PATIENCE)
        with self._lock:
            if self._feed.snapshot(data, _moment()) != "none":
                raise HttpError("not a snapshot")
        self._took(is_heartbeat=False)

    def _follow(self) -> Action:
        self._http.own_token(PATIENCE)  # before the clock starts: the list is as old as the request
        path = f"/v1/revocations/feed?cursor={quote(self._feed.cursor or '', safe='')}"
        with self._lock:
            self._feed.request(_moment())
        parser = EventParser()
        heard = _moment()
        with self._http.stream(path, SILENCE) as pieces:
            for piece in pieces:
                at = _moment()
                for name, text in parser.push(piece):
                    heard = at
                    with self._lock:
                        action = self._feed.event(name, text, at)
                    if action != "none":
                        return action
                    self._took(is_heartbeat=name == "hb")
                if self._closing.is_set() or at - heard > SILENCE * 1000:
                    return "reconnect"
        return "reconnect"  # the stream ends when our token does

    def _poll_again(self) -> Action:
        max_staleness = self._policy["max_staleness"] / 1000
        wait = min(25, int(max_staleness / 2))  # so that it never gets too old
        while not self._closing.is_set():
            self._http.own_token(PATIENCE)
            path = f"/v1/revocations/poll?{urlencode({'cursor': self._feed.cursor, 'wait': wait})}"
            sent = _moment()
            data = self._http.get(path, wait + PATIENCE)
            with self._lock:
                action = self._feed.poll(data, sent, _moment())
            if action != "none":
                return action
            self._took(is_heartbeat=True)
            if wait == 0:
                self._closing.wait(max_staleness / 4)
        return "reconnect"

    def _took(self, *, is_heartbeat: bool) -> None:
        """After something was taken in."""
        at = _moment()
        with self._lock:
            if self._keys_of is not self._feed.jwks:
                self._keys_of = self._feed.jwks
                self._keys = usable_keys(self._feed.jwks)
            if is_heartbeat and at - self._last_sweep > 30_000:
                self._feed.sweep(time.time(), at)
                self._last_sweep = at
            is_fresh = self._feed.staleness(at) <= self._policy["max_staleness"]
        if is_heartbeat and is_fresh:
            self._wait, self._resets, self._trouble = 0.0, 0, None
            self._ready.set()

    def _report(self, error: HttpError) -> None:
        """Says it once for each kind of trouble."""
        trouble = str(error)
        if not self._closing.is_set() and trouble != self._trouble:
            _log.warning("%s", trouble)
        self._trouble = trouble


# A clock that only runs forward, and does so while the machine sleeps, if there is one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def _moment() -> float:
    """In milliseconds."""
    seconds = time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
    return seconds * 1000
