// A real OpenID provider (oidc-provider) for the tests of crates/vestibule-oauth.
//
// It prints one line of JSON when it listens: its issuer and its clients, each with what a client needs to show who it is. A line
// `rotate` on its input makes it sign with new keys from then on, and it answers with a line `rotated`. It ends with its input.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const REDIRECT_URI = process.env.OIDC_REDIRECT_URI;
const SECRET = "a secret: with 100% of what has to be encoded & more/+";

async function pair(alg, kid) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const described = async (key) => ({ ...(await exportJWK(key)), alg, kid, use: "sig" });
  return { public: await described(publicKey), private: await described(privateKey), pem: await exportPKCS8(privateKey) };
}

const ALGS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];
const signing = (generation) => Promise.all(ALGS.map(async (alg) => (await pair(alg, `${alg}-${generation}`)).private));

const clients = [];
const told = [];
async function client(name, metadata, more = {}) {
  const registered = {
    client_id: name,
    client_secret: metadata.token_endpoint_auth_method === "none" ? undefined : SECRET,
    redirect_uris: [REDIRECT_URI],
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    ...metadata,
  };
  clients.push(registered);
  told.push({ client_id: name, client_secret: registered.client_secret, ...more });
}

await client("basic", { token_endpoint_auth_method: "client_secret_basic" });
await client("post", { token_endpoint_auth_method: "client_secret_post" });
await client("none", { token_endpoint_auth_method: "none" });
await client("secret-jwt", { token_endpoint_auth_method: "client_secret_jwt" });
for (const alg of ["RS256", "ES256", "ES384", "EdDSA"]) {
  const key = await pair(alg, "the-client's-key");
  await client(
    `key-jwt-${alg}`,
    { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [key.public] }, client_secret: undefined },
    { key: key.pem },
  );
}
for (const alg of ALGS) {
  await client(`signed-${alg}`, { id_token_signed_response_alg: alg });
}
await client("signed-HS256", { id_token_signed_response_alg: "HS256" });
await client("user-info-signed", { userinfo_signed_response_alg: "ES256" });

const users = {
  jane: { name: "Jane Doe", email: "jane@example.com", email_verified: true, picture: "https://example.com/jane.jpg" },
  ada: { name: "Ada", email: "ada@example.com", email_verified: true },
  hopper: { name: "Hopper", email: "hopper@example.com", email_verified: false },
  grace: { email: "Grace@Example.com", email_verified: true, picture: "https://example.com/grace.jpg" },
};

async function provider(issuer, generation) {
  const made = new Provider(issuer, {
    clients,
    jwks: { keys: await signing(generation) },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "picture"] },
    conformIdTokenClaims: false,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...users[sub] }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    cookies: { keys: ["a key for the cookies of a test"] },
    enabledJWA: {
      idTokenSigningAlgValues: [...ALGS, "HS256"],
      userinfoSigningAlgValues: ["ES256"],
      clientAuthSigningAlgValues: [...ALGS, "HS256"],
    },
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"],
    features: {
      jwtUserinfo: { enabled: true },
      devInteractions: { enabled: true },
    },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, IdToken: 3600, RefreshToken: 86400, Interaction: 600, Grant: 600, Session: 600 },
  });
  made.on("server_error", (_, error) => console.error(error));
  made.on("grant.error", (_, error) => console.error(error.error, error.error_description, error.error_detail ?? ""));
  return made.callback();
}

let answer;
const server = createServer((request, response) => answer(request, response));
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;
answer = await provider(issuer, 1);
console.log(JSON.stringify({ issuer, clients: told }));

let generation = 1;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "rotate") {
    generation += 1;
    answer = await provider(issuer, generation);
    console.log("rotated");
  }
}
server.closeAllConnections();
server.close();
