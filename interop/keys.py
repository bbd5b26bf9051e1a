"""Key pairs made for one run, in the formats the command line reads."""

import functools
import itertools
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm

from forgery import encode

HMAC = ("HS256", "HS384", "HS512")
RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVES = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
    "ES256K": ec.SECP256K1(),
}
EC = tuple(_CURVES)
ED25519 = ("EdDSA", "Ed25519")
_ML_DSA = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate,
}
ML_DSA = tuple(_ML_DSA)

# One algorithm of each kind, where a kind is enough.
KINDS = ("RS256", "PS256", "ES256", "ES512", "EdDSA")


@dataclass(frozen=True)
class Key:
    """Two files, and how `jeton` is told about them."""

    algorithm: str
    kid: str
    private: Path
    public: Path
    option: str
    jwk: dict | None = None

    @property
    def for_signing(self) -> tuple:
        return (self.option, self.private, "--alg", self.algorithm)

    @property
    def for_verifying(self) -> tuple:
        return (self.option, self.public, "--alg", self.algorithm)


def make(folder: Path, algorithm: str, name: str) -> Key:
    if algorithm in HMAC:
        return symmetric(folder, algorithm, name)
    return asymmetric(folder, algorithm, name)


def symmetric(folder: Path, algorithm: str, name: str) -> Key:
    """A secret that is not text and ends like a line: it must be taken as it is."""
    file = folder / f"{name}.secret"
    file.write_bytes(b"\xff" + secrets.token_bytes(62) + b"\n")
    return Key(algorithm, name, file, file, "--secret-file")


def asymmetric(folder: Path, algorithm: str, name: str) -> Key:
    """A PKCS#8 private key and its SPKI public key, both PEM, and the public key as a JWK."""
    pair = generate(algorithm)
    private = folder / f"{name}.private.pem"
    private.write_bytes(pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = folder / f"{name}.public.pem"
    public.write_bytes(
        pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    jwk = {"kid": name, "alg": algorithm, "use": "sig", "key_ops": ["verify"]}
    return Key(algorithm, name, private, public, "--key", {**_to_jwk(algorithm)(pair), **jwk})


def generate(algorithm: str):
    if algorithm in RSA:
        return next(_rsa_pairs())
    if algorithm in ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm in ML_DSA:
        return _ML_DSA[algorithm]()
    return ec.generate_private_key(_CURVES[algorithm])


@functools.cache
def _rsa_pairs() -> itertools.cycle:
    """They take long to make, so a run has few of them; one differs from the next all the same."""
    new = functools.partial(rsa.generate_private_key, public_exponent=65537, key_size=2048)
    return itertools.cycle([new(), new(), new()])


def private_jwk(algorithm: str) -> dict:
    """A key as PyJWT writes it down, without its algorithm."""
    if algorithm in HMAC:
        return json.loads(HMACAlgorithm.to_jwk(secrets.token_bytes(64)))
    return json.loads(_library(algorithm).to_jwk(generate(algorithm)))


def _to_jwk(algorithm: str) -> Callable:
    if algorithm in ML_DSA:
        return lambda pair: {"kty": "AKP", "pub": encode(pair.public_key().public_bytes_raw())}
    return lambda pair: json.loads(_library(algorithm).to_jwk(pair.public_key()))


def _library(algorithm: str) -> type:
    return RSAAlgorithm if algorithm in RSA else ECAlgorithm if algorithm in EC else OKPAlgorithm
