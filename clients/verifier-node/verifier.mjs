// Verifies access tokens of a jeton issuer in this process, and refuses what the issuer has taken back.
//
// What always holds: nothing is accepted before the list was fresh once; what the list refuses stays
// refused however old it is; not to know is 503 and never 401. The feed is followed for as long as
// `close` is not called, whatever happens to the connection.

import { setTimeout as sleep } from "node:timers/promises";
import { createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { EventParser } from "./events.mjs";
import { Feed, isText, isWhole, LEEWAY } from "./feed.mjs";

const ALGORITHMS = // No secrets: a public key could be taken for one.
  "ES256 ES384 ES512 EdDSA Ed25519 RS256 RS384 RS512 PS256 PS384 PS512".split(" ");
const LONGEST_LIFE = 3600; // seconds; a token that lives longer would outlive its revocation
const LONGEST_TOKEN = 8 * 1024;
const LARGEST_ANSWER = 128 * 1024 * 1024;
const SILENCE = 3000; // milliseconds; a heartbeat comes every second
const PATIENCE = 10_000; // milliseconds for any other answer
const AT_ONCE = 64; // introspections under way
const ASKING = 500; // milliseconds for one of them
const STALE_POLICIES = ["refuse", "accept_recent", "accept", "ask"];

/** Why a token was refused: a stable `code`, and the HTTP `status` that it asks for, 401 or 503. */
export class Refused extends Error {
  constructor(code, status = 401, cause = undefined) {
    super(code, { cause });
    this.name = "Refused";
    this.code = code;
    this.status = status;
  }

  /** The headers of the answer (RFC 6750 section 3). */
  get headers() {
    return this.status === 503
      ? { "retry-after": "1" }
      : { "www-authenticate": `Bearer error="invalid_token", error_description="${this.code}"` };
  }
}

export class Verifier {
  #options;
  #url;
  #feed = new Feed();
  #keys = createLocalJWKSet({ keys: [] });
  #keysOf = null; // the set that `#keys` was made of
  #token = null; // our own, to read the feed with
  #closed = false;
  #connection = new AbortController();
  #wait = 0;
  #lastSweep = -Infinity;
  #trouble = null; // what was reported last
  #asking = 0;
  #slept = 0;
  #looked = { clock: performance.now(), wall: Date.now() };
  #isReady = false;
  #ready;
  #settle;

  /**
   * `issuer`, `audience`: what a token has to say. `clientId`, `clientSecret`: a client of the issuer
   * that may have the scope `revocations:read`. Then, if wanted:
   *
   * - `url`: where the issuer is reached, if not by its name.
   * - `maxStaleness` (5000): milliseconds that the list may be old.
   * - `stale`: what happens past that. "refuse": 503. "accept_recent" (as long as nothing else is
   *   said): 503, but for tokens issued within `maxStaleness`. "ask": the issuer is asked about each
   *   token, which needs the scope `tokens:introspect`. "accept": for `acceptFor` milliseconds more or
   *   less blindly, then 503.
   * - `poll` (false): long polls in place of server-sent events, where a proxy holds those up.
   * - `allowPlainHttp` (false): http to another machine, where tokens can be read by others.
   * - `report`: hears of trouble, once for each kind; says it on standard error if not given.
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
    if (!isWhole(maxStaleness) || !isWhole(acceptFor)) throw new TypeError("not milliseconds");
    const { protocol, hostname } = new URL(url);
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
    const staleness = this.#feed.staleness(this.#moment());
    const { size: entries, delay } = this.#feed;
    return { ready: this.#isReady, staleness, entries, delay };
  }

  /** Ends the connection. What is known gets older from now on. */
  close() {
    this.#closed = true;
    this.#connection.abort();
    this.#settle.reject(new Error("the verifier was closed"));
  }

  /** The claims of an access token. Throws `Refused`. */
  async verify(token) {
    if (!this.#isReady) throw new Refused("stale", 503);
    if (!isText(token) || token.length > LONGEST_TOKEN) throw new Refused("token_malformed");
    const { claims, kid } = await this.#verifySignature(token);
    const { maxStaleness, stale, acceptFor } = this.#options;
    const asked = { at: this.#moment(), wall: wall(), maxStaleness, stale, acceptFor };
    let verdict = this.#feed.check(claims, kid, asked);
    if (verdict === "ask") verdict = await this.#introspect(token);
    if (verdict === "accepted") return claims;
    throw new Refused(verdict, verdict === "stale" ? 503 : 401);
  }

  async #verifySignature(token) {
    const now = this.#feed.timeOfDay(wall(), this.#moment());
    try {
      const { kid } = decodeProtectedHeader(token);
      if (!isText(kid)) throw new Refused("key_unknown");
      if (this.#feed.isWithdrawn(kid)) throw new Refused("key_withdrawn"); // also from the set
      const { payload: claims } = await jwtVerify(token, this.#keys, {
        algorithms: ALGORITHMS,
        typ: "at+jwt",
        issuer: this.#options.issuer,
        audience: this.#options.audience,
        requiredClaims: ["exp", "iat", "sub", "jti"],
        clockTolerance: LEEWAY,
        currentDate: new Date(now * 1000),
      });
      if (!isAccessToken(claims, now)) throw new Refused("claim_refused");
      return { claims, kid };
    } catch (error) {
      throw error instanceof Refused ? error : refusalFor(error);
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
    while (!this.#closed) {
      this.#connection = new AbortController();
      try {
        if (next === "snapshot") {
          await this.#snapshot();
          next = "reconnect";
        }
        next = await (this.#options.poll ? this.#pollAgain() : this.#follow());
      } catch (error) {
        this.#report(error);
      } finally {
        this.#connection.abort(); // whatever is left of it
      }
      // A thousand verifiers lost the same server: do not all come back at once.
      this.#wait = Math.min(5000, 2 * this.#wait || 100);
      if (!this.#closed) await sleep(Math.random() * this.#wait);
    }
  }

  async #snapshot() {
    const response = await this.#get("/v1/revocations/snapshot", this.#within(PATIENCE));
    const data = JSON.parse(await read(response));
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
    for (;;) {
      await this.#ownToken();
      const path = `/v1/revocations/poll?cursor=${encodeURIComponent(this.#feed.cursor)}&wait=${wait}`;
      const sent = this.#moment();
      const response = await this.#get(path, this.#within(wait * 1000 + PATIENCE));
      const next = this.#feed.poll(JSON.parse(await read(response)), sent, this.#moment());
      if (next !== "none") return next;
      this.#took(true);
      if (wait === 0) await sleep(maxStaleness / 4);
    }
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
    [this.#wait, this.#trouble, this.#isReady] = [0, null, true];
    this.#settle.resolve();
  }

  async #ownToken() {
    if (this.#token && performance.now() < this.#token.renewAt) return this.#token.text;
    const form = { grant_type: "client_credentials", scope: "revocations:read" };
    const answer = await this.#post("/oauth2/token", form, this.#within(PATIENCE));
    if (!isText(answer.access_token)) throw new Error("no access token was given");
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
    const body = new URLSearchParams(form);
    const response = await this.#fetch(path, {
      method: "POST", headers: { accept: "application/json", authorization }, body, signal,
    });
    return JSON.parse(await read(await answered(path, "application/json", response)));
  }

  // Redirects are refused: they would carry our secret to somebody else.
  #fetch(path, request) {
    return fetch(this.#url + path, { redirect: "error", ...request });
  }

  #within(milliseconds) {
    return AbortSignal.any([this.#connection.signal, AbortSignal.timeout(milliseconds)]);
  }

  // A clock that only runs forward, and does so while the machine sleeps. `performance.now` does not
  // everywhere, so what the clock on the wall has gained on it counts as sleep: at worst the list looks
  // older than it is, until the connection is made anew.
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
    const trouble = error.cause?.code ?? error.message; // why `fetch` failed is its cause
    if (!this.#closed && trouble !== this.#trouble) this.#options.report(trouble);
    this.#trouble = trouble;
  }
}

const wall = () => Date.now() / 1000;

function isAccessToken({ sub, jti, iat, exp, sid, ver = 0 }, now) {
  const isOfSession = sid === undefined || (isText(sid) && /^[\w-]{32}$/.test(sid));
  const isTimely = isWhole(iat) && isWhole(exp) && exp - iat <= LONGEST_LIFE && iat <= now + LEEWAY;
  return isText(sub) && sub !== "" && isText(jti) && isOfSession && isTimely && isWhole(ver);
}

function refusalFor(error) {
  // A key that cannot be used, say: not the token's fault.
  if (!(error instanceof errors.JOSEError)) return new Refused("unavailable", 503, error);
  const codes = {
    ERR_JWT_EXPIRED: "token_expired",
    ERR_JWT_CLAIM_VALIDATION_FAILED: "claim_refused",
    ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "signature_invalid",
    ERR_JWKS_NO_MATCHING_KEY: "key_unknown",
    ERR_JWKS_MULTIPLE_MATCHING_KEYS: "key_unknown",
    ERR_JOSE_ALG_NOT_ALLOWED: "key_unknown",
  };
  const isEarly = error.claim === "nbf" && error.reason === "check_failed";
  const code = isEarly ? "token_not_yet_valid" : (codes[error.code] ?? "token_malformed");
  return new Refused(code, 401, error);
}

async function answered(path, accept, response) {
  const isExpected = response.headers.get("content-type")?.startsWith(accept);
  if (response.ok && isExpected) return response;
  await response.body?.cancel();
  throw new Error(`${path.split("?")[0]} answered ${response.status}`);
}

async function read(response) {
  const pieces = [];
  let size = 0;
  for await (const piece of response.body) {
    size += piece.length;
    if (size > LARGEST_ANSWER) throw new Error("an answer is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
