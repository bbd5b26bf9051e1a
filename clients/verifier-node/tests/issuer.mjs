// An issuer as docs/feed.md describes it, for tests: it does what it is told, and misbehaves on
// request.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export const AUDIENCE = "https://api.example";
export const SECRET = "jcs_a-secret-of-tests";
const BEAT = 50; // milliseconds

export class Issuer {
  feed = "aa".padStart(16, "0");
  entries = [];
  keys = [];
  streams = new Set();
  seen = []; // paths that were asked for
  active = true; // what introspection says
  beats = true; // whether heartbeats are sent
  late = 0; // milliseconds by which heartbeats seem to be late
  tokens = 0;
  answers = {}; // path → what to answer in place of the truth

  static async start() {
    const issuer = new Issuer();
    await issuer.addKey("k1");
    await issuer.listen();
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}`;
    issuer.timer = setInterval(() => issuer.beats && issuer.beat(), BEAT);
    return issuer;
  }

  async listen(port = 0) {
    this.server = createServer((request, response) => this.answer(request, response));
    await new Promise((done) => this.server.listen(port, "127.0.0.1", done));
  }

  /** Away, as after a crash: nobody listens, and every connection is cut. */
  async crash() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    this.streams.clear();
  }

  async comeBack() {
    this.feed = "bb".padStart(16, "0"); // a restart is a new feed
    await this.listen(new URL(this.url).port);
  }

  async stop() {
    clearInterval(this.timer);
    await this.crash();
  }

  async addKey(kid) {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };
    this.keys.push({ kid, privateKey, publicKey, jwk });
    this.streams.forEach((stream) => stream.send("keys", { jwks: this.jwks() }));
  }

  jwks() {
    return { keys: this.keys.map(({ jwk }) => jwk) };
  }

  /** A token of alice's, or what else it is told to say. */
  token({ header = {}, key = this.keys.at(-1), ...claims } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: this.url, aud: AUDIENCE, sub: "alice", client_id: "app", iat: now, exp: now + 600,
      jti: randomBytes(12).toString("base64url"), sid: randomBytes(24).toString("base64url"),
    };
    const protectedHeader = { alg: "ES256", typ: "at+jwt", kid: key.kid, ...header };
    const token = new SignJWT({ ...all, ...claims }).setProtectedHeader(protectedHeader);
    return token.sign(key.privateKey);
  }

  cursor(place = this.entries.length) {
    return `${this.feed}.${place}`;
  }

  revoke(...entries) {
    const after = this.cursor();
    this.entries.push(...entries);
    this.streams.forEach((s) => s.send("rev", { after, cursor: this.cursor(), e: entries }));
  }

  /** Loses an event on the way to everybody. */
  lose(...entries) {
    this.entries.push(...entries);
  }

  beat() {
    this.streams.forEach((s) => s.send("hb", { cursor: this.cursor(), ...this.complete() }));
  }

  complete() {
    const t = Math.floor(performance.now() - this.late);
    return { t, age_ms: 0, now: Math.floor(Date.now() / 1000) };
  }

  async answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    this.seen.push(pathname);
    const json = (status, data) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(data));
    };
    const answer = this.answers[pathname];
    if (answer) return answer(response);
    if (pathname.startsWith("/oauth2/")) {
      const basic = `Basic ${Buffer.from(`api:${SECRET}`).toString("base64")}`;
      if (request.headers.authorization !== basic) return json(401, { error: "invalid_client" });
      if (pathname === "/oauth2/introspect") return json(200, { active: this.active });
      this.tokens += 1;
      const access_token = `own-${this.tokens}`;
      return json(200, { access_token, token_type: "Bearer", expires_in: 600 });
    }
    if (request.headers.authorization !== `Bearer own-${this.tokens}`) return json(401, {});
    const about = { jwks: this.jwks(), ...this.complete() };
    const place = Number(searchParams.get("cursor")?.split(".")[1]);
    const isOurs = searchParams.get("cursor")?.startsWith(`${this.feed}.`);
    if (pathname === "/v1/revocations/snapshot") {
      return json(200, { cursor: this.cursor(), retention: 690, e: this.entries, ...about });
    }
    const news = { after: searchParams.get("cursor"), cursor: this.cursor() };
    if (pathname === "/v1/revocations/poll") {
      const e = isOurs ? this.entries.slice(place) : [];
      return setTimeout(() => json(200, { ...news, e, ...about, reset: !isOurs }), BEAT);
    }
    this.stream(response, isOurs, { ...news, e: this.entries.slice(place) });
  }

  stream(response, isOurs, news) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let n = 0;
    const stream = {
      send: (event, data) => {
        n += 1;
        response.write(`event: ${event}\ndata: ${JSON.stringify({ n, ...data })}\n\n`);
      },
      end: () => response.end(),
    };
    if (!isOurs) {
      stream.send("reset", {});
      return response.end();
    }
    this.streams.add(stream);
    response.on("close", () => this.streams.delete(stream));
    stream.send("keys", { jwks: this.jwks() });
    stream.send("rev", news);
    if (this.beats) stream.send("hb", { cursor: this.cursor(), ...this.complete() });
  }
}
