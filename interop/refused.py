"""What `jeton` must refuse, whoever made it: exit 1, a reason, and no claims."""

import json
from collections.abc import Iterator
from pathlib import Path

import jwt

import forgery
import keys
from accepted import claims
from jeton import REFUSED, WRONG_USAGE, Jeton
from peers import AUDIENCE, ISSUER, PyJwt


def cases(jeton: Jeton, folder: Path) -> Iterator[tuple]:
    """Every case as its name and a function that raises AssertionError when it fails."""
    for algorithm in ("HS256", *keys.KINDS):
        key = keys.make(folder, algorithm, f"refused-{algorithm}")
        other = keys.make(folder, algorithm, f"other-{algorithm}")
        for name, token in altered(key, other):
            yield (
                f"{algorithm}: {name}",
                lambda key=key, token=token: refused(jeton.verify(token, *key.for_verifying)),
            )
    for algorithm in keys.KINDS:
        key = keys.make(folder, algorithm, f"confused-{algorithm}")
        for name, token in confused(key):
            yield (
                f"{algorithm}: {name}",
                lambda key=key, token=token: refused(jeton.verify(token, *key.for_verifying)),
            )
        yield (
            f"{algorithm}: HS256 signed with the public key, which is in a JWK Set",
            lambda key=key: confused_set(jeton, key, folder),
        )
    secret = keys.make(folder, "HS256", "refused-policy")
    for option, value in [
        ("--issuer", "https://evil.example"),
        ("--audience", "https://evil.example"),
        ("--typ", "at+jwt"),
    ]:
        yield (
            f"another {option.strip('-')}",
            lambda asked=(option, value): policy(jeton, secret, asked),
        )
    for name, garbage in [("nothing", ""), ("no token", "hello"), ("two parts", "e30.e30")]:
        yield (
            f"{name} on standard input",
            lambda garbage=garbage: refused(jeton.verify(garbage, *secret.for_verifying)),
        )
    yield "verify without a key is wrong usage", lambda: no_key(jeton, secret)


def altered(key: keys.Key, other: keys.Key) -> Iterator[tuple]:
    """Genuine tokens that were changed, expired, or signed by somebody else."""
    pyjwt, genuine = PyJwt(), claims()
    token = pyjwt.sign(genuine, key)
    yield "an altered signature", forgery.with_altered_signature(token)
    yield "a truncated signature", token[:-4]
    yield "no signature", token.rsplit(".", 1)[0] + "."
    yield "padded base64", token + "="
    yield "other claims under a genuine signature", forgery.with_claims(token, claims(admin=True))
    yield "another key", pyjwt.sign(genuine, other)
    yield "expired", pyjwt.sign(claims(exp=genuine["iat"] - 3600), key)
    yield "not valid yet", pyjwt.sign(claims(nbf=genuine["iat"] + 3600), key)
    yield "an expiry that is text", forge_expiry(key, str(genuine["exp"]))
    yield "`alg: none`, made by PyJWT", jwt.encode(genuine, None, algorithm="none")
    for spelling in ("None", "NONE", "nOnE", ""):
        header = {"alg": spelling, "typ": "JWT", "kid": key.kid}
        yield f"`alg: {spelling}`, no signature", forgery.compact(header, genuine, b"")
    yield "a header without `alg`", forgery.compact({"typ": "JWT"}, genuine, b"")
    yield "an unknown critical parameter", with_critical_parameter(key, genuine)


def confused(key: keys.Key) -> Iterator[tuple]:
    """Signatures made of what everybody knows."""
    genuine = claims()
    header = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    pem = key.public.read_bytes()
    yield "HS256 signed with the public key", forgery.hs256(header, genuine, pem)
    yield "HS256 signed with the public key's text", forgery.hs256(header, genuine, pem.strip())
    own = {**header, "alg": key.algorithm}
    yield "HMAC under the key's own `alg`", forgery.hs256(own, genuine, pem)
    yield "a signature of zeros", forgery.compact(own, genuine, bytes(64))


def confused_set(jeton: Jeton, key: keys.Key, folder: Path) -> None:
    file = folder / "confused.json"
    file.write_text(json.dumps({"keys": [key.jwk]}))
    header = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    for secret in (key.public.read_bytes(), file.read_bytes()):
        refused(jeton.verify(forgery.hs256(header, claims(), secret), "--key", file))


def forge_expiry(key: keys.Key, expiry: object) -> str:
    """PyJWT's inner layer signs any bytes; its outer one would refuse this claim."""
    payload = json.dumps(claims(exp=expiry)).encode()
    return jwt.PyJWS().encode(payload, key.private.read_bytes(), algorithm=key.algorithm)


def with_critical_parameter(key: keys.Key, content: dict) -> str:
    """A genuine token that asks to be refused by whoever does not know the parameter."""
    header = {"kid": key.kid, "crit": ["unheard-of"], "unheard-of": True}
    secret = key.private.read_bytes()
    return jwt.encode(content, secret, algorithm=key.algorithm, headers=header)


def policy(jeton: Jeton, key: keys.Key, asked: tuple) -> None:
    token = jeton.sign(claims(), *key.for_signing, "--typ", "JWT")
    everything_else = {"--issuer": ISSUER, "--audience": AUDIENCE}
    everything_else.pop(asked[0], None)
    fitting = [part for option in everything_else.items() for part in option]
    refused(jeton.verify(token, *key.for_verifying, *fitting, *asked))


def no_key(jeton: Jeton, key: keys.Key) -> None:
    answer = jeton.verify(PyJwt().sign(claims(), key))
    assert answer.code == WRONG_USAGE, answer.explain()


def refused(answer) -> None:
    assert answer.code == REFUSED, answer.explain()
    assert answer.stdout == "", f"claims of a refused token: {answer.explain()}"
    assert answer.stderr.strip(), "refused without a reason"
