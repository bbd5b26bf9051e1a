// Tokens that nobody should accept, each beside the one that is fine.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { before, test } from "node:test";
import { createLocalJWKSet, exportSPKI } from "jose";
import { verifySignature } from "../token.mjs";
import { AUDIENCE, Issuer } from "./issuer.mjs";

const issuer = new Issuer();
issuer.url = "https://login.example";
const now = Math.floor(Date.now() / 1000);
let keys;

before(async () => {
  await issuer.addKey("k1");
  keys = createLocalJWKSet({
    keys: [...issuer.jwks().keys, { kty: "oct", kid: "secret", alg: "HS256", k: "c2VjcmV0" }],
  });
});

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with this header, signed by HMAC with this secret. */
async function forged(header, secret) {
  const [, claims] = (await issuer.token()).split(".");
  const input = `${encode({ typ: "at+jwt", kid: "k1", ...header })}.${claims}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

async function verdict(token, withdrawn) {
  const expected = { issuer: issuer.url, audience: AUDIENCE, now };
  const list = { isWithdrawn: (kid) => kid === withdrawn };
  try {
    await verifySignature(token, keys, expected, list);
    return "accepted";
  } catch (error) {
    assert.equal(error.status, 401, error.cause?.stack ?? error.stack);
    return error.code;
  }
}

test("what is no access token of this issuer for us is refused", async () => {
  const good = await issuer.token();
  const [header, claims, signature] = good.split(".");
  const stranger = new Issuer();
  await stranger.addKey("k1");
  const json = JSON.stringify(issuer.jwks());
  const longType = "application/at+jwt";
  const pem = await exportSPKI(issuer.keys[0].publicKey);
  const cases = [
    ["as it should be", good, "accepted"],
    ["a long name of its type", issuer.token({ header: { typ: longType } }), "accepted"],
    ["several audiences", issuer.token({ aud: ["x", AUDIENCE] }), "accepted"],
    ["no session", issuer.token({ sid: undefined }), "accepted"],
    ["nothing", "", "token_malformed"],
    ["no text", undefined, "token_malformed"],
    ["no token", "a.b.c", "token_malformed"],
    ["two parts", `${header}.${claims}`, "token_malformed"],
    ["too long", `${good}${"A".repeat(8192)}`, "token_malformed"],
    ["a changed payload", `${header}.${encode({ sub: "eve" })}.${signature}`, "signature_invalid"],
    ["no signature", `${header}.${claims}.`, "signature_invalid"],
    ["alg none", `${encode({ alg: "none", typ: "at+jwt", kid: "k1" })}.${claims}.`, "key_unknown"],
    ["HMAC with the public key", forged({ alg: "HS256" }, pem), "key_unknown"],
    ["HMAC with the key as JWK", forged({ alg: "HS256" }, json), "key_unknown"],
    ["a secret of the set", forged({ alg: "HS256", kid: "secret" }, "secret"), "key_unknown"],
    ["another's key", issuer.token({ key: stranger.keys[0] }), "signature_invalid"],
    ["an unknown key", issuer.token({ header: { kid: "k9" } }), "key_unknown"],
    ["no key named", issuer.token({ header: { kid: undefined } }), "key_unknown"],
    ["another issuer", issuer.token({ iss: "https://evil.example" }), "claim_refused"],
    ["another audience", issuer.token({ aud: "https://other.example" }), "claim_refused"],
    ["no audience", issuer.token({ aud: undefined }), "claim_refused"],
    ["another type", issuer.token({ header: { typ: "JWT" } }), "claim_refused"],
    ["a refresh token", issuer.token({ header: { typ: "rt+jwt" } }), "claim_refused"],
    ["no type", issuer.token({ header: { typ: undefined } }), "claim_refused"],
    ["expired", issuer.token({ iat: now - 100, exp: now - 30 }), "token_expired"],
    ["expired within the leeway", issuer.token({ iat: now - 100, exp: now - 29 }), "accepted"],
    ["no end", issuer.token({ exp: undefined }), "claim_refused"],
    ["an end as text", issuer.token({ exp: String(now + 60) }), "claim_refused"],
    ["a life too long", issuer.token({ iat: now, exp: now + 3601 }), "claim_refused"],
    ["no beginning", issuer.token({ iat: undefined }), "claim_refused"],
    ["issued in the future", issuer.token({ iat: now + 31 }), "claim_refused"],
    ["not yet valid", issuer.token({ nbf: now + 31 }), "token_not_yet_valid"],
    ["no subject", issuer.token({ sub: undefined }), "claim_refused"],
    ["an empty subject", issuer.token({ sub: "" }), "claim_refused"],
    ["a subject that is a number", issuer.token({ sub: 7 }), "claim_refused"],
    ["no id", issuer.token({ jti: undefined }), "claim_refused"],
    ["a session that is none", issuer.token({ sid: "abc" }), "claim_refused"],
    ["a session that is null", issuer.token({ sid: null }), "claim_refused"],
    ["a version that is a text", issuer.token({ ver: "1" }), "claim_refused"],
    ["an unknown extension", forged({ alg: "ES256", crit: ["x"], x: 1 }, "s"), "token_malformed"],
  ];
  for (const [name, token, expected] of cases) {
    assert.equal(await verdict(await token), expected, name);
  }
});

test("a key that was withdrawn is named, whether or not the set still has it", async () => {
  assert.equal(await verdict(await issuer.token(), "k1"), "key_withdrawn");
  const gone = await issuer.token({ header: { kid: "k0" } });
  assert.equal(await verdict(gone, "k0"), "key_withdrawn");
});
