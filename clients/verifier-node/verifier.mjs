// Verifies access tokens of a jeton issuer in this process, and refuses what the issuer has taken
// back.
//
// What always holds: nothing is accepted before the list was fresh once; what the list refuses
// stays refused however old it is; not to know is 503 and never 401. The feed is followed for as
// long as `close` is not called, whatever happens to the connection.

import { setTimeout as sleep } from "node:timers/promises";
import { createLocalJWKSet } from "jose";
import { EventParser } from "./events.mjs";
import { Feed, isText, isWhole } from "./feed.mjs";
import { Refused, verifySignature } from "./token.mjs";

export { Refused };

const LARGEST_ANSWER = 128 * 1024 * 1024;
const SILENCE = 3000; // milliseconds; a heartbeat comes every second
const PATIENCE = 10_000; // milliseconds for any other answer
const AT_ONCE = 64; // introspections under way
const ASKING = 500; // milliseconds for one of them
const STALE_POLICIES = ["refuse", "accept_recent", "accept", "ask"];

export class Verifier {
  #options;
  #url;
  #feed = new Feed();
  #keys = createLocalJWKSet({ keys: [] });
  #keysOf = null; // the set that `#keys` was made of
  #token = null; // our own, to read the feed with
  #closing = new AbortController();
  #connection = new AbortController();
  #wait = 0;
  #resets = 0; // since the list was fresh
  #lastSweep = -Infinity;
  #trouble = null; // what was reported last
  #asking = 0;
  #slept = 0;
  #looked = { clock: performance.now(), wall: Date.now() };
  #isReady = false;
  #ready;
  #settle;

  /**
   * `issuer`, `audience`: what a token has to say. `clientId`, `clientSecret`: a client of the
   * issuer that may have the scope `revocations:read`. Then, if wanted:
   *
   * - `url`: where the issuer is reached, if not by its name.
   * - `maxStaleness` (5000): milliseconds that the list may be old.
   * - `stale` ("accept_recent"): what happens past that. "refuse": 503. "accept_recent": 503, but
   *   for tokens issued within `maxStaleness`. "ask": the issuer is asked about each token, which
   *   needs the scope `tokens:introspect`. "accept": any token, until the list is `acceptFor`
   *   milliseconds old.
   * - `poll` (false): long polls in place of server-sent events, where a proxy holds those up.
   * - `allowPlainHttp` (false): http to another machine, where tokens can be read by others.
   * - `report` (`console.warn`): hears of trouble, once for each kind.
   */
  constructor(options) {
    const defaults = {
      url: options.issuer, maxStaleness: 5000, stale: "accept_recent", acceptFor: 0, poll: false,
      allowPlainHttp: false, report: (trouble) => console.warn(`jeton: ${trouble}`),
    };
    this.#options = { ...defaults, ...options };
    for (const name of ["issuer", "audience", "clientId", "clientSecret"]) {
      if (!isText(options[name]) || options[name] === "") throw new TypeError(`${name} is missing`);
    }
    const { url, stale, maxStaleness, acceptFor, allowPlainHttp } = this.#options;
    if (!STALE_POLICIES.includes(stale)) throw new TypeError(`stale is one of ${STALE_POLICIES}`);
    for (const [name, time] of Object.entries({ maxStaleness, acceptFor })) {
      if (!isWhole(time)) throw new TypeError(`${name} is not a number of milliseconds`);
    }
    const { protocol, hostname } = URL.canParse(url) ? new URL(url) : {};
    const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
    if (protocol !== "https:" && !(protocol === "http:" && (isLoopback || allowPlainHttp))) {
      throw new TypeError(`${url} is neither https nor this machine`);
    }
    this.#url = url.replace(/\/+$/, "");
    this.#ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#ready.catch(() => {}); // nobody may be waiting
    this.#run();
  }

  /** Resolves once the list was fresh: until then every token is answered with 503. */
  ready() {
    return this.#ready;
  }

  /** For health checks and metrics: milliseconds, and `Infinity` for never. */
  status() {
    const { size: entries, delay } = this.#feed;
    const staleness = this.#feed.staleness(this.#moment());
    return { ready: this.#isReady, staleness, entries, delay };
  }

  /** Ends the connection. What is known gets older from now on. */
  close() {
    this.#closing.abort();
    this.#connection.abort();
    this.#settle.reject(new Error("the verifier was closed"));
  }

  /** The claims of an access token. Throws `Refused`. */
  async verify(token) {
    if (!this.#isReady) throw new Refused("stale", 503);
    const { issuer, audience, maxStaleness, stale, acceptFor } = this.#options;
    const expected = { issuer, audience, now: this.#feed.timeOfDay(wall(), this.#moment()) };
    const { claims, kid } = await this.#genuine(token, expected);
    const asked = { at: this.#moment(), wall: wall(), maxStaleness, stale, acceptFor };
    let verdict = this.#feed.check(claims, kid, asked);
    if (verdict === "ask") verdict = await this.#introspect(token);
    if (verdict === "accepted") return claims;
    throw new Refused(verdict, verdict === "stale" ? 503 : 401);
  }

  // A key that a list has never heard of which is too old may be one of those that came since.
  async #genuine(token, expected) {
    try {
      return await verifySignature(token, this.#keys, expected, this.#feed);
    } catch (error) {
      const isOld = this.#feed.staleness(this.#moment()) > this.#options.maxStaleness;
      throw error.code === "key_unknown" && isOld ? new Refused("stale", 503, error) : error;
    }
  }

  /** Asks the issuer about one token: only while nobody else can tell. */
  async #introspect(token) {
    if (this.#asking >= AT_ONCE) return "stale";
    this.#asking += 1;
    try {
      const form = { token, token_type_hint: "access_token" };
      const answer = await this.#post("/oauth2/introspect", form, AbortSignal.timeout(ASKING));
      return answer.active === true ? "accepted" : "revoked";
    } catch (error) {
      this.#report(error);
      return "stale";
    } finally {
      this.#asking -= 1;
    }
  }

  // ---- Following the feed -----------------------------------------------------------------------

  async #run() {
    let next = "snapshot";
    while (!this.#closing.signal.aborted) {
      this.#connection = new AbortController();
      try {
        if (next === "snapshot") {
          await this.#snapshot();
          next = "reconnect";
        }
        next = await (this.#options.poll ? this.#pollAgain() : this.#follow());
        // An issuer that has come back says so by a reset: the first one ends the waiting.
        if (next === "snapshot" && (this.#resets += 1) === 1) this.#wait = 0;
      } catch (error) {
        this.#report(error);
      } finally {
        this.#connection.abort(); // whatever is left of it
      }
      // A thousand others lost the same server: do not all come back at once.
      this.#wait = Math.min(5000, 2 * this.#wait || 100);
      await this.#sleep(Math.random() * this.#wait);
    }
  }

  async #snapshot() {
    const data = await json(await this.#get("/v1/revocations/snapshot", this.#within(PATIENCE)));
    if (this.#feed.snapshot(data, this.#moment()) !== "none") throw new Error("not a snapshot");
    this.#took(false);
  }

  async #follow() {
    await this.#ownToken(); // before the clock starts: the list is as old as the request
    const silence = setTimeout(
      (connection) => connection.abort(new Error("no heartbeat")), SILENCE, this.#connection);
    try {
      const path = `/v1/revocations/feed?cursor=${encodeURIComponent(this.#feed.cursor)}`;
      this.#feed.request(this.#moment());
      const response = await this.#get(path, this.#connection.signal, "text/event-stream");
      const parser = new EventParser();
      const decoder = new TextDecoder();
      for await (const piece of response.body) {
        const at = this.#moment();
        for (const { event, data } of parser.push(decoder.decode(piece, { stream: true }))) {
          silence.refresh();
          const next = this.#feed.event(event, data, at);
          if (next !== "none") return next;
          this.#took(event === "hb");
        }
      }
      return "reconnect"; // the stream ends when our token does
    } finally {
      clearTimeout(silence);
    }
  }

  async #pollAgain() {
    const { maxStaleness } = this.#options;
    const wait = Math.min(25, Math.floor(maxStaleness / 2000)); // so that it never gets too old
    while (!this.#closing.signal.aborted) {
      this.#connection = new AbortController(); // each poll is one
      await this.#ownToken();
      const cursor = encodeURIComponent(this.#feed.cursor);
      const path = `/v1/revocations/poll?cursor=${cursor}&wait=${wait}`;
      const sent = this.#moment();
      const response = await this.#get(path, this.#within(wait * 1000 + PATIENCE));
      const next = this.#feed.poll(await json(response), sent, this.#moment());
      if (next !== "none") return next;
      this.#took(true);
      if (wait === 0) await this.#sleep(maxStaleness / 4);
    }
    return "reconnect";
  }

  // After something was taken in.
  #took(isHeartbeat) {
    const at = this.#moment();
    if (this.#keysOf !== this.#feed.jwks) {
      this.#keysOf = this.#feed.jwks;
      this.#keys = createLocalJWKSet(this.#feed.jwks);
    }
    if (!isHeartbeat) return;
    if (at - this.#lastSweep > 30_000) {
      this.#feed.sweep(wall(), at);
      this.#lastSweep = at;
    }
    if (this.#feed.staleness(at) > this.#options.maxStaleness) return;
    [this.#wait, this.#resets, this.#trouble, this.#isReady] = [0, 0, null, true];
    this.#settle.resolve();
  }

  async #ownToken() {
    if (this.#token && performance.now() < this.#token.renewAt) return this.#token.text;
    const form = { grant_type: "client_credentials", scope: "revocations:read" };
    const answer = await this.#post("/oauth2/token", form, this.#within(PATIENCE));
    if (!/^[\w.~+/=-]+$/.test(answer.access_token)) throw new Error("no access token was given");
    const life = isWhole(answer.expires_in) ? answer.expires_in * 1000 : 60_000;
    this.#token = { text: answer.access_token, renewAt: performance.now() + (life * 2) / 3 };
    return this.#token.text;
  }

  async #get(path, signal, accept = "application/json") {
    const authorization = `Bearer ${await this.#ownToken()}`;
    const response = await this.#fetch(path, { headers: { accept, authorization }, signal });
    if (response.status === 401) this.#token = null;
    return answered(path, accept, response);
  }

  async #post(path, form, signal) {
    const { clientId, clientSecret } = this.#options;
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    const headers = { accept: "application/json", authorization };
    const body = new URLSearchParams(form);
    const response = await this.#fetch(path, { method: "POST", headers, body, signal });
    return json(await answered(path, "application/json", response));
  }

  // Redirects are refused: they would carry our secret to somebody else.
  #fetch(path, request) {
    return fetch(this.#url + path, { redirect: "error", ...request });
  }

  #sleep(milliseconds) {
    const { signal } = this.#closing; // which ends it early
    return sleep(milliseconds, undefined, { signal }).catch(() => {});
  }

  #within(milliseconds) {
    return AbortSignal.any([this.#connection.signal, AbortSignal.timeout(milliseconds)]);
  }

  // A clock that only runs forward, and does so while the machine sleeps. `performance.now` does
  // not everywhere, so what the clock on the wall has gained on it counts as sleep: at worst the
  // list looks older than it is, until the connection is made anew.
  #moment() {
    const [clock, wall] = [performance.now(), Date.now()];
    const slept = wall - this.#looked.wall - (clock - this.#looked.clock);
    this.#looked = { clock, wall };
    if (slept > 1000) {
      this.#slept += slept;
      this.#connection.abort(new Error("the clock has leapt"));
    }
    return clock + this.#slept;
  }

  #report(error) {
    const trouble = error.cause?.code ?? error.cause?.message ?? error.message; // `fetch` has a cause
    if (!this.#closing.signal.aborted && trouble !== this.#trouble) this.#options.report(trouble);
    this.#trouble = trouble;
  }
}

const wall = () => Date.now() / 1000;

// What somebody has to mend, by what is asked and what is answered.
const MISTAKES = {
  "/oauth2/token 400": ": has the client the scope revocations:read?",
  "/oauth2/token 401": ": are the client and its secret right?",
  "/oauth2/introspect 401": ": are the client and its secret right?",
  "/oauth2/introspect 403": ": has the client the scope tokens:introspect?",
};

async function answered(path, accept, response) {
  const isExpected = response.headers.get("content-type")?.startsWith(accept);
  if (response.ok && isExpected) return response;
  await response.body?.cancel();
  const [route] = path.split("?");
  const mistake = MISTAKES[`${route} ${response.status}`] ?? "";
  throw new Error(`${route} answered ${response.status}${mistake}`);
}

async function json(response) {
  const pieces = [];
  let size = 0;
  for await (const piece of response.body) {
    size += piece.length;
    if (size > LARGEST_ANSWER) throw new Error("an answer is too large");
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    throw new Error("an answer is not JSON"); // the error itself would quote it, secrets and all
  }
}
