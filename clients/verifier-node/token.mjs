// What an access token has to be, whatever the revocation list says: genuine, of this issuer, for
// this audience, and in time.

import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { isText, isWhole, LEEWAY } from "./feed.mjs";

const ALGORITHMS = // No secrets: a public key could be taken for one.
  "ES256 ES384 ES512 EdDSA Ed25519 RS256 RS384 RS512 PS256 PS384 PS512".split(" ");
const LONGEST_LIFE = 3600; // seconds; a token that lives longer would outlive its revocation
const LONGEST = 8 * 1024; // characters

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

/**
 * The claims of a genuine token, and the `kid` of the key that signed it. `keys` are jose's, `now`
 * is the time of day in seconds, and `list` knows which keys were withdrawn. Throws `Refused`.
 */
export async function verifySignature(token, keys, { issuer, audience, now }, list) {
  if (!isText(token) || token.length > LONGEST) throw new Refused("token_malformed");
  const kid = keyId(token);
  if (!isText(kid)) throw new Refused("key_unknown");
  if (list.isWithdrawn(kid)) throw new Refused("key_withdrawn"); // it left the set as well
  try {
    const { payload: claims } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      typ: "at+jwt",
      issuer,
      audience,
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

// From the header, which nobody has vouched for yet: it chooses a key, and nothing else.
function keyId(token) {
  try {
    return decodeProtectedHeader(token).kid;
  } catch (error) {
    throw new Refused("token_malformed", 401, error);
  }
}

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
