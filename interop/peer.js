// Requests as JSON on standard input, one a line; answers as JSON on standard output, one a line:
// tokens and keys of npm's jsonwebtoken and jose.
"use strict";

const fs = require("node:fs");
const readline = require("node:readline");
const { pathToFileURL } = require("node:url");
const jwt = require("jsonwebtoken");

const jsonwebtoken = {
  sign: ({ claims, file, algorithm, kid }) =>
    jwt.sign(claims, fs.readFileSync(file), { algorithm, keyid: kid }),
  verify: ({ token, file, algorithm, issuer, audience }) =>
    jwt.verify(token, fs.readFileSync(file), { algorithms: [algorithm], issuer, audience }),
};

// Made of what a file begins with: a JWK (Set), PEM, or a secret.
async function read(jose, file, algorithm) {
  const bytes = fs.readFileSync(file);
  const text = bytes.toString("utf8");
  if (text.startsWith("-----BEGIN PRIVATE")) return jose.importPKCS8(text, algorithm);
  if (text.startsWith("-----BEGIN PUBLIC")) return jose.importSPKI(text, algorithm);
  if (!text.startsWith("{")) return bytes;
  const json = JSON.parse(text);
  return json.keys ? jose.createLocalJWKSet(json) : jose.importJWK(json, algorithm);
}

async function generate(jose, algorithm) {
  if (algorithm.startsWith("HS")) {
    const secret = await jose.generateSecret(algorithm, { extractable: true });
    const jwk = await jose.exportJWK(secret);
    return { privateJwk: jwk, thumbprint: await jose.calculateJwkThumbprint(jwk) };
  }
  const pair = await jose.generateKeyPair(algorithm, { extractable: true });
  const publicJwk = await jose.exportJWK(pair.publicKey);
  return {
    privatePem: await jose.exportPKCS8(pair.privateKey),
    publicPem: await jose.exportSPKI(pair.publicKey),
    privateJwk: await jose.exportJWK(pair.privateKey),
    publicJwk,
    thumbprint: await jose.calculateJwkThumbprint(publicJwk),
  };
}

const withJose = (jose) => ({
  sign: async ({ claims, file, algorithm, kid }) =>
    new jose.SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid, typ: "JWT" })
      .sign(await read(jose, file, algorithm)),
  verify: async ({ token, file, algorithm, issuer, audience }) => {
    const key = await read(jose, file, algorithm);
    const expected = { algorithms: [algorithm], issuer, audience };
    return (await jose.jwtVerify(token, key, expected)).payload;
  },
  generate: ({ algorithm }) => generate(jose, algorithm),
  thumbprint: ({ jwk }) => jose.calculateJwkThumbprint(jwk),
});

async function main() {
  // `import` by its name would not look into NODE_PATH.
  const jose = await import(pathToFileURL(require.resolve("jose")).href);
  const libraries = { jsonwebtoken, jose: withJose(jose) };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = { done: await libraries[request.library][request.action](request) };
    } catch (error) {
      answer = { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

main();
