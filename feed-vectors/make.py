#!/usr/bin/env python3
"""Writes the feed vectors beside it; with `--check`, says whether they are as it would write them.

What is expected was worked out by hand from `docs/feed.md`, step by step, and stands in the
scenarios as it is: nothing here computes a verdict, an age or an action. Only what is tedious is
computed: ids, and the times of a connection on which nothing special happens.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

WALL = 1_800_000_000  # seconds since 1970 at `at_ms` 0, on every clock unless a step says so
UNTIL = WALL + 690
SERVER_T = 50_000  # what the server's clock shows when the verifier's shows 0


def cursor(place: int, feed: str = "aa") -> str:
    return f"{feed:0>16}.{place}"


def sid(subject: str, number: int = 1) -> str:
    """16 bytes that say whose it is, and 8 that are its own."""
    owner = hashlib.sha256(subject.encode()).digest()[:16]
    own = hashlib.sha256(f"session {number}".encode()).digest()[:8]
    return base64.urlsafe_b64encode(owner + own).decode()


def of_session(text: str) -> str:
    raw = base64.urlsafe_b64decode(text)
    return bytes(a ^ b for a, b in zip(raw[:8], raw[16:], strict=True)).hex()


def of_text(text: str) -> str:
    """Of a `jti` or a `sub`."""
    return hashlib.sha256(text.encode()).digest()[:8].hex()


def ended(subject: str, reason: str = "logged_out", number: int = 1, until: int = UNTIL) -> list:
    return ["s", of_session(sid(subject, number)), until, reason]


def claims(subject: str = "alice", number: int | None = 1, **other: object) -> dict:
    """Those of a token of session `number`; `number=None` for one without a session."""
    made = {"sub": subject, "jti": f"of {subject}", "iat": WALL - 100, "exp": WALL + 500}
    if number is not None:
        made["sid"] = sid(subject, number)
    return {**made, **other}


def key(kid: str) -> dict:
    """A public key of RFC 7517 appendix A.1: the vectors sign nothing."""
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "alg": "ES256",
        "use": "sig",
        "kid": kid,
    }


class Theme:
    """One file of vectors: scenarios of steps, each a JSON object on a line of its own."""

    def __init__(self, name: str):
        self.path = Path(__file__).with_name(f"{name}.jsonl")
        self.steps: list[dict] = []
        self.n = 0

    def scenario(self, name: str) -> None:
        self.steps.append({"scenario": name})

    def id(self, of: str, text: str, expect: str) -> None:
        self.steps.append({"do": "id", "of": of, "text": text, "expect": expect})

    def snapshot(self, at: int, *, sent: int | None = None, place: str = cursor(1), entries=(),
                 kids=("k1",), age: int = 0, now: int | None = None, then: str = "none",
                 **other: object) -> None:
        data = {"cursor": place, "retention": 690, "t": SERVER_T + at, "age_ms": age,
                "now": WALL + at // 1000 if now is None else now,
                "jwks": {"keys": [key(kid) for kid in kids]}, "e": list(entries), **other}
        sent = at - 5 if sent is None else sent
        self._add("snapshot", at, sent_ms=sent, data=data, then=then)

    def poll(self, at: int, *, sent: int | None = None, after: str = cursor(1),
             place: str | None = None, entries=(), kids=("k1",), age: int = 0, t: int | None = None,
             now: int | None = None, reset: bool = False, then: str = "none",
             **other: object) -> None:
        data = {"after": after, "cursor": place or after, "e": list(entries),
                "t": SERVER_T + at if t is None else t, "age_ms": age,
                "now": WALL + at // 1000 if now is None else now,
                "jwks": {"keys": [key(kid) for kid in kids]}, "reset": reset, **other}
        sent = at - 5 if sent is None else sent
        self._add("poll", at, sent_ms=sent, data=data, then=then)

    def request(self, at: int) -> None:
        self.n = 0
        self.steps.append({"do": "request", "at_ms": at})

    def event(self, at: int, event: str, *, n: int | None = None, then: str = "none",
              **data: object) -> None:
        self.n = self.n + 1 if n is None else n
        self._add("event", at, event=event, data={"n": self.n, **data}, then=then)

    def keys(self, at: int, kids=("k1",), **other: object) -> None:
        self.event(at, "keys", jwks={"keys": [key(kid) for kid in kids]}, **other)

    def rev(self, at: int, after: int, to: int, entries, **other: object) -> None:
        self.event(at, "rev", after=cursor(after), cursor=cursor(to), e=list(entries), **other)

    def hb(self, at: int, place: str = cursor(1), *, t: int | None = None, age: int = 0,
           now: int | None = None, **other: object) -> None:
        """Unless told otherwise the server made it just before it arrived."""
        t = SERVER_T + at if t is None else t
        now = WALL + at // 1000 if now is None else now
        self.event(at, "hb", cursor=place, t=t, age_ms=age, now=now, **other)

    def raw(self, at: int, event: str, text: str, then: str) -> None:
        self._add("event", at, event=event, raw=text, then=then)

    def connected(self, name: str, entries=()) -> None:
        """A scenario that begins with an empty snapshot and a connection that is fresh.

        The server's 50,010 is tied to 10, the moment of the request: the tie is exact.
        """
        self.scenario(name)
        self.snapshot(5, entries=entries)
        self.request(10)
        self.keys(12)
        self.hb(20, t=SERVER_T + 10)

    def check(self, at: int, expect: str, who: dict | None = None, *, wall: int | None = None,
              kid: str = "k1", **stale: object) -> None:
        wall = WALL + at // 1000 if wall is None else wall
        step = {"do": "check", "at_ms": at, "wall": wall, "kid": kid,
                "claims": claims() if who is None else who, "expect": expect}
        self.steps.append({**step, "stale": {"policy": "refuse", "max_ms": 5000, **stale}})

    def sweep(self, at: int, wall: int | None = None) -> None:
        wall = WALL + at // 1000 if wall is None else wall
        self.steps.append({"do": "sweep", "at_ms": at, "wall": wall})

    def expect(self, at: int, **expected: object) -> None:
        self.steps.append({"do": "expect", "at_ms": at, **expected})

    def why(self, text: str) -> None:
        """Says of the last step why it is expected so."""
        self.steps[-1]["why"] = text

    def _add(self, do: str, at: int, *, then: str, **other: object) -> None:
        self.steps.append({"do": do, "at_ms": at, **other, "then": then})

    def text(self) -> str:
        lines = (json.dumps(step, separators=(",", ":"), ensure_ascii=False) for step in self.steps)
        return "".join(f"{line}\n" for line in lines)


def main() -> int:
    from scenarios import connection, freshness, listed

    changed = 0
    for module in (listed, connection, freshness):
        for theme in module.themes():
            text = theme.text()
            is_same = theme.path.is_file() and theme.path.read_text("utf-8") == text
            if not is_same and "--check" in sys.argv[1:]:
                print(f"{theme.path.name} is not what make.py writes", file=sys.stderr)
                changed += 1
            elif not is_same:
                theme.path.write_text(text, "utf-8")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.modules["make"] = sys.modules[__name__]
    sys.exit(main())
