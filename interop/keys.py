"""Key pairs made for one run, in the formats the command line reads."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

_GENERATE = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
_TO_JWK = {
    "ES256": ECAlgorithm.to_jwk,
    "RS256": RSAAlgorithm.to_jwk,
    "EdDSA": OKPAlgorithm.to_jwk,
}

ASYMMETRIC = tuple(_GENERATE)


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
        return (self.option, self.private)

    @property
    def for_verifying(self) -> tuple:
        return (self.option, self.public)


def symmetric(folder: Path, name: str) -> Key:
    """A secret that is not text and ends like a line: it must be taken as it is."""
    file = folder / f"{name}.secret"
    file.write_bytes(b"\xff" + secrets.token_bytes(46) + b"\n")
    return Key("HS256", name, file, file, "--secret-file")


def asymmetric(folder: Path, algorithm: str, name: str) -> Key:
    """A PKCS#8 private key and its SPKI public key, both PEM, and the public key as a JWK."""
    pair = _GENERATE[algorithm]()
    private = folder / f"{name}.private.pem"
    private.write_bytes(pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = folder / f"{name}.public.pem"
    public.write_bytes(
        pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    jwk = json.loads(_TO_JWK[algorithm](pair.public_key()))
    jwk = {**jwk, "kid": name, "alg": algorithm, "use": "sig", "key_ops": ["verify"]}
    return Key(algorithm, name, private, public, "--key", jwk)


def make(folder: Path, algorithm: str, name: str) -> Key:
    if algorithm == "HS256":
        return symmetric(folder, name)
    return asymmetric(folder, algorithm, name)
