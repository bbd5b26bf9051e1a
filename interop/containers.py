"""What PyCA's cryptography writes a key into: `jeton` reads it, or says why not."""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

import keys
from accepted import accepted, claims
from jeton import WRONG_USAGE, Jeton

ALGORITHMS = ("RS256", *keys.EC, "EdDSA", "ML-DSA-65")

# PKCS#1 and SEC 1, which only some types of keys have.
TRADITIONAL = ("RS256", *keys.EC)


def cases(jeton: Jeton, folder: Path) -> Iterator[tuple]:
    """Every case as its name and a function that raises AssertionError when it fails."""
    for algorithm in ALGORITHMS:
        yield (
            f"{algorithm}: every container of cryptography is read",
            lambda algorithm=algorithm: read(jeton, algorithm, folder),
        )
        yield (
            f"{algorithm}: a key under a password is refused as such",
            lambda algorithm=algorithm: locked(jeton, algorithm, folder),
        )
        if algorithm not in keys.RSA:
            yield (
                f"{algorithm}: cryptography reads the PEM of jeton",
                lambda algorithm=algorithm: written(jeton, algorithm, folder),
            )


def private_forms(algorithm: str) -> list[PrivateFormat]:
    traditional = [PrivateFormat.TraditionalOpenSSL] if algorithm in TRADITIONAL else []
    return [PrivateFormat.PKCS8, *traditional]


def read(jeton: Jeton, algorithm: str, folder: Path) -> None:
    pair = keys.generate(algorithm)
    expected = claims()
    public_forms = [PublicFormat.SubjectPublicKeyInfo]
    if algorithm in keys.RSA:
        public_forms.append(PublicFormat.PKCS1)
    for encoding in (Encoding.PEM, Encoding.DER):
        private, public = folder / "container.private", folder / "container.public"
        for form in private_forms(algorithm):
            private.write_bytes(pair.private_bytes(encoding, form, NoEncryption()))
            token = jeton.sign(expected, "--key", private)
            accepted(jeton.verify(token, "--key", private), expected)
        for form in public_forms:
            public.write_bytes(pair.public_key().public_bytes(encoding, form))
            accepted(jeton.verify(token, "--key", public), expected)


def locked(jeton: Jeton, algorithm: str, folder: Path) -> None:
    pair = keys.generate(algorithm)
    file = folder / "container.locked"
    for form in private_forms(algorithm):
        password = BestAvailableEncryption(b"a password")
        file.write_bytes(pair.private_bytes(Encoding.PEM, form, password))
        answer = jeton.run("sign", ("--key", file), "{}")
        assert answer.code == WRONG_USAGE, answer.explain()
        assert str(file) in answer.stderr and "encrypted" in answer.stderr, answer.explain()


def written(jeton: Jeton, algorithm: str, folder: Path) -> None:
    file = folder / "container.jeton"
    pem = jeton.key("generate", "--alg", algorithm)
    file.write_text(pem)
    pair = load_pem_private_key(pem.encode(), password=None)
    public = load_pem_public_key(jeton.key("public", "--key", file).encode())
    assert pair.public_key() == public, "not the public half"
