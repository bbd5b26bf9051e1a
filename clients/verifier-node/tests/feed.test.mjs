// What the vectors leave out, because whoever closes a connection sees no more of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed, idOf } from "../feed.mjs";

test("what still comes on a connection that lost something is merged, and tells nothing else", () => {
  const feed = new Feed();
  const now = 1_800_000_000;
  feed.snapshot({ cursor: "a.1", jwks: { keys: [] }, now, e: [] }, 0);
  feed.request(0);
  const hears = (event, data) => feed.event(event, JSON.stringify(data), 1000);
  const heartbeat = { cursor: "a.1", t: 9000, age_ms: 0, now };
  const revoked = ["t", idOf.token("j1"), now + 690, "kicked"];

  assert.equal(hears("keys", { n: 1, jwks: { keys: [] } }), "none");
  assert.equal(hears("hb", { n: 3, ...heartbeat }), "reconnect");
  for (const n of [2, 3, 4]) assert.equal(hears("hb", { n, ...heartbeat }), "reconnect");
  assert.equal(hears("rev", { n: 2, after: "a.1", cursor: "a.2", e: [revoked] }), "reconnect");

  assert.equal(feed.staleness(1000), Infinity);
  assert.equal(feed.cursor, "a.1");
  assert.equal(feed.size, 1);
});

test("before anything was asked for, nothing is believed", () => {
  const feed = new Feed();
  const heartbeat = { n: 1, cursor: null, t: 9000, age_ms: 0, now: 1_800_000_000 };

  assert.equal(feed.event("hb", JSON.stringify(heartbeat), 1000), "reconnect");
  assert.equal(feed.staleness(1000), Infinity);
});
