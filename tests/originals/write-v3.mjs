// Fills an empty database through an adapter of NextAuth v3, and logs what each call answered.
//
//   node write-v3.mjs ADAPTER URL > calls.log
//
// The calls are those of NextAuth v3 in the order of a sign-in, and some that must not succeed.

import { open } from "./adapters.mjs";

const [name, url] = process.argv.slice(2);
const { adapter, migrate, close } = await open(name, url);
await migrate?.();

async function call(label, method, ...args) {
  try {
    const answer = await adapter[method](...args);
    console.log(`${label} => ${answer === undefined ? "undefined" : JSON.stringify(answer)}`);
    return answer;
  } catch (error) {
    console.log(`${label} THROWS ${error.code} ${String(error.message).trim().split("\n").at(-1)}`);
    return undefined;
  }
}

const ada = await call("createUser", "createUser", {
  name: "Ada Lovelace",
  email: "ada@example.com",
  image: "https://img.example/ada.png",
});
const grace = await call("createUser verified", "createUser", {
  email: "grace@example.com",
  emailVerified: new Date("2024-05-06T07:08:09.123Z"),
});
await call("createUser nomail", "createUser", { name: "No Mail" });
await call("createUser dup email", "createUser", { email: "ada@example.com" });
await call("getUser", "getUser", ada.id);
await call("getUserByEmail", "getUserByEmail", "ada@example.com");
await call("linkAccount", "linkAccount", ada.id, "github", "oauth", "583231", "refresh-tok", "access-tok", null);
const until = new Date("2030-01-02T03:04:05.678Z");
await call("linkAccount until", "linkAccount", ada.id, "google", "oauth", "108204268033311374519", null, "ya29.tok", until);
await call("linkAccount dup", "linkAccount", grace.id, "github", "oauth", "583231", null, null, null);
await call("byAccount", "getUserByProviderAccountId", "github", "583231");
await call("byAccount miss", "getUserByProviderAccountId", "github", "1");
const session = await call("createSession", "createSession", ada);
await call("createSession2", "createSession", grace);
await call("getSession", "getSession", session.sessionToken);
await call("getSession miss", "getSession", "nope");
await call("updateSession fresh", "updateSession", session);
await call("updateSession force", "updateSession", session, true);
await call("updateUser", "updateUser", { ...grace, name: "Grace Hopper" });
await call("createVR", "createVerificationRequest", "grace@example.com", "tok123");
await call("createVR2", "createVerificationRequest", "ada@example.com", "tok456");
await call("createVR3", "createVerificationRequest", "used@example.com", "tok789");
await call("getVR", "getVerificationRequest", "grace@example.com", "tok123");
await call("getVR used", "getVerificationRequest", "used@example.com", "tok789");
await call("deleteVR used", "deleteVerificationRequest", "used@example.com", "tok789");
await call("getUser last", "getUser", grace.id);
await close();
