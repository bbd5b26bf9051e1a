// The feed vectors: feed-vectors/README.md says what each step means.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Feed, idOf } from "../feed.mjs";

const folder = new URL("../../../feed-vectors/", import.meta.url);

const steps = {
  snapshot: (feed, step) => assert.equal(feed.snapshot(step.data, step.at_ms), step.then),
  request: (feed, step) => feed.request(step.at_ms),
  event(feed, step) {
    const text = step.raw ?? JSON.stringify(step.data);
    assert.equal(feed.event(step.event, text, step.at_ms), step.then);
  },
  poll: (feed, step) => assert.equal(feed.poll(step.data, step.sent_ms, step.at_ms), step.then),
  check(feed, { claims, kid, at_ms: at, wall, stale, expect }) {
    const asked = {
      at, wall, stale: stale.policy, maxStaleness: stale.max_ms, acceptFor: stale.most_ms,
    };
    assert.equal(feed.check(claims, kid, asked), expect);
  },
  sweep: (feed, step) => feed.sweep(step.wall, step.at_ms),
  id: (_, step) => assert.equal(idOf[step.of](step.text), step.expect),
  expect(feed, { do: _, at_ms: at, why: __, ...expected }) {
    const age = feed.staleness(at);
    const known = {
      staleness_ms: Number.isFinite(age) ? age : null,
      fresh: age <= 5000,
      cursor: feed.cursor,
      entries: feed.size,
      kids: feed.jwks.keys.map((key) => key.kid),
      delay_ms: feed.delay,
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(known[name], value, name);
    }
  },
};

const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
assert.notEqual(files.length, 0);
for (const file of files) {
  test(`vectors: ${file}`, () => {
    let feed;
    let scenario;
    const lines = readFileSync(new URL(file, folder), "utf8").trimEnd().split("\n");
    for (const [number, line] of lines.entries()) {
      const step = JSON.parse(line);
      if ("scenario" in step) {
        [feed, scenario] = [new Feed(), step.scenario];
        continue;
      }
      try {
        steps[step.do](feed, step);
      } catch (error) {
        throw new Error(`${file}:${number + 1}: ${scenario}: ${line}`, { cause: error });
      }
    }
  });
}
