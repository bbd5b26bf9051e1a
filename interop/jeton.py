"""The command line of `jeton token`, as a script would use it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = 0
REFUSED = 1
WRONG_USAGE = 2

# A signature takes a millisecond; a command that has not answered by then hangs.
SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What the command said and how it ended."""

    code: int
    stdout: str
    stderr: str

    def explain(self) -> str:
        return f"exit {self.code}, stdout {self.stdout!r}, stderr {self.stderr!r}"


class Jeton:
    def __init__(self, binary: Path):
        self.binary = binary

    def sign(self, claims: dict, *options: object) -> str:
        answer = self.run("sign", options, json.dumps(claims))
        if answer.code != ACCEPTED:
            raise AssertionError(f"`jeton token sign` failed: {answer.explain()}")
        return answer.stdout.strip()

    def verify(self, token: str, *options: object) -> Answer:
        return self.run("verify", options, token)

    def key(self, *options: object) -> str:
        """What `jeton token key` prints."""
        answer = self.run("key", options, "")
        if answer.code != ACCEPTED:
            raise AssertionError(f"`jeton token key {options}` failed: {answer.explain()}")
        return answer.stdout

    def decode(self, token: str) -> Answer:
        return self.run("decode", (), token)

    def run(self, action: str, options: tuple, stdin: str) -> Answer:
        command = [str(self.binary), "token", action, *map(str, options)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, encoding="utf-8", timeout=SECONDS
        )
        return Answer(done.returncode, done.stdout, done.stderr)
