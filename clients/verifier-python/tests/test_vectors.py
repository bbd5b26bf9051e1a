"""The feed vectors: `feed-vectors/README.md` says what each step means."""

import json
import math
import unittest
from pathlib import Path

from jeton_verifier import feed as ids
from jeton_verifier.feed import Feed

FOLDER = Path(__file__).parents[3] / "feed-vectors"


class Vectors(unittest.TestCase):
    def test_every_scenario(self):
        files = sorted(FOLDER.glob("*.jsonl"))
        self.assertTrue(files)
        for file in files:
            feed, scenario = Feed(), ""
            lines = file.read_text("utf-8").rstrip("\n").split("\n")
            for number, line in enumerate(lines, 1):
                step = json.loads(line)
                if "scenario" in step:
                    feed, scenario = Feed(), step["scenario"]
                    continue
                with self.subTest(f"{file.name}:{number}: {scenario}", line=line):
                    getattr(self, step["do"])(feed, step)

    def snapshot(self, feed, step):
        self.assertEqual(feed.snapshot(step["data"], step["at_ms"]), step["then"])

    def request(self, feed, step):
        feed.request(step["at_ms"])

    def event(self, feed, step):
        text = step["raw"] if "raw" in step else json.dumps(step["data"])
        self.assertEqual(feed.event(step["event"], text, step["at_ms"]), step["then"])

    def poll(self, feed, step):
        self.assertEqual(feed.poll(step["data"], step["sent_ms"], step["at_ms"]), step["then"])

    def check(self, feed, step):
        stale = step["stale"]
        verdict = feed.check(
            step["claims"], step["kid"], step["at_ms"], step["wall"], stale=stale["policy"],
            max_staleness=stale["max_ms"], accept_for=stale.get("most_ms", 0),
        )
        self.assertEqual(verdict, step["expect"])

    def sweep(self, feed, step):
        feed.sweep(step["wall"], step["at_ms"])

    def id(self, _, step):
        self.assertEqual(getattr(ids, f"id_of_{step['of']}")(step["text"]), step["expect"])

    def expect(self, feed, step):
        age = feed.staleness(step["at_ms"])
        known = {
            "staleness_ms": age if math.isfinite(age) else None,
            "fresh": age <= 5000,
            "cursor": feed.cursor,
            "entries": len(feed),
            "kids": [key["kid"] for key in feed.jwks["keys"]],
            "delay_ms": feed.delay,
        }
        expected = {name: step[name] for name in step.keys() & known.keys()}
        self.assertEqual({name: known[name] for name in expected}, expected)
