"""Tokens that no library would make."""

import base64
import hashlib
import hmac
import json


def encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(header: dict, claims: dict, signature: bytes) -> str:
    """A token with any header, any claims and any signature."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(map(encode, parts))


def hs256(header: dict, claims: dict, secret: bytes) -> str:
    """A token signed with HMAC over a secret that libraries refuse, such as a public key."""
    signed = compact(header, claims, b"").rstrip(".")
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def with_altered_signature(token: str) -> str:
    """Changes the first byte: the last characters of base64 may hold bits nobody looks at."""
    signed, signature = token.rsplit(".", 1)
    return f"{signed}.{_other(signature[0])}{signature[1:]}"


def with_claims(token: str, claims: dict) -> str:
    """Puts other claims under the signature of a genuine token."""
    header, _, signature = token.split(".")
    return f"{header}.{encode(json.dumps(claims).encode())}.{signature}"


def _other(character: str) -> str:
    return "B" if character == "A" else "A"
