// The library with which Auth.js reads token responses (oauth4webapi), on cases that a test of crates/vestibule-oauth brings.
//
// Cases come in as one JSON array; each has `as`, `client_id`, `alg` (or null), `nonce` (or null), `jwks`, `now` in seconds and
// `answer`, the token response. Out goes an array of what the library says of each: null, or why it refuses.
//
// Unlike Auth.js, the signature is checked too, as the library can.

import { text } from "node:stream/consumers";
import * as o from "oauth4webapi";

async function judge({ as, client_id, alg, nonce, jwks, now, answer }) {
  const client = {
    client_id,
    id_token_signed_response_alg: alg ?? undefined,
    [o.clockSkew]: now - Math.floor(Date.now() / 1000),
    [o.clockTolerance]: 30,
  };
  const response = (body) => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  try {
    const token = response(answer);
    await o.processAuthorizationCodeResponse(as, client, token, { expectedNonce: nonce ?? o.expectNoNonce, requireIdToken: true });
    const options = { [o.customFetch]: async () => response(jwks), [o.allowInsecureRequests]: true };
    await o.validateApplicationLevelSignature(as, token, options);
    return null;
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`;
  }
}

const cases = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await Promise.all(cases.map(judge))));
