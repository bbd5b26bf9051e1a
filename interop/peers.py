"""The other libraries: each signs and verifies with the same files that `jeton` is given."""

import json
import os
import subprocess
from pathlib import Path

import jwt

from jeton import SECONDS
from keys import Key

ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"


class PyJwt:
    name = "PyJWT"
    algorithms = ("HS256", "ES256", "RS256", "EdDSA")

    def sign(self, claims: dict, key: Key) -> str:
        return jwt.encode(
            claims, key.private.read_bytes(), algorithm=key.algorithm, headers={"kid": key.kid}
        )

    def verify(self, token: str, key: Key) -> dict:
        return jwt.decode(
            token,
            key.public.read_bytes(),
            algorithms=[key.algorithm],
            issuer=ISSUER,
            audience=AUDIENCE,
        )


class JsonWebToken:
    name = "jsonwebtoken"
    algorithms = ("HS256", "ES256", "RS256")

    def __init__(self, node_modules: Path):
        self.node_modules = node_modules

    def sign(self, claims: dict, key: Key) -> str:
        return self._ask("sign", key, {"claims": claims, "file": str(key.private)})

    def verify(self, token: str, key: Key) -> dict:
        expected = {"issuer": ISSUER, "audience": AUDIENCE}
        return self._ask("verify", key, {"token": token, "file": str(key.public), **expected})

    def _ask(self, action: str, key: Key, request: dict):
        request = {"action": action, "algorithm": key.algorithm, "kid": key.kid, **request}
        done = subprocess.run(
            ["node", str(Path(__file__).with_name("peer.js"))],
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            env={**os.environ, "NODE_PATH": str(self.node_modules)},
        )
        if done.returncode != 0:
            raise AssertionError(f"jsonwebtoken cannot {action}: {done.stderr.strip()}")
        return json.loads(done.stdout)
