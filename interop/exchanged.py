"""Keys made on one side and used on the other: PEM, JWK and JWK Set, private and public."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jwt
from jwt import PyJWK, PyJWKSet

import keys
from accepted import accepted, claims, equal
from jeton import Jeton
from keys import Key
from node import Jose
from peers import PyJwt

# One algorithm for each type of key: those of the same type take the same keys.
KEY_TYPES = ("HS256", "HS512", "PS256", "ES256", "ES384", "ES512", "Ed25519")

# RSA keys take long to make, and ES256K is not in jose.
SET = ("ES256", "ES384", "ES512", "EdDSA")


@dataclass(frozen=True)
class Made:
    """A key in all its files. The public ones of a secret are the private ones."""

    algorithm: str
    thumbprint: str
    private: list[Path]
    public: list[Path]

    def key(self, private: Path, public: Path) -> Key:
        return Key(self.algorithm, self.thumbprint, private, public, "--key")


def cases(jeton: Jeton, jose: Jose, folder: Path) -> Iterator[tuple]:
    """Every case as its name and a function that raises AssertionError when it fails."""
    for algorithm in KEY_TYPES:
        for name, make in [("jose", made_by_jose), ("jeton", made_by_jeton)]:
            yield (
                f"{algorithm}: a key made by {name} is the same to both sides",
                lambda make=make, algorithm=algorithm: is_the_same(
                    jeton, jose, make(jeton, jose, algorithm, folder)
                ),
            )
    for algorithm in ("HS384", "RS512", "ES256K", "EdDSA"):
        yield (
            f"{algorithm}: private JWKs of PyJWT and jeton are the same to both sides",
            lambda algorithm=algorithm: private_jwks(jeton, algorithm, folder),
        )
    yield "a JWK Set made by jose", lambda: set_by_jose(jeton, jose, folder)
    yield "a JWK Set made by jeton", lambda: set_by_jeton(jeton, jose, folder)


def made_by_jose(_: Jeton, jose: Jose, algorithm: str, folder: Path) -> Made:
    forms = jose.generate(algorithm)
    return written(folder / f"jose-{algorithm}", algorithm, forms.pop("thumbprint"), forms)


def made_by_jeton(jeton: Jeton, jose: Jose, algorithm: str, folder: Path) -> Made:
    stem = folder / f"jeton-{algorithm}"
    jwk = json.loads(jeton.key("generate", "--alg", algorithm, "--jwk"))
    forms = {"privateJwk": jwk}
    if algorithm not in keys.HMAC:
        file = stem.with_suffix(".json")
        file.write_text(json.dumps(jwk))
        forms["publicPem"] = jeton.key("public", "--key", file)
        forms["publicJwk"] = json.loads(jeton.key("public", "--key", file, "--jwk"))
    return written(stem, algorithm, jose.thumbprint(jwk), forms)


def written(stem: Path, algorithm: str, thumbprint: str, forms: dict) -> Made:
    files = {name: stem.with_suffix(f".{name}") for name in forms}
    for name, content in forms.items():
        files[name].write_text(content if isinstance(content, str) else json.dumps(content))
    private = [file for name, file in files.items() if name.startswith("private")]
    public = [file for name, file in files.items() if name.startswith("public")]
    return Made(algorithm, thumbprint, private, public or private)


def is_the_same(jeton: Jeton, jose: Jose, made: Made) -> None:
    """Whichever file one side signs with, the other accepts with each of the public ones."""
    expected = claims()
    for private in made.private:
        key = made.key(private, made.public[0])
        theirs = jose.sign(expected, key)
        ours = jeton.sign(expected, *key.for_signing)
        for public in made.public:
            key = made.key(private, public)
            equal(jose.verify(ours, key), expected)
            accepted(jeton.verify(theirs, *key.for_verifying), expected)
    for file in {*made.private, *made.public}:
        equal(jeton.key("thumbprint", "--key", file).strip(), made.thumbprint)


def private_jwks(jeton: Jeton, algorithm: str, folder: Path) -> None:
    file, expected = folder / f"pyjwt-{algorithm}.json", claims()
    theirs = keys.private_jwk(algorithm)
    file.write_text(json.dumps(theirs))
    token = jeton.sign(expected, "--key", file, "--alg", algorithm)
    equal(PyJwt().verify_with(token, public(PyJWK(theirs, algorithm)), algorithm), expected)
    if algorithm in keys.RSA:
        return  # they take long to make
    ours = jeton.key("generate", "--alg", algorithm, "--jwk")
    file.write_text(ours)
    token = jwt.encode(expected, PyJWK(json.loads(ours)))
    accepted(jeton.verify(token, "--key", file), expected)


def public(jwk: PyJWK):
    """What verifies: a secret is no pair."""
    return jwk.key.public_key() if hasattr(jwk.key, "public_key") else jwk


def set_by_jose(jeton: Jeton, jose: Jose, folder: Path) -> None:
    made = {name: jose.generate(name) for name in SET}
    jwks = [{**key["publicJwk"], "kid": name, "alg": name} for name, key in made.items()]
    file = folder / "jose.jwks.json"
    file.write_text(json.dumps({"keys": jwks}))
    for algorithm, key in made.items():
        private = folder / f"jose.{algorithm}.pem"
        private.write_text(key["privatePem"])
        expected = claims()
        token = jose.sign(expected, Key(algorithm, algorithm, private, file, "--key"))
        accepted(jeton.verify(token, "--key", file), expected)


def set_by_jeton(jeton: Jeton, jose: Jose, folder: Path) -> None:
    made = {name: folder / f"jeton.{name}.json" for name in SET}
    jwks = []
    for algorithm, file in made.items():
        file.write_text(jeton.key("generate", "--alg", algorithm, "--jwk", "--kid", algorithm))
        jwks += json.loads(jeton.key("public", "--key", file, "--jwks"))["keys"]
    published = folder / "jeton.jwks.json"
    published.write_text(json.dumps({"keys": jwks}))
    theirs = PyJWKSet.from_dict({"keys": jwks})
    for algorithm, file in made.items():
        expected = claims()
        token = jeton.sign(expected, "--key", file)
        key = Key(algorithm, algorithm, file, published, "--key")
        equal(jose.verify(token, key), expected)
        equal(PyJwt().verify_with(token, theirs[algorithm], algorithm), expected)
