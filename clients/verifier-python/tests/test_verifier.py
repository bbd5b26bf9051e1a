"""The verifier against an issuer on this machine. Nothing waits for a time to pass: `until` looks
again and again, for ten seconds at most."""

import json
import logging
import math
import time
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import jwt

from jeton_verifier import Refused, Verifier
from jeton_verifier.feed import id_of_session

from .issuer import AUDIENCE, SECRET, Issuer

UNTIL = int(time.time()) + 690


def ended(token, reason):
    sid = jwt.decode(token, options={"verify_signature": False})["sid"]
    return ["s", id_of_session(sid), UNTIL, reason]


def verdict(verifier, token):
    """"accepted", or code and status of the refusal."""
    try:
        verifier.verify(token)
    except Refused as refused:
        return f"{refused.code} {refused.status}"
    return "accepted"


class Following(unittest.TestCase):
    def setUp(self):
        logging.disable()
        self.addCleanup(logging.disable, logging.NOTSET)

    def until(self, is_so, what):
        deadline = time.monotonic() + 10
        while not is_so():
            self.assertLess(time.monotonic(), deadline, f"never: {what}")
            time.sleep(0.01)

    def becomes(self, verifier, token, expected):
        self.until(lambda: verdict(verifier, token) == expected, expected)

    def issuer(self):
        issuer = Issuer().start()
        self.addCleanup(issuer.stop)
        return issuer

    def verifier(self, issuer, **options):
        options = {"client_secret": SECRET, **options}
        verifier = Verifier(issuer.url, AUDIENCE, "api", **options)
        self.addCleanup(verifier.close)
        return verifier

    def ready(self, **options):
        issuer = self.issuer()
        verifier = self.verifier(issuer, **options)
        self.assertTrue(verifier.wait_ready(10))
        return issuer, verifier

    def test_a_token_works_until_its_session_ends(self):
        for poll in (False, True):
            with self.subTest(poll=poll):
                issuer, verifier = self.ready(poll=poll)
                token, other = issuer.token(), issuer.token()
                self.assertEqual(verifier.verify(token)["sub"], "alice")

                issuer.revoke(ended(token, "kicked"))

                self.becomes(verifier, token, "kicked 401")
                self.assertEqual(verdict(verifier, other), "accepted")

    def test_a_restart_of_the_issuer_revives_nothing(self):
        for poll in (False, True):
            with self.subTest(poll=poll):
                issuer, verifier = self.ready(poll=poll)
                before, meanwhile = issuer.token(), issuer.token()
                issuer.revoke(ended(before, "banned"))
                self.becomes(verifier, before, "banned 401")

                issuer.crash()
                issuer.entries = [ended(meanwhile, "logged_out")]
                issuer.come_back()

                self.becomes(verifier, meanwhile, "logged_out 401")
                self.assertEqual(verdict(verifier, before), "banned 401")

    def test_who_cannot_tell_says_so_and_comes_back(self):
        for poll in (False, True):
            with self.subTest(poll=poll):
                issuer, verifier = self.ready(poll=poll, stale="refuse", max_staleness=0.5)
                token, revoked = issuer.token(), issuer.token()
                issuer.revoke(ended(revoked, "logged_out"))
                self.becomes(verifier, revoked, "logged_out 401")
                unheard_of = issuer.token(header={"kid": "k9"})
                self.assertEqual(verdict(verifier, unheard_of), "key_unknown 401")

                issuer.crash()
                self.becomes(verifier, token, "stale 503")
                self.assertEqual(verdict(verifier, revoked), "logged_out 401")
                # Its key may have come since.
                self.assertEqual(verdict(verifier, unheard_of), "stale 503")

                issuer.come_back()
                self.becomes(verifier, token, "accepted")

    def test_nothing_is_accepted_before_the_list_was_fresh(self):
        issuer = self.issuer()
        token = issuer.token()
        issuer.crash()
        verifier = self.verifier(issuer)
        self.assertEqual(verdict(verifier, token), "stale 503")

        issuer.beats = False
        issuer.come_back()
        self.until(lambda: issuer.streams, "a connection")
        self.assertEqual(verdict(verifier, token), "stale 503")
        self.assertEqual(verifier.status().staleness, math.inf)

        issuer.beats = True
        self.assertTrue(verifier.wait_ready(10))
        self.assertEqual(verdict(verifier, token), "accepted")

    def test_an_event_that_was_lost_is_fetched_again(self):
        issuer, verifier = self.ready()
        lost, following = issuer.token(), issuer.token()

        issuer.lose(ended(lost, "replaced"))
        issuer.revoke(ended(following, "kicked"))

        self.becomes(verifier, following, "kicked 401")
        self.becomes(verifier, lost, "replaced 401")

    def test_heartbeats_that_are_held_up_do_not_look_fresh(self):
        issuer, verifier = self.ready(stale="refuse", max_staleness=0.5)

        issuer.late = 2000

        self.becomes(verifier, issuer.token(), "stale 503")

    def test_silence_is_a_lost_connection(self):
        issuer, verifier = self.ready(stale="accept_recent", max_staleness=0.5)
        now = int(time.time())
        old, later = issuer.token(iat=now - 60), issuer.token(iat=now + 20)
        self.assertEqual(verdict(verifier, later), "accepted")
        issuer.beats = False
        self.becomes(verifier, old, "stale 503")
        # The issuer itself would have known.
        self.until(lambda: verdict(verifier, issuer.token()) == "accepted", "accepted")
        # Our clock cannot tell what is recent.
        self.assertEqual(verdict(verifier, later), "stale 503")
        connections = issuer.seen.count("/v1/revocations/feed")

        self.until(lambda: issuer.seen.count("/v1/revocations/feed") > connections, "another")
        issuer.beats = True

        self.becomes(verifier, old, "accepted")

    def test_keys_come_and_go_with_the_feed(self):
        issuer, verifier = self.ready()
        issuer.add_key("k2")
        self.becomes(verifier, issuer.token(), "accepted")
        self.assertEqual(verdict(verifier, issuer.token(header={"kid": "k1"})), "accepted")

        issuer.revoke(["k", "k1", UNTIL, 0])

        self.becomes(verifier, issuer.token(header={"kid": "k1"}), "key_withdrawn 401")
        self.assertEqual(verdict(verifier, issuer.token()), "accepted")

    def test_the_issuer_is_asked_while_the_list_is_too_old(self):
        issuer, verifier = self.ready(stale="ask", max_staleness=0.5)
        token = issuer.token()
        issuer.beats = False

        def is_asked():
            self.assertEqual(verdict(verifier, token), "accepted")
            return "/oauth2/introspect" in issuer.seen

        self.until(is_asked, "asked")
        issuer.active = False
        self.becomes(verifier, token, "revoked 401")
        issuer.answers["/oauth2/introspect"] = lambda handler: handler.json(503, {})
        self.becomes(verifier, token, "stale 503")

    def test_our_own_token_is_renewed_when_it_is_refused(self):
        issuer, verifier = self.ready()
        token = issuer.token()

        issuer.tokens += 1  # the one that the verifier has is no longer good
        issuer.cut()
        self.until(lambda: issuer.tokens >= 3, "another token")

        issuer.revoke(ended(token, "logged_out"))
        self.becomes(verifier, token, "logged_out 401")

    def test_a_client_that_the_issuer_does_not_know_is_told_apart_without_its_secret(self):
        issuer = self.issuer()
        logging.disable(logging.NOTSET)

        with self.assertLogs("jeton_verifier") as logs:
            self.verifier(issuer, client_secret="jcs_wrong")
            self.until(lambda: len(issuer.seen) >= 3, "three attempts")

        said = [record.getMessage() for record in logs.records]
        mistake = "/oauth2/token answered 401: are the client and its secret right?"
        self.assertEqual(said, [mistake], "once, and no secret in it")

    def test_answers_that_make_no_sense_are_asked_for_again(self):
        visits = []

        class Other(BaseHTTPRequestHandler):
            def do_GET(self):
                visits.append(self.path)

        other = HTTPServer(("127.0.0.1", 0), Other)
        Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        location = f"http://127.0.0.1:{other.server_port}"
        nonsense = {
            "half an object": lambda handler: handler.said(200, "{"),
            "a list": lambda handler: handler.said(200, "[]"),
            "nothing": lambda handler: handler.said(200, "null"),
            "too deep": lambda handler: handler.said(200, "[" * 100_000),
            "the wrong members": lambda handler: handler.said(200, json.dumps({"cursor": 1})),
            "a page": lambda handler: handler.said(200, "<p>", "text/html"),
            "another place": lambda handler: handler.said(302, "", Location=location),
            "an error": lambda handler: handler.json(500, {}),
            "no HTTP": lambda handler: handler.wfile.write(b"what?\r\n\r\n"),
            "the end": lambda handler: None,
        }
        issuer = self.issuer()
        path = "/v1/revocations/snapshot"
        for name, answer in nonsense.items():
            with self.subTest(name):
                issuer.answers[path] = lambda handler, answer=answer: (
                    issuer.answers.pop(path), answer(handler))
                self.assertTrue(self.verifier(issuer).wait_ready(10))
                self.assertNotIn(path, issuer.answers)
        self.assertEqual(visits, [], "a redirect was followed, with our token")

    def test_what_would_be_unsafe_is_refused_at_once(self):
        client = {"client_id": "c", "client_secret": "d"}
        good = {"issuer": "https://a.example", "audience": "b", **client}
        for name, options in {
            "no issuer": {"issuer": ""},
            "no audience": {"audience": ""},
            "no client": {"client_id": ""},
            "no secret": {"client_secret": ""},
            "http to elsewhere": {"issuer": "http://a.example"},
            "another protocol": {"url": "ftp://127.0.0.1"},
            "an unknown policy": {"stale": "whatever"},
            "no time": {"max_staleness": 0},
        }.items():
            with self.subTest(name), self.assertRaises(ValueError):
                Verifier(**{**good, **options})
