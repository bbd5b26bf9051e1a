"""What a verifier knows of a jeton issuer's revocations, and how old that knowledge may be.

A port of `docs/feed.md`, which says why. No I/O, no clock and no lock in here: a `Feed` is told
what came and when, and says what to do next. `feed-vectors/` proves it. Start with this file to
port it to another language.

What always holds: entries only ever add up, in whatever order they come; the list never calls
itself fresher than what the issuer vouched for; what it does not understand makes it older, never
fresher.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal["none", "reconnect", "snapshot"]

REASONS = ["logged_out", "revoked", "replaced", "kicked", "banned", "password_changed", "replayed"]
LEEWAY = 30  # seconds that two clocks may differ
_ID = re.compile(r"[0-9a-f]{16}")


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64


def id_of_subject(sub: str) -> str:
    return hashlib.sha256(sub.encode()).digest()[:8].hex()


def id_of_token(jti: str) -> str:
    return hashlib.sha256(jti.encode()).digest()[:8].hex()


def id_of_session(sid: str) -> str:
    raw = base64.urlsafe_b64decode(sid)
    return bytes(a ^ b for a, b in zip(raw[:8], raw[16:24])).hex()


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_key_set(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("keys"), list)


def _place(reason: object) -> int | None:
    """A reason as a number: its place in the list. One that came later is taken as `revoked`."""
    if not isinstance(reason, str):
        return None
    return REASONS.index(reason if reason in REASONS else "revoked")


def _number(value: object) -> int | None:
    return value if is_whole(value) else None


# How an entry of each kind looks: its id, and its value as a number, of which the greater stays.
_KINDS = {
    "s": (_is_id, _place),
    "t": (_is_id, _place),
    "v": (_is_id, _number),
    "i": (_is_id, _number),
    "a": (lambda id: id == "", _number),
    "k": (lambda id: isinstance(id, str), _number),
    "c": (lambda id: id == "", _number),
}


@dataclass
class _Connection:
    sent: float = 0  # when it was asked for
    n: int = 0  # of the last event
    tie: tuple[int, float] | None = None  # a moment on the server's clock, and the same on ours
    fastest: float | None = None  # the least that the arrival of a heartbeat was behind its `t`
    lost: bool = False


@dataclass
class Feed:
    """What a verifier knows: pure state.

    Moments (`at`, `sent`) are milliseconds of a clock that only runs forward, `wall` is the time of
    day in seconds. What it is told returns what to do next: "none", "reconnect" (ask again with
    `cursor`) or "snapshot".
    """

    cursor: str | None = None  # where the next connection begins
    jwks: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    delay: float | None = None  # milliseconds that the last canary was under way
    _entries: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # until, value
    _complete_as_of: float = -math.inf  # everything revoked before this moment is in the list
    _outdated: bool = False  # there was an entry that we do not understand
    _heard: tuple[int, float] | None = None  # the server's time of day, and when we heard it
    _polled: tuple[int, float] | None = None  # the last answer to a poll: its `t`, and when asked
    _connection: _Connection = field(default_factory=lambda: _Connection(lost=True))

    def request(self, sent: float) -> None:
        """A request for the feed was sent: what comes from now on comes on a new connection."""
        self._connection = _Connection(sent)

    def snapshot(self, data: Any, at: float) -> Action:
        """The snapshot adds to the list and replaces nothing. It makes nobody fresh."""
        data = data if isinstance(data, dict) else {}
        cursor, jwks, now, entries = (data.get(name) for name in ("cursor", "jwks", "now", "e"))
        is_well_formed = isinstance(cursor, str) and isinstance(entries, list) and is_whole(now)
        if not is_well_formed or not _is_key_set(jwks):
            return "snapshot"
        self._merge(entries, None, at)
        self.cursor, self.jwks, self._heard = cursor, jwks, (now, at)
        return "none"

    def event(self, name: str, text: str, at: float) -> Action:
        """An event came on the connection, its data as text."""
        connection = self._connection
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return self._lose()
        if not isinstance(data, dict):
            return self._lose()
        # Merging is always safe, so it is done before anything is asked.
        if name == "rev" and isinstance(data.get("e"), list):
            self._merge(data["e"], connection, at)
        if connection.lost or not is_whole(data.get("n")) or data["n"] != connection.n + 1:
            return self._lose()
        connection.n += 1
        if name == "keys" and _is_key_set(data.get("jwks")):
            self.jwks = data["jwks"]
        elif name == "rev" and data.get("after") == self.cursor and _is_rev(data):
            self.cursor = data["cursor"]
        elif name == "hb" and data.get("cursor") == self.cursor and _is_heartbeat(data):
            self._heartbeat(connection, data["t"], data["age_ms"], at)
            self._heard = (data["now"], at)
        elif name == "reset":
            connection.lost = True
            return "snapshot"
        else:
            return self._lose()
        return "none"

    def poll(self, data: Any, sent: float, at: float) -> Action:
        """The answer to a poll with our cursor, asked at `sent`."""
        data = data if isinstance(data, dict) else {}
        if isinstance(data.get("e"), list):
            self._merge(data["e"], None, at)
        if data.get("reset") is True:
            return "snapshot"
        is_well_formed = _is_rev(data) and _is_key_set(data.get("jwks")) and _is_heartbeat(data)
        if data.get("after") != self.cursor or not is_well_formed:
            return "reconnect"
        self.cursor, self.jwks, self._heard = data["cursor"], data["jwks"], (data["now"], at)
        # The same answer again was kept by something on the way: it is no younger for that.
        if self._polled is None or self._polled[0] != data["t"]:
            self._polled = (data["t"], sent)
        self._complete(self._polled[1] - data["age_ms"])
        return "none"

    def staleness(self, at: float) -> float:
        """How old the list may be at worst, in milliseconds."""
        return math.inf if self._outdated else max(0, at - self._complete_as_of)

    def check(self, claims: dict[str, Any], kid: str, at: float, wall: float, *,
              max_staleness: float, stale: str, accept_for: float = 0) -> str:
        """For claims of a genuine token: "accepted", "ask" (introspection), or why not."""
        now = self.time_of_day(wall, at)
        if now >= claims["exp"] + LEEWAY:
            return "token_expired"
        refused = self._refusal(claims, kid)
        if refused:
            return refused  # however old the list is
        age = self.staleness(at)
        if age <= max_staleness or (stale == "accept" and age <= accept_for):
            return "accepted"
        if stale == "ask":
            return "ask"
        # Later than now counts alike: a clock that is behind says nothing about what is recent.
        is_recent = abs(now - claims["iat"]) <= max_staleness / 1000
        return "accepted" if stale == "accept_recent" and is_recent else "stale"

    def time_of_day(self, wall: float, at: float) -> float:
        """The later of two clocks: setting one back does not revive a token."""
        return max(math.floor(wall), self._server_time(at))

    def sweep(self, wall: float, at: float) -> None:
        """Drops what is over by both clocks: who leaps ahead and back forgets nothing."""
        now = min(wall, self._server_time(at))
        self._entries = {key: entry for key, entry in self._entries.items() if entry[0] > now}

    def is_withdrawn(self, kid: str) -> bool:
        return ("k", kid) in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def _refusal(self, claims: dict[str, Any], kid: str) -> str | None:
        def value(kind: str, id: str) -> int | None:
            entry = self._entries.get((kind, id))
            return None if entry is None else entry[1]

        if self.is_withdrawn(kid):
            return "key_withdrawn"
        ended = value("s", id_of_session(claims["sid"])) if "sid" in claims else None
        if ended is None:
            ended = value("t", id_of_token(claims["jti"]))
        if ended is not None:
            return REASONS[ended]
        subject = id_of_subject(claims["sub"])
        version, issued, all_issued = value("v", subject), value("i", subject), value("a", "")
        is_recalled = (
            (version is not None and claims.get("ver", 0) < version)
            or (issued is not None and claims["iat"] <= issued)
            or (all_issued is not None and claims["iat"] <= all_issued)
        )
        return "token_recalled" if is_recalled else None

    def _merge(self, entries: list, connection: _Connection | None, at: float) -> None:
        for entry in entries:
            understood = _understand(entry)
            if understood is None:
                self._outdated = True  # it may refuse what we would accept: never be fresh again
                continue
            kind, id, until, value = understood
            if kind == "c":
                self._measure(connection, value, at)
                continue
            old_until, old_value = self._entries.get((kind, id), (until, value))
            self._entries[kind, id] = max(old_until, until), max(old_value, value)

    def _measure(self, connection: _Connection | None, t: int, at: float) -> None:
        """The canary: how much longer it took than the fastest heartbeat."""
        if connection is not None and not connection.lost and connection.fastest is not None:
            self.delay = max(0, at - t - connection.fastest)

    def _heartbeat(self, connection: _Connection, t: int, age: int, at: float) -> None:
        # The server made the first heartbeat after our request had come to it. So to take its clock
        # for the moment when we sent that request errs to the old side, and what is held up on its
        # way later on cannot look fresh: it is the server's clock that counts, and not the arrival.
        if connection.tie is None:
            connection.tie = (t, connection.sent)
        tied_t, tied_at = connection.tie
        moment = tied_at + (t - tied_t)
        if moment > at:
            moment = at  # its clock gains on ours: it cannot have been later than now
            connection.tie = (t, at)
        self._complete(moment - age)
        fastest = at - t if connection.fastest is None else connection.fastest
        connection.fastest = min(fastest, at - t)

    def _complete(self, moment: float) -> None:
        self._complete_as_of = max(self._complete_as_of, moment)

    def _lose(self) -> Action:
        self._connection.lost = True
        return "reconnect"

    def _server_time(self, at: float) -> float:
        if self._heard is None:
            return -math.inf
        now, heard_at = self._heard
        return math.floor(now + (at - heard_at) / 1000) - LEEWAY


def _is_rev(data: dict) -> bool:
    return isinstance(data.get("cursor"), str) and isinstance(data.get("e"), list)


def _is_heartbeat(data: dict) -> bool:
    return all(is_whole(data.get(name)) for name in ("t", "age_ms", "now"))


def _understand(entry: object) -> tuple[str, str, int, int] | None:
    """Kind, id, `until` and value as a number; `None` if this is not how entries look."""
    if not isinstance(entry, list) or len(entry) != 4 or not isinstance(entry[0], str):
        return None
    kind, id, until, value = entry
    if kind not in _KINDS or not is_whole(until):
        return None
    is_id, number = _KINDS[kind]
    value = number(value) if is_id(id) else None
    return None if value is None else (kind, id, until, value)
