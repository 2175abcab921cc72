// Fills an empty database through an original adapter, and logs what each call answered.
//
//   node write.mjs ADAPTER URL > calls.log
//
// The calls are those of Auth.js in the order of a sign-in, and some that must not succeed.

import { createHash } from "node:crypto";

import { open } from "./adapters.mjs";

const hash = (token) => createHash("sha256").update(`${token}s3cret`).digest("hex");
const [name, url] = process.argv.slice(2);
const { adapter, migrate, close } = await open(name, url);
await migrate?.();

const shown = (value) => (value === undefined ? "undefined (undefined)" : JSON.stringify(value));

async function call(label, method, ...args) {
  try {
    const answer = await adapter[method](...args);
    console.log(`${label} => ${shown(answer)} `);
    return answer;
  } catch (error) {
    console.log(`${label} THROWS ${String(error.message).split("\n")[0]} ${error.code ?? error.parent?.code ?? ""}`);
    return undefined;
  }
}

const id = (n) => `7a1c3f50-0000-4000-8000-00000000000${n}`;
const ada = await call("createUser oauth", "createUser", {
  id: id(1),
  name: "Ada Lovelace",
  email: "ada@example.com",
  image: "https://img.example/ada.png",
  emailVerified: null,
});
const grace = await call("createUser email", "createUser", {
  id: id(2),
  email: "grace@example.com",
  emailVerified: new Date("2024-05-06T07:08:09.123Z"),
});
await call("createUser dup email", "createUser", { id: id(3), email: "ada@example.com", emailVerified: null });
await call("getUser", "getUser", ada.id);
await call("getUser miss", "getUser", id(9));
await call("getUserByEmail", "getUserByEmail", "ada@example.com");
await call("getUserByEmail case", "getUserByEmail", "ADA@example.com");
const google = {
  userId: ada.id,
  type: "oidc",
  provider: "google",
  providerAccountId: "108204268033311374519",
  access_token: "ya29.tok",
  expires_at: 1893456000,
  refresh_token: "1//rt",
  id_token: "eyJ.id.tok",
  scope: "openid email",
  token_type: "bearer",
};
await call("linkAccount", "linkAccount", google);
const github = { userId: ada.id, type: "oauth", provider: "github", providerAccountId: "583231" };
await call("linkAccount min", "linkAccount", { ...github, access_token: "gho_x", scope: "read:user", token_type: "bearer" });
await call("linkAccount dup", "linkAccount", { ...github, userId: grace.id });
await call("getUserByAccount", "getUserByAccount", { provider: "github", providerAccountId: "583231" });
await call("getUserByAccount miss", "getUserByAccount", { provider: "github", providerAccountId: "1" });
const first = "2f0c8a9e-5b1f-4a3b-9f0e-0f3a2b1c4d5e";
const second = "3e1d7b8f-6c2a-4b4c-8a1d-1a4b3c2d5e6f";
const session = (sessionToken, userId, expires) => ({ sessionToken, userId, expires: new Date(expires) });
await call("createSession", "createSession", session(first, ada.id, "2030-01-02T03:04:05.678Z"));
await call("createSession2", "createSession", session(second, grace.id, "2020-01-02T03:04:05.678Z"));
await call("updateSession", "updateSession", { sessionToken: first, expires: new Date("2031-01-02T03:04:05.678Z") });
await call("getSessionAndUser", "getSessionAndUser", first);
await call("getSessionAndUser expired", "getSessionAndUser", second);
await call("getSessionAndUser miss", "getSessionAndUser", "nope");
await call("updateUser", "updateUser", { id: grace.id, name: "Grace Hopper" });
const token = (identifier, text, expires) => ({ identifier, token: hash(text), expires: new Date(expires) });
await call("createVT", "createVerificationToken", token("grace@example.com", "tok123", "2030-05-06T07:08:09.123Z"));
await call("createVT2", "createVerificationToken", token("ada@example.com", "tok456", "2020-05-06T07:08:09.123Z"));
await call("createVT3", "createVerificationToken", token("used@example.com", "tok789", "2030-05-06T07:08:09.123Z"));
await call("useVT", "useVerificationToken", { identifier: "used@example.com", token: hash("tok789") });
await call("useVT again", "useVerificationToken", { identifier: "used@example.com", token: hash("tok789") });
await call("getUser last", "getUser", grace.id);
await close();
