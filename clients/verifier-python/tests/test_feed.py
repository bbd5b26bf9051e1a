"""What the vectors leave out, because whoever closes a connection sees no more of it."""

import json
import math
import unittest

from jeton_verifier.feed import Feed, id_of_token

NOW = 1_800_000_000
HEARTBEAT = {"cursor": "a.1", "t": 9000, "age_ms": 0, "now": NOW}


class Lost(unittest.TestCase):
    def hears(self, feed, event, **data):
        return feed.event(event, json.dumps(data), 1000)

    def test_what_still_comes_on_it_is_merged_and_tells_nothing_else(self):
        feed = Feed()
        feed.snapshot({"cursor": "a.1", "jwks": {"keys": []}, "now": NOW, "e": []}, 0)
        feed.request(0)
        revoked = ["t", id_of_token("j1"), NOW + 690, "kicked"]

        self.assertEqual(self.hears(feed, "keys", n=1, jwks={"keys": []}), "none")
        self.assertEqual(self.hears(feed, "hb", n=3, **HEARTBEAT), "reconnect")
        for n in (2, 3, 4):
            self.assertEqual(self.hears(feed, "hb", n=n, **HEARTBEAT), "reconnect")
        rev = {"n": 2, "after": "a.1", "cursor": "a.2", "e": [revoked]}
        self.assertEqual(self.hears(feed, "rev", **rev), "reconnect")

        self.assertEqual(feed.staleness(1000), math.inf)
        self.assertEqual(feed.cursor, "a.1")
        self.assertEqual(len(feed), 1)

    def test_before_anything_was_asked_for_nothing_is_believed(self):
        feed = Feed()

        heard = self.hears(feed, "hb", n=1, **{**HEARTBEAT, "cursor": None})

        self.assertEqual(heard, "reconnect")
        self.assertEqual(feed.staleness(1000), math.inf)

    def test_numbers_that_are_none(self):
        for odd in (True, 1.0, "1", None, -1, 2**64):
            feed = Feed()
            feed.request(0)
            self.assertEqual(self.hears(feed, "keys", n=odd, jwks={"keys": []}), "reconnect", odd)
