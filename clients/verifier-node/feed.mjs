// What a verifier knows of a jeton issuer's revocations, and how old that knowledge may be.
//
// A port of docs/feed.md, which says why. No I/O and no clock in here: `Feed` is told what came and
// when, and says what to do next. feed-vectors/ proves it. Start with this file to port it to
// another language.
//
// What always holds: entries only ever add up, in whatever order they come; the list never calls
// itself fresher than what the issuer vouched for; what it does not understand makes it older,
// never fresher.

import { createHash } from "node:crypto";

const REASONS =
  ["logged_out", "revoked", "replaced", "kicked", "banned", "password_changed", "replayed"];
export const LEEWAY = 30; // seconds that two clocks may differ

export const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
export const isText = (value) => typeof value === "string";
const isId = (value) => isText(value) && /^[0-9a-f]{16}$/.test(value);
const isKeySet = (value) => Array.isArray(value?.keys);

const sha256Id = (text) => createHash("sha256").update(text, "utf8").digest("hex").slice(0, 16);

/** The 64 bits that the feed knows something by. */
export const idOf = {
  subject: sha256Id,
  token: sha256Id,
  session(sid) {
    const bytes = Buffer.from(sid, "base64url");
    return bytes.subarray(0, 8).map((byte, i) => byte ^ bytes[16 + i]).toString("hex");
  },
};

// A reason as a number: its place in the list. One that came later is taken as `revoked`.
function place(reason) {
  if (!isText(reason)) return undefined;
  return REASONS.indexOf(REASONS.includes(reason) ? reason : "revoked");
}
const number = (value) => (isWhole(value) ? value : undefined);
const isEmpty = (id) => id === "";

// How an entry of each kind looks: its id, and its value as a number, of which the greater stays.
const KINDS = new Map([
  ["s", [isId, place]],
  ["t", [isId, place]],
  ["v", [isId, number]],
  ["i", [isId, number]],
  ["a", [isEmpty, number]],
  ["k", [isText, number]],
  ["c", [isEmpty, number]],
]);

/**
 * What a verifier knows: pure state. Moments (`at`, `sent`) are milliseconds of a clock that only
 * runs forward, `wall` is the time of day in seconds. What it is told returns what to do next:
 * "none", "reconnect" (ask again with `cursor`) or "snapshot".
 */
export class Feed {
  cursor = null; // where the next connection begins
  jwks = { keys: [] };
  delay = null; // milliseconds that the last canary was under way
  #entries = new Map(); // kind and id → { until, value }
  #completeAsOf = -Infinity; // everything revoked before this moment is in the list
  #outdated = false; // there was an entry that we do not understand
  #heard = null; // the server's time of day, and when we heard it
  #connection = { lost: true };
  #polled = null; // the last answer to a poll: its `t`, and when it was asked for

  /** A request for the feed was sent: what comes from now on comes on a new connection. */
  request(sent) {
    this.#connection = { sent, n: 0, tie: null, fastest: null, lost: false };
  }

  /** The snapshot adds to the list and replaces nothing. It makes nobody fresh. */
  snapshot(data, at) {
    const { cursor, jwks, now, e } = data ?? {};
    if (!isText(cursor) || !isKeySet(jwks) || !isWhole(now) || !Array.isArray(e)) return "snapshot";
    this.#merge(e);
    this.cursor = cursor;
    this.jwks = jwks;
    this.#heard = { now, at };
    return "none";
  }

  /** An event came on the connection, its data as text. */
  event(name, text, at) {
    const connection = this.#connection;
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      return this.#lost();
    }
    // Merging is always safe, so it is done before anything is asked.
    if (name === "rev" && Array.isArray(data?.e)) this.#merge(data.e, connection, at);
    if (connection.lost || data?.n !== connection.n + 1) return this.#lost();
    connection.n += 1;
    const { after, cursor, jwks, t, age_ms: age, now, e } = data;
    if (name === "keys" && isKeySet(jwks)) {
      this.jwks = jwks;
    } else if (name === "rev" && after === this.cursor && isText(cursor) && Array.isArray(e)) {
      this.cursor = cursor;
    } else if (name === "hb" && cursor === this.cursor && [t, age, now].every(isWhole)) {
      this.#heartbeat(connection, t, age, at);
      this.#heard = { now, at };
    } else if (name === "reset") {
      connection.lost = true;
      return "snapshot";
    } else {
      return this.#lost();
    }
    return "none";
  }

  /** The answer to a poll with our cursor, asked at `sent`. */
  poll(data, sent, at) {
    const { after, cursor, e, t, age_ms: age, now, jwks, reset } = data ?? {};
    if (Array.isArray(e)) this.#merge(e);
    if (reset === true) return "snapshot";
    const isWellFormed = isText(cursor) && Array.isArray(e) && [t, age, now].every(isWhole);
    if (after !== this.cursor || !isWellFormed || !isKeySet(jwks)) return "reconnect";
    this.cursor = cursor;
    this.jwks = jwks;
    // The same answer again was kept by something on the way: it is no younger for that.
    if (this.#polled?.t !== t) this.#polled = { t, sent };
    this.#complete(this.#polled.sent - age);
    this.#heard = { now, at };
    return "none";
  }

  /** How old the list may be at worst, in milliseconds. */
  staleness(at) {
    return this.#outdated ? Infinity : Math.max(0, at - this.#completeAsOf);
  }

  /** "accepted", "ask" (introspection), or the code of a refusal, for claims of a genuine token. */
  check(claims, kid, { at, wall, maxStaleness, stale, acceptFor = 0 }) {
    const now = this.timeOfDay(wall, at);
    if (now >= claims.exp + LEEWAY) return "token_expired";
    const refused = this.#refusal(claims, kid);
    if (refused) return refused; // however old the list is
    const age = this.staleness(at);
    if (age <= maxStaleness || (stale === "accept" && age <= acceptFor)) return "accepted";
    if (stale === "ask") return "ask";
    // Later than now counts alike: a clock that is behind says nothing about what is recent.
    const isRecent = Math.abs(now - claims.iat) <= maxStaleness / 1000;
    return stale === "accept_recent" && isRecent ? "accepted" : "stale";
  }

  /** The later of two clocks: setting one back does not revive a token. */
  timeOfDay(wall, at) {
    return Math.max(Math.floor(wall), this.#serverTime(at));
  }

  /** Drops what is over by both clocks: one that leaps ahead and back has forgotten nothing. */
  sweep(wall, at) {
    const now = Math.min(wall, this.#serverTime(at));
    for (const [key, { until }] of this.#entries) if (until <= now) this.#entries.delete(key);
  }

  isWithdrawn(kid) {
    return this.#entries.has(`k${kid}`);
  }

  get size() {
    return this.#entries.size;
  }

  #refusal({ sid, jti, sub, iat, ver = 0 }, kid) {
    const value = (kind, id) => this.#entries.get(kind + id)?.value;
    if (this.isWithdrawn(kid)) return "key_withdrawn";
    const session = sid === undefined ? undefined : value("s", idOf.session(sid));
    const ended = session ?? value("t", idOf.token(jti));
    if (ended !== undefined) return REASONS[ended];
    const subject = idOf.subject(sub);
    const isRecalled =
      ver < value("v", subject) || iat <= value("i", subject) || iat <= value("a", "");
    return isRecalled ? "token_recalled" : undefined; // comparing with undefined is false
  }

  #merge(entries, connection, at) {
    for (const entry of entries) {
      const [kind, id, until, value] = Array.isArray(entry) ? entry : [];
      const [isIdOfKind, read] = KINDS.get(kind) ?? [() => false];
      const rank = isIdOfKind(id) ? read(value) : undefined;
      if (rank === undefined || !isWhole(until) || entry.length !== 4) {
        this.#outdated = true; // it may refuse what we would accept: never call ourselves fresh
      } else if (kind === "c") {
        this.#measure(connection, rank, at);
      } else {
        const old = this.#entries.get(kind + id) ?? { until, value: rank };
        const merged = { until: Math.max(old.until, until), value: Math.max(old.value, rank) };
        this.#entries.set(kind + id, merged);
      }
    }
  }

  // The canary: how much longer it took than the fastest heartbeat.
  #measure(connection, t, at) {
    if (connection?.lost === false && connection.fastest !== null) {
      this.delay = Math.max(0, at - t - connection.fastest);
    }
  }

  // The server made the first heartbeat after our request had come to it. So to take its clock for
  // the moment when we sent that request errs to the old side, and what is held up on its way later
  // on cannot look fresh: it is the server's clock that counts, and not the arrival.
  #heartbeat(connection, t, age, at) {
    connection.tie ??= { t, at: connection.sent };
    let moment = connection.tie.at + (t - connection.tie.t);
    if (moment > at) {
      moment = at; // its clock gains on ours: it cannot have been later than now
      connection.tie = { t, at };
    }
    this.#complete(moment - age);
    connection.fastest = Math.min(connection.fastest ?? Infinity, at - t);
  }

  #complete(moment) {
    this.#completeAsOf = Math.max(this.#completeAsOf, moment);
  }

  #lost() {
    this.#connection.lost = true;
    return "reconnect";
  }

  #serverTime(at) {
    return this.#heard
      ? Math.floor(this.#heard.now + (at - this.#heard.at) / 1000) - LEEWAY
      : -Infinity;
  }
}
