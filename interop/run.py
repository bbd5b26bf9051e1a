"""Exchanges tokens between `jeton token` and other libraries; `cargo xtask interop` runs this.

Prints one line for each case and a last line that counts them. Exit code 1 if one failed.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import accepted
import refused
from jeton import Jeton
from peers import JsonWebToken, PyJwt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jeton", type=Path, required=True, help="the binary")
    parser.add_argument("--node-modules", type=Path, required=True, help="has jsonwebtoken")
    arguments = parser.parse_args()

    jeton = Jeton(arguments.jeton)
    peers = [PyJwt(), JsonWebToken(arguments.node_modules)]
    with tempfile.TemporaryDirectory(prefix="jeton-interop-") as folder:
        keys = Path(folder)
        cases = [*accepted.cases(jeton, peers, keys), *refused.cases(jeton, keys)]
        failed = sum(not passes(name, case) for name, case in cases)
    print(f"{len(cases) - failed} passed, {failed} failed")
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
