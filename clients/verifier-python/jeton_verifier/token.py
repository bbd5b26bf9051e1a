"""What an access token has to be, whatever the revocation list says: genuine, of this issuer, for
this audience, and in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jwt

from .feed import LEEWAY, is_whole

# No secrets: a public key could be taken for one.
ALGORITHMS = frozenset(
    "ES256 ES384 ES512 EdDSA RS256 RS384 RS512 PS256 PS384 PS512".split()
)
LONGEST_LIFE = 3600  # seconds; a token that lives longer would outlive its revocation
LONGEST = 8 * 1024  # characters
_SESSION = re.compile(r"[A-Za-z0-9_-]{32}")
_TYPES = ("at+jwt", "application/at+jwt")


class Refused(Exception):
    """Why a token was refused: a stable `code`, and the HTTP `status` it asks for, 401 or 503."""

    def __init__(self, code: str, status: int = 401):
        super().__init__(code)
        self.code = code
        self.status = status

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer (RFC 6750 section 3)."""
        if self.status == 503:
            return {"Retry-After": "1"}
        description = f'Bearer error="invalid_token", error_description="{self.code}"'
        return {"WWW-Authenticate": description}


def usable_keys(jwks: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """Those that can verify signatures, by their `kid`; each has one algorithm, its own."""
    keys = {}
    for jwk in jwks["keys"]:
        if not isinstance(jwk, dict) or jwk.get("kty") == "oct" or jwk.get("use", "sig") != "sig":
            continue
        kid, algorithm = jwk.get("kid"), jwk.get("alg")
        if isinstance(kid, str) and isinstance(algorithm, str) and algorithm in ALGORITHMS:
            try:
                keys[kid] = jwt.PyJWK(jwk, algorithm)
            except (jwt.PyJWTError, ValueError, TypeError):
                continue  # of a kind that this library does not know
    return keys


def verify_signature(
    token: str, keys: dict[str, jwt.PyJWK], is_withdrawn: Callable[[str], bool], **expected: Any
) -> tuple[dict[str, Any], str]:
    """The claims of a genuine token, and the `kid` of the key that signed it.

    `expected` is `issuer`, `audience` and `now`, the time of day in seconds. Raises `Refused`.
    """
    if not isinstance(token, str) or len(token) > LONGEST:
        raise Refused("token_malformed")
    header = _header(token)
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Refused("key_unknown")
    if is_withdrawn(kid):
        raise Refused("key_withdrawn")  # it left the set as well
    key = keys.get(kid)
    if key is None or header.get("alg") != key.algorithm_name:
        raise Refused("key_unknown")
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=expected["issuer"],
            audience=expected["audience"],
            # Times are ours to ask: the clock of PyJWT can be set back.
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise Refused(_code(error)) from error
    if str(header.get("typ", "")).lower() not in _TYPES or not _is_access_token(claims):
        raise Refused("claim_refused")
    _check_times(claims, expected["now"])
    return claims, kid


def _header(token: str) -> dict[str, Any]:
    """Nobody has vouched for it yet: it chooses a key, and nothing else."""
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Refused("token_malformed") from error


def _is_access_token(claims: dict[str, Any]) -> bool:
    sid = claims.get("sid", "A" * 32)
    is_timely = is_whole(claims.get("iat")) and is_whole(claims.get("exp"))
    return (
        is_timely
        and claims["exp"] - claims["iat"] <= LONGEST_LIFE
        and _is_name(claims.get("sub"))
        and _is_name(claims.get("jti"))
        and isinstance(sid, str)
        and _SESSION.fullmatch(sid) is not None
        and is_whole(claims.get("ver", 0))
    )


def _is_name(value: object) -> bool:
    """A text that is not empty and that UTF-8 can say: half of a surrogate pair is not."""
    if not isinstance(value, str) or not value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_times(claims: dict[str, Any], now: float) -> None:
    if now >= claims["exp"] + LEEWAY:
        raise Refused("token_expired")
    if claims["iat"] > now + LEEWAY:
        raise Refused("claim_refused")
    not_before = claims.get("nbf", 0)
    if isinstance(not_before, bool) or not isinstance(not_before, (int, float)):
        raise Refused("claim_refused")
    if not_before > now + LEEWAY:
        raise Refused("token_not_yet_valid")


def _code(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.InvalidSignatureError):
        return "signature_invalid"
    if isinstance(error, jwt.InvalidAlgorithmError):
        return "key_unknown"
    return "token_malformed" if isinstance(error, jwt.DecodeError) else "claim_refused"
