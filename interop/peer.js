// One request as JSON on standard input, one answer as JSON on standard output: signs or verifies
// a token with npm's jsonwebtoken.
"use strict";

const fs = require("node:fs");
const jwt = require("jsonwebtoken");

const request = JSON.parse(fs.readFileSync(0, "utf8"));
const { action, algorithm, kid } = request;
const key = fs.readFileSync(request.file);

const actions = {
  sign: () => jwt.sign(request.claims, key, { algorithm, keyid: kid }),
  verify: () => {
    const { issuer, audience } = request;
    return jwt.verify(request.token, key, { algorithms: [algorithm], issuer, audience });
  },
};

process.stdout.write(JSON.stringify(actions[action]()));
