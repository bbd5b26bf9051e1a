"""Tokens that nobody should accept, each beside the one that is fine."""

import base64
import hashlib
import hmac
import json
import time
import unittest

from cryptography.hazmat.primitives import serialization

from jeton_verifier import Refused
from jeton_verifier.token import usable_keys, verify_signature

from .issuer import AUDIENCE, Issuer

NOW = int(time.time())
ISSUER = Issuer()
SET = ISSUER.jwks()
SECRET = {"kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" * 6}
UNUSABLE = [
    {"kty": "EC", "kid": "broken", "alg": "ES256", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "kid": "k2", "alg": "HS256"},
    {"kty": "AKP", "kid": "new", "alg": "ML-DSA-44", "pub": "AA"},
    "no key",
]
KEYS = usable_keys({"keys": [*SET["keys"], SECRET, *UNUSABLE]})


def encode(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header, secret):
    """A token with this header, signed by HMAC with this secret."""
    claims = ISSUER.token().split(".")[1]
    text = f"{encode({'typ': 'at+jwt', 'kid': 'k1', **header})}.{claims}"
    signature = hmac.digest(secret, text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def verdict(token, withdrawn=None):
    expected = {"issuer": ISSUER.url, "audience": AUDIENCE, "now": NOW}
    try:
        verify_signature(token, KEYS, lambda kid: kid == withdrawn, **expected)
    except Refused as refused:
        assert refused.status == 401
        return refused.code
    return "accepted"


class Tokens(unittest.TestCase):
    def test_what_is_no_access_token_of_this_issuer_for_us_is_refused(self):
        token = ISSUER.token
        header, claims, signature = token().split(".")
        pem = ISSUER.keys["k1"].public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        eve = encode({"sub": "eve"})
        none = encode({"alg": "none", "typ": "at+jwt", "kid": "k1"})
        cases = {
            "as it should be": (token(), "accepted"),
            "a long name of its type": (token(header={"typ": "application/at+jwt"}), "accepted"),
            "several audiences": (token(aud=["x", AUDIENCE]), "accepted"),
            "no session": (token(sid=None), "accepted"),
            "nothing": ("", "token_malformed"),
            "no text": (None, "token_malformed"),
            "no token": ("a.b.c", "token_malformed"),
            "letters that nobody writes": ("é.b.c", "token_malformed"),
            "two parts": (f"{header}.{claims}", "token_malformed"),
            "too long": (token() + "A" * 8192, "token_malformed"),
            "a changed payload": (f"{header}.{eve}.{signature}", "signature_invalid"),
            "no signature": (f"{header}.{claims}.", "signature_invalid"),
            "alg none": (f"{none}.{claims}.", "key_unknown"),
            "HMAC with the public key": (forged({"alg": "HS256"}, pem), "key_unknown"),
            "HMAC with the key as JWK": (
                forged({"alg": "HS256"}, json.dumps(SET["keys"][0]).encode()), "key_unknown"),
            "a secret that is in the set": (
                forged({"alg": "HS256", "kid": "secret"}, b"secret" * 6), "key_unknown"),
            "another's key": (token(key=Issuer().keys["k1"]), "signature_invalid"),
            "an unknown key": (token(header={"kid": "k9"}), "key_unknown"),
            "no key named": (token(header={"kid": None}), "key_unknown"),
            "a number for a key": (forged({"alg": "ES256", "kid": 1}, b"s"), "token_malformed"),
            "another issuer": (token(iss="https://evil.example"), "claim_refused"),
            "another audience": (token(aud="https://other.example"), "claim_refused"),
            "no audience": (token(aud=None), "claim_refused"),
            "another type": (token(header={"typ": "JWT"}), "claim_refused"),
            "a refresh token": (token(header={"typ": "rt+jwt"}), "claim_refused"),
            "no type": (token(header={"typ": None}), "claim_refused"),
            "expired": (token(iat=NOW - 100, exp=NOW - 30), "token_expired"),
            "expired within the leeway": (token(iat=NOW - 100, exp=NOW - 29), "accepted"),
            "no end": (token(exp=None), "claim_refused"),
            "an end as text": (token(exp=str(NOW + 60)), "claim_refused"),
            "a life too long": (token(iat=NOW, exp=NOW + 3601), "claim_refused"),
            "no beginning": (token(iat=None), "claim_refused"),
            "issued in the future": (token(iat=NOW + 31), "claim_refused"),
            "not yet valid": (token(nbf=NOW + 31), "token_not_yet_valid"),
            "a beginning as text": (token(nbf="soon"), "claim_refused"),
            "no subject": (token(sub=None), "claim_refused"),
            "an empty subject": (token(sub=""), "claim_refused"),
            "half a letter for a subject": (token(sub="\ud800"), "claim_refused"),
            "no id": (token(jti=None), "claim_refused"),
            "a session that is none": (token(sid="abc"), "claim_refused"),
            "a version that is a text": (token(ver="1"), "claim_refused"),
            "an extension nobody knows": (
                forged({"alg": "ES256", "crit": ["x"], "x": 1}, b"s"), "token_malformed"),
        }
        for name, (presented, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(verdict(presented), expected)

    def test_a_key_that_was_withdrawn_is_named_whether_or_not_the_set_still_has_it(self):
        self.assertEqual(verdict(ISSUER.token(), "k1"), "key_withdrawn")
        self.assertEqual(verdict(ISSUER.token(header={"kid": "k0"}), "k0"), "key_withdrawn")

    def test_of_a_set_the_keys_that_can_be_used_are_used(self):
        self.assertEqual(list(KEYS), ["k1"])
