"""Python's libraries: each signs and verifies with the same files that `jeton` is given."""

import json

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

import forgery
import keys
from keys import Key

ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"


class PyJwt:
    name = "PyJWT"
    algorithms = (*keys.HMAC, *keys.RSA, *keys.EC, "EdDSA")

    def sign(self, claims: dict, key: Key) -> str:
        return jwt.encode(
            claims, key.private.read_bytes(), algorithm=key.algorithm, headers={"kid": key.kid}
        )

    def verify(self, token: str, key: Key) -> dict:
        return self.verify_with(token, key.public.read_bytes(), key.algorithm)

    def verify_with(self, token: str, key, algorithm: str) -> dict:
        return jwt.decode(
            token, key, algorithms=[algorithm], issuer=ISSUER, audience=AUDIENCE
        )


class PyCa:
    """PyCA's cryptography: it has ML-DSA, and the JWS around it is put together here."""

    name = "cryptography"
    algorithms = keys.ML_DSA

    def sign(self, claims: dict, key: Key) -> str:
        header = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}
        unsigned = forgery.compact(header, claims, b"").rstrip(".")
        signature = self._private(key).sign(unsigned.encode())
        return f"{unsigned}.{forgery.encode(signature)}"

    def verify(self, token: str, key: Key) -> dict:
        signed, signature = token.rsplit(".", 1)
        public = load_pem_public_key(key.public.read_bytes())
        public.verify(forgery.decode(signature), signed.encode())
        return json.loads(forgery.decode(signed.split(".")[1]))

    def _private(self, key: Key):
        return load_pem_private_key(key.private.read_bytes(), password=None)
