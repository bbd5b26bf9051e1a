import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser } from "../events.mjs";

const events = (...pieces) => {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

test("an event ends at an empty line", () => {
  const cases = {
    "line feeds": ["event: hb\ndata: 1\n\n", [{ event: "hb", data: "1" }]],
    "CR LF": ["event: hb\r\ndata: 1\r\n\r\n", [{ event: "hb", data: "1" }]],
    "carriage returns": ["event: hb\rdata: 1\r\r", [{ event: "hb", data: "1" }]],
    "no name": ["data: 1\n\n", [{ event: "message", data: "1" }]],
    "several lines of data": ["data: a\ndata: b\n\n", [{ event: "message", data: "a\nb" }]],
    "no space, and two": ["data:a\ndata:  b\n\n", [{ event: "message", data: "a\n b" }]],
    "colons in data": ['data: {"a":1}\n\n', [{ event: "message", data: '{"a":1}' }]],
    comments: [": still here\n\n: and now\ndata: 1\n\n", [{ event: "message", data: "1" }]],
    "fields of no meaning": ["id: 7\nretry: 9\nf\ndata: 1\n\n", [{ event: "message", data: "1" }]],
    "an event without data": ["event: hb\n\ndata: 1\n\n", [{ event: "message", data: "1" }]],
    "data without a value": ["data\n\n", [{ event: "message", data: "" }]],
    "one that has not ended": ["data: 1\n\ndata: 2\n", [{ event: "message", data: "1" }]],
  };
  for (const [name, [text, expected]] of Object.entries(cases)) {
    assert.deepEqual(events(text), expected, name);
    assert.deepEqual(events(...text), expected, `${name}, letter by letter`);
    for (let cut = 0; cut <= text.length; cut += 1) {
      const found = events(text.slice(0, cut), text.slice(cut));
      assert.deepEqual(found, expected, `${name}, cut at ${cut}`);
    }
  }
});

test("an event has a greatest size", () => {
  const parser = new EventParser();
  const piece = "x".repeat(1024 * 1024);
  assert.throws(() => {
    for (let i = 0; i < 17; i += 1) parser.push(piece);
  }, /too large/);
});
