"""Both sides must agree: what one signs the other accepts, with equal claims."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import jwt

import keys
from jeton import ACCEPTED, Jeton
from peers import AUDIENCE, ISSUER, PyJwt


def claims(**changes: object) -> dict:
    """Claims with everything JSON can say that a careless reader gets wrong."""
    now = int(time.time())
    return {
        "iss": ISSUER,
        "sub": "älice \"山\" \\ \u2028 🔑",
        "aud": [AUDIENCE, "https://other.example"],
        "iat": now,
        "nbf": now - 60,
        "exp": now + 600,
        "jti": "a/b+c=",
        "admin": False,
        "nothing": None,
        "deep": {"list": [1, -2, [], {}], "large": 9007199254740991, "fraction": 0.5},
        **changes,
    }


def cases(jeton: Jeton, peers: list, folder: Path) -> Iterator[tuple]:
    """Every case as its name and a function that raises AssertionError when it fails."""
    for peer in peers:
        for algorithm in peer.algorithms:
            key = keys.make(folder, algorithm, f"{peer.name}-{algorithm}")
            yield (
                f"{algorithm}: {peer.name} signs, jeton accepts",
                lambda peer=peer, key=key: peer_signs(jeton, peer, key),
            )
            yield (
                f"{algorithm}: jeton signs, {peer.name} accepts",
                lambda peer=peer, key=key: jeton_signs(jeton, peer, key),
            )
    ring = [keys.make(folder, name, f"ring-{name}") for name in (*keys.RSA, *keys.EC, "EdDSA")]
    for key in ring:
        yield (
            f"{key.algorithm}: jeton accepts with the public key as a JWK",
            lambda key=key: jwk_file(jeton, key, folder, key.jwk),
        )
        yield (
            f"{key.algorithm}: jeton finds the key in a JWK Set",
            lambda key=key: jwk_file(jeton, key, folder, {"keys": [each.jwk for each in ring]}),
        )
        yield (
            f"{key.algorithm}: jeton writes the `kid` and `typ` it is told",
            lambda key=key: header(jeton, key),
        )
    secret = keys.make(folder, "HS256", "policy")
    yield "the expected issuer, audience and type", lambda: policy(jeton, secret)
    yield "decode shows header and claims", lambda: decode(jeton, secret)


def peer_signs(jeton: Jeton, peer, key: keys.Key) -> None:
    expected = claims()
    accepted(jeton.verify(peer.sign(expected, key), *key.for_verifying), expected)


def jeton_signs(jeton: Jeton, peer, key: keys.Key) -> None:
    expected = claims()
    token = jeton.sign(expected, *key.for_signing, "--kid", key.kid)
    equal(peer.verify(token, key), expected)


def jwk_file(jeton: Jeton, key: keys.Key, folder: Path, content: dict) -> None:
    file = folder / "public.json"
    file.write_text(json.dumps(content))
    expected = claims()
    accepted(jeton.verify(PyJwt().sign(expected, key), "--key", file), expected)


def header(jeton: Jeton, key: keys.Key) -> None:
    token = jeton.sign(claims(), *key.for_signing, "--kid", "a key", "--typ", "at+jwt")
    found = jwt.get_unverified_header(token)
    equal(found, {"alg": key.algorithm, "kid": "a key", "typ": "at+jwt"})


def policy(jeton: Jeton, key: keys.Key) -> None:
    expected = claims()
    token = jeton.sign(expected, *key.for_signing, "--typ", "at+jwt")
    asked = ("--issuer", ISSUER, "--audience", AUDIENCE, "--typ", "at+jwt")
    accepted(jeton.verify(token, *key.for_verifying, *asked), expected)


def decode(jeton: Jeton, key: keys.Key) -> None:
    expected = claims()
    answer = jeton.decode(PyJwt().sign(expected, key))
    assert answer.code == ACCEPTED, answer.explain()
    shown = json.loads(answer.stdout)
    equal(shown["header"], {"alg": "HS256", "kid": key.kid, "typ": "JWT"})
    equal(shown["payload"], expected)


def accepted(answer, expected: dict) -> None:
    assert answer.code == ACCEPTED, answer.explain()
    equal(json.loads(answer.stdout), expected)


def equal(found: dict, expected: dict) -> None:
    assert found == expected, f"found {found}, expected {expected}"
