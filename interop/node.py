"""npm's libraries, in one process that answers every request of a run."""

import json
import os
import subprocess
import threading
from pathlib import Path

import keys
from jeton import SECONDS
from keys import Key
from peers import AUDIENCE, ISSUER


class Node:
    """`peer.js`: one request a line, one answer a line."""

    def __init__(self, node_modules: Path):
        self.process = subprocess.Popen(
            ["node", str(Path(__file__).with_name("peer.js"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "NODE_PATH": str(node_modules)},
        )

    def ask(self, library: str, action: str, **request: object):
        request = {"library": library, "action": action, **request}
        patience = threading.Timer(SECONDS, self.process.kill)
        patience.start()
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        finally:
            patience.cancel()
        if not line:
            raise AssertionError(f"{library} ended instead of answering {action}")
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(f"{library} cannot {action}: {answer['error']}")
        return answer["done"]

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self.process.stdout.close()


class _Library:
    def __init__(self, node: Node):
        self.node = node

    def sign(self, claims: dict, key: Key) -> str:
        return self._ask("sign", key, claims=claims, file=str(key.private))

    def verify(self, token: str, key: Key) -> dict:
        return self._ask("verify", key, token=token, file=str(key.public))

    def _ask(self, action: str, key: Key, **request: object):
        expected = {"issuer": ISSUER, "audience": AUDIENCE}
        known = {"algorithm": key.algorithm, "kid": key.kid, **expected}
        return self.node.ask(self.name, action, **known, **request)


class JsonWebToken(_Library):
    name = "jsonwebtoken"
    algorithms = (*keys.HMAC, *keys.RSA, "ES256", "ES384", "ES512")


class Jose(_Library):
    name = "jose"
    algorithms = (*JsonWebToken.algorithms, *keys.ED25519)

    def generate(self, algorithm: str) -> dict:
        """A key as PEM and JWK, private and public, and its thumbprint."""
        return self.node.ask(self.name, "generate", algorithm=algorithm)

    def thumbprint(self, jwk: dict) -> str:
        return self.node.ask(self.name, "thumbprint", jwk=jwk)
