"""Exchanges tokens and keys between `jeton token` and other libraries; `cargo xtask interop` runs this.

Prints one line for each case and a last line that counts them. Exit code 1 if one failed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import accepted
import containers
import exchanged
import refused
from jeton import Jeton
from node import Jose, JsonWebToken, Node
from peers import PyCa, PyJwt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jeton", type=Path, required=True, help="the binary")
    parser.add_argument("--node-modules", type=Path, required=True, help="has jose")
    arguments = parser.parse_args()

    jeton = Jeton(arguments.jeton)
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="jeton-interop-") as folder,
        Node(arguments.node_modules) as node,
    ):
        keys, jose = Path(folder), Jose(node)
        peers = [PyJwt(), PyCa(), JsonWebToken(node), jose]
        cases = [
            *accepted.cases(jeton, peers, keys),
            *exchanged.cases(jeton, jose, keys),
            *containers.cases(jeton, keys),
            *refused.cases(jeton, keys),
        ]
        failed = sum(not passes(name, case) for name, case in cases)
    seconds = time.monotonic() - start
    print(f"{len(cases) - failed} passed, {failed} failed, in {seconds:.0f} seconds")
    return 1 if failed else 0


def passes(name: str, case) -> bool:
    """Runs a case and prints its line. What a case raises is its failure, not the run's."""
    try:
        case()
    except (AssertionError, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        print(f"FAILED {name}: {error}", flush=True)
        return False
    print(f"ok     {name}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
