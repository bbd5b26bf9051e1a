"""Verifies access tokens of a jeton issuer in this process, and refuses what it has taken back."""

from .token import Refused
from .verifier import Verifier

__all__ = ["Refused", "Verifier"]
