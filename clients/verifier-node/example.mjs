// A service that is guarded by access tokens: `GET /hello` greets who presents a good one.
//
//   ISSUER=http://localhost:8080 AUDIENCE=api CLIENT_ID=api CLIENT_SECRET_FILE=secret \
//     node example.mjs
//
// PORT (0: any that is free) says where it listens; SCOPE, which scope a token has to have; STALE,
// MAX_STALENESS and URL are the verifier's options of these names.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Refused, Verifier } from "./verifier.mjs";

const { ISSUER, AUDIENCE, CLIENT_ID, CLIENT_SECRET_FILE, PORT, SCOPE, ...optional } = process.env;

const verifier = new Verifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  clientId: CLIENT_ID,
  clientSecret: readFileSync(CLIENT_SECRET_FILE, "utf8").trim(),
  ...(optional.URL && { url: optional.URL }),
  ...(optional.STALE && { stale: optional.STALE }),
  ...(optional.MAX_STALENESS && { maxStaleness: Number(optional.MAX_STALENESS) }),
});

/** Status, headers and body of the answer to one request. */
async function answer(request) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/health") {
    return verifier.status().ready ? [200, {}, "ready"] : [503, {}, "not yet"];
  }
  if (pathname !== "/hello") return [404, {}, "not found"];
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!token) return [401, { "www-authenticate": "Bearer" }, "token_missing"];

  const claims = await verifier.verify(token);
  if (SCOPE && !(claims.scope ?? "").split(" ").includes(SCOPE)) {
    const challenge = `Bearer error="insufficient_scope", scope="${SCOPE}"`;
    return [403, { "www-authenticate": challenge }, "forbidden"];
  }
  return [200, {}, `hello ${claims.sub}`];
}

const server = createServer(async (request, response) => {
  let said;
  try {
    said = await answer(request);
  } catch (error) {
    const isRefused = error instanceof Refused;
    if (!isRefused) console.error(error);
    said = isRefused ? [error.status, error.headers, error.code] : [500, {}, "failed"];
  }
  const [status, headers, body] = said;
  const about = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(status, { ...about, ...headers });
  response.end(`${body}\n`);
});

server.listen(Number(PORT ?? 0), "127.0.0.1", () => {
  console.log(`listens on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    verifier.close();
    server.close();
    server.closeAllConnections();
  });
}
