// The verifier against an issuer on this machine. Nothing waits for a time to pass: `until` looks
// again and again, for ten seconds at most.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { idOf } from "../feed.mjs";
import { Refused, Verifier } from "../verifier.mjs";
import { AUDIENCE, Issuer, SECRET } from "./issuer.mjs";

const UNTIL = Math.floor(Date.now() / 1000) + 690;

async function until(isSo, what) {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `never: ${what}`);
    await sleep(10);
  }
}

/** What a verifier says of a token: "accepted", or code and status of the refusal. */
async function verdict(verifier, token) {
  try {
    await verifier.verify(token);
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof Refused, error.stack);
    return `${error.code} ${error.status}`;
  }
}

const ended = (token, reason) => ["s", idOf.session(decodeJwt(token).sid), UNTIL, reason];

/** A test with an issuer and a verifier that is ready, both gone at its end. */
function scenario(name, options, body) {
  test(name, async (t) => {
    const issuer = await Issuer.start();
    t.after(() => issuer.stop());
    const troubles = [];
    const verifier = new Verifier({
      issuer: issuer.url, audience: AUDIENCE, clientId: "api", clientSecret: SECRET,
      report: (trouble) => troubles.push(trouble), ...options,
    });
    t.after(() => verifier.close());
    await verifier.ready();
    const becomes = (token, expected) =>
      until(async () => (await verdict(verifier, token)) === expected, expected);
    await body({ issuer, verifier, becomes, troubles });
  });
}

for (const poll of [false, true]) {
  const by = poll ? "polls" : "events";
  scenario(`a token works until its session ends, heard of by ${by}`, { poll },
    async ({ issuer, verifier, becomes }) => {
      const [token, other] = [await issuer.token(), await issuer.token()];
      assert.equal((await verifier.verify(token)).sub, "alice");

      issuer.revoke(ended(token, "kicked"));

      await becomes(token, "kicked 401");
      assert.equal(await verdict(verifier, other), "accepted");
    });

  scenario(`a restart of the issuer revives nothing, heard of by ${by}`, { poll },
    async ({ issuer, verifier, becomes }) => {
      const [before, meanwhile] = [await issuer.token(), await issuer.token()];
      issuer.revoke(ended(before, "banned"));
      await becomes(before, "banned 401");

      await issuer.crash();
      issuer.entries = [ended(meanwhile, "logged_out")];
      await issuer.comeBack();

      await becomes(meanwhile, "logged_out 401");
      assert.equal(await verdict(verifier, before), "banned 401");
    });

  scenario(`who cannot tell says so, and comes back: ${by}`,
    { poll, stale: "refuse", maxStaleness: 500 },
    async ({ issuer, verifier, becomes }) => {
      const [token, revoked] = [await issuer.token(), await issuer.token()];
      issuer.revoke(ended(revoked, "logged_out"));
      await becomes(revoked, "logged_out 401");

      const unheardOf = await issuer.token({ header: { kid: "k9" } });
      assert.equal(await verdict(verifier, unheardOf), "key_unknown 401");

      await issuer.crash();
      await becomes(token, "stale 503");
      assert.equal(await verdict(verifier, revoked), "logged_out 401");
      assert.equal(await verdict(verifier, unheardOf), "stale 503", "its key may have come since");

      await issuer.comeBack();
      await becomes(token, "accepted");
    });
}

test("nothing is accepted before the list was fresh", async (t) => {
  const issuer = await Issuer.start();
  t.after(() => issuer.stop());
  const token = await issuer.token();
  await issuer.crash();
  const verifier = new Verifier({
    issuer: issuer.url, audience: AUDIENCE, clientId: "api", clientSecret: SECRET, report() {},
  });
  t.after(() => verifier.close());

  for (const part of ["away", "without heartbeats"]) {
    assert.equal(await verdict(verifier, token), "stale 503", part);
    issuer.beats = false;
    if (part === "away") await issuer.comeBack();
    await until(() => part !== "away" || issuer.streams.size > 0, "a connection");
  }
  assert.equal(verifier.status().staleness, Infinity);

  issuer.beats = true;
  await verifier.ready();
  assert.equal(await verdict(verifier, token), "accepted");
});

scenario("an event that was lost is fetched again", {}, async ({ issuer, becomes }) => {
  const [lost, next] = [await issuer.token(), await issuer.token()];

  issuer.lose(ended(lost, "replaced"));
  issuer.revoke(ended(next, "kicked"));

  await becomes(next, "kicked 401");
  await becomes(lost, "replaced 401");
});

scenario("heartbeats that are held up do not look fresh", { stale: "refuse", maxStaleness: 500 },
  async ({ issuer, becomes }) => {
    const token = await issuer.token();

    issuer.late = 2000;

    await becomes(token, "stale 503");
  });

scenario("silence is a lost connection", { stale: "accept_recent", maxStaleness: 500 },
  async ({ issuer, verifier, becomes }) => {
    const now = Math.floor(Date.now() / 1000);
    const old = await issuer.token({ iat: now - 60 });
    const later = await issuer.token({ iat: now + 20 });
    assert.equal(await verdict(verifier, later), "accepted");
    issuer.beats = false;
    await becomes(old, "stale 503");
    const recent = async () => issuer.token({ iat: Math.floor(Date.now() / 1000) });
    await until(async () => (await verdict(verifier, await recent())) === "accepted",
      "accepted: the issuer itself would have known");
    assert.equal(await verdict(verifier, later), "stale 503", "our clock cannot tell what is recent");
    const connections = () => issuer.seen.filter((path) => path === "/v1/revocations/feed").length;
    const before = connections();

    await until(() => connections() > before, "another connection");
    issuer.beats = true;

    await becomes(old, "accepted");
  });

scenario("keys come and go with the feed", {}, async ({ issuer, verifier, becomes }) => {
  const [old] = issuer.keys;
  await issuer.addKey("k2");
  await becomes(await issuer.token(), "accepted");
  assert.equal(await verdict(verifier, await issuer.token({ key: old })), "accepted");

  issuer.revoke(["k", "k1", UNTIL, 0]);

  await becomes(await issuer.token({ key: old }), "key_withdrawn 401");
  assert.equal(await verdict(verifier, await issuer.token()), "accepted");
});

scenario("the issuer is asked while the list is too old", { stale: "ask", maxStaleness: 500 },
  async ({ issuer, verifier, becomes }) => {
    const token = await issuer.token();
    issuer.beats = false;

    await until(async () => {
      assert.equal(await verdict(verifier, token), "accepted");
      return issuer.seen.includes("/oauth2/introspect");
    }, "asked");
    issuer.active = false;
    await becomes(token, "revoked 401");
    issuer.answers["/oauth2/introspect"] = (response) => response.writeHead(503).end();
    await becomes(token, "stale 503");
  });

scenario("our own token is renewed when it is refused", {}, async ({ issuer, becomes }) => {
  const token = await issuer.token();

  issuer.tokens += 1; // the one that the verifier has is no longer good
  issuer.streams.forEach((stream) => stream.end());
  await until(() => issuer.tokens >= 3, "another token");

  issuer.revoke(ended(token, "logged_out"));
  await becomes(token, "logged_out 401");
});

test("a client that the issuer does not know is told apart, without its secret", async (t) => {
  const issuer = await Issuer.start();
  t.after(() => issuer.stop());
  const troubles = [];
  const verifier = new Verifier({
    issuer: issuer.url, audience: AUDIENCE, clientId: "api", clientSecret: "jcs_wrong",
    report: (trouble) => troubles.push(trouble),
  });
  t.after(() => verifier.close());

  await until(() => issuer.seen.length >= 3, "three attempts");

  const mistake = "/oauth2/token answered 401: are the client and its secret right?";
  assert.deepEqual(troubles, [mistake], "once, and no secret in it");
});

test("answers that make no sense are asked for again", async (t) => {
  const issuer = await Issuer.start();
  t.after(() => issuer.stop());
  let visits = 0;
  const other = createServer((_, response) => response.end(`${(visits += 1)}`));
  await once(other.listen(0, "127.0.0.1"), "listening");
  t.after(() => other.close());
  const location = `http://127.0.0.1:${other.address().port}`;
  const said = (body, type = "application/json") => (response) =>
    response.writeHead(200, { "content-type": type }).end(body);
  const nonsense = {
    "half an object": said("{"),
    "a list": said("[]"),
    "nothing": said("null"),
    "the wrong members": said('{"cursor":1}'),
    "a page": said("<p>", "text/html"),
    "another place": (response) => response.writeHead(302, { location }).end(),
    "an error": (response) => response.writeHead(500).end(),
    "the end": (response) => response.destroy(),
  };
  const path = "/v1/revocations/snapshot";
  for (const [name, answer] of Object.entries(nonsense)) {
    issuer.answers[path] = (response) => {
      delete issuer.answers[path];
      answer(response);
    };
    const troubles = [];
    const verifier = new Verifier({
      issuer: issuer.url, audience: AUDIENCE, clientId: "api", clientSecret: SECRET,
      report: (trouble) => troubles.push(trouble),
    });
    t.after(() => verifier.close());

    await verifier.ready();

    assert.equal(troubles.length, 1, name);
  }
  assert.equal(visits, 0, "a redirect was followed, with our token");
});

test("what would be unsafe is refused at once", () => {
  const good = { issuer: "https://a.example", audience: "b", clientId: "c", clientSecret: "d" };
  for (const [name, options] of Object.entries({
    "no issuer": { ...good, issuer: undefined },
    "no audience": { ...good, audience: "" },
    "no client": { ...good, clientId: undefined },
    "no secret": { ...good, clientSecret: undefined },
    "http to elsewhere": { ...good, issuer: "http://a.example" },
    "another protocol": { ...good, url: "ftp://127.0.0.1" },
    "an unknown policy": { ...good, stale: "whatever" },
    "no number": { ...good, maxStaleness: "5s" },
  })) {
    assert.throws(() => new Verifier(options), TypeError, name);
  }
});

test("a mistake in the options is called by its name", () => {
  const good = { issuer: "https://a.example", audience: "b", clientId: "c", clientSecret: "d" };
  for (const [options, words] of [
    [{ issuer: "a.example" }, /a\.example is neither https nor this machine/],
    [{ maxStaleness: "5s" }, /maxStaleness/],
    [{ acceptFor: NaN }, /acceptFor/],
  ]) {
    assert.throws(() => new Verifier({ ...good, ...options }), words);
  }
});
