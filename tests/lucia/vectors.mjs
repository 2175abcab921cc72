// Writes the vectors in fixtures/lucia: what the real packages answer. Salts are random, so every run writes others.
//
//     npm ci
//     npm install --no-save early@npm:lucia-auth@0.1.4 v1@npm:lucia-auth@1.8.0 v2@npm:lucia@2.7.7 oslo@1.2.1
//     node vectors.mjs

import { writeFileSync } from "node:fs";
import * as early from "./node_modules/early/utils/crypto.js";
import * as v1 from "./node_modules/v1/utils/crypto.js";
import * as v2 from "v2/utils";
import { LegacyScrypt, Lucia, Scrypt, TimeSpan, verifyRequestOrigin } from "lucia";
import * as oslo from "oslo/password";
import { verifyRequestOrigin as osloOrigin } from "oslo/request";

const write = (name, value) =>
  writeFileSync(new URL(`../../fixtures/lucia/${name}.json`, import.meta.url), JSON.stringify(value, null, 2) + "\n");
/** What a call answers, or that it throws. */
const outcome = (call) => {
  try {
    return { value: call() };
  } catch {
    return { throws: true };
  }
};

// Passwords. The third changes under NFKC, and so does the fourth.
const passwords = ["correct horse battery staple", "", "ﬁancé\u0065\u0301 ①", "Ａ𝔭𝔭le", "пароль 密码 🗝️", "x".repeat(300)];
const makers = {
  "lucia-auth 0.1.4": early.hashScrypt,
  "lucia-auth 1.8.0": v1.generateScryptHash,
  "lucia 2.7.7": v2.generateLuciaPasswordHash,
  "lucia 3.2.2 LegacyScrypt": (password) => new LegacyScrypt().hash(password),
  "lucia 3.2.2 Scrypt": (password) => new Scrypt().hash(password),
  "oslo 1.2.1 Scrypt": (password) => new oslo.Scrypt().hash(password),
};
const hashes = [];
for (const [by, hash] of Object.entries(makers)) {
  for (const password of passwords) {
    hashes.push({ by, password, hash: await hash(password) });
  }
}
// What the originals say to the hashes of each other: `true`, `false`, or the code of the error.
const verifiers = {
  "lucia 2.7.7": v2.validateLuciaPasswordHash,
  "lucia 3.2.2 LegacyScrypt": (password, hash) => new LegacyScrypt().verify(hash, password),
  "lucia 3.2.2 Scrypt": (password, hash) => new Scrypt().verify(hash, password),
};
for (const entry of hashes) {
  entry.verified = {};
  for (const [by, verify] of Object.entries(verifiers)) {
    entry.verified[by] = await verify(entry.password, entry.hash);
  }
}
const outdated = await v2.validateLuciaPasswordHash("x", "$2a$10$abcdefghijklmnopqrstuv").catch((error) => error.message);
write("passwords", { hashes, outdated });

// Cookies, written.
const adapter = {};
const settings = [
  {},
  { name: "sid" },
  { name: "my session" },
  { expires: false },
  { expires: true },
  { attributes: { secure: false } },
  { attributes: { sameSite: "strict" } },
  { attributes: { sameSite: "none" } },
  { attributes: { domain: "example.com" } },
  { attributes: { path: "/app" } },
  { name: "__Host-sid", expires: false, attributes: { sameSite: "strict", secure: true, path: "/" } },
  { attributes: { domain: ".example.com", path: "/a b", sameSite: "lax", secure: false } },
];
const ids = ["gv6qqd6jeecoii5sn2i3gj56mudevv6nqu5cf64u", "a|b:c/d-_.!~*'() é;=\r\n", "x"];
const written = [];
for (const sessionCookie of settings) {
  for (const seconds of [30 * 24 * 3600, 90]) {
    const lucia = new Lucia(adapter, { sessionCookie, sessionExpiresIn: new TimeSpan(seconds, "s") });
    for (const id of ids) {
      written.push({ sessionCookie, seconds, id, header: lucia.createSessionCookie(id).serialize() });
    }
    written.push({ sessionCookie, seconds, id: null, header: lucia.createBlankSessionCookie().serialize() });
  }
}

// Cookies and bearer tokens, read.
const headers = [
  "", "auth_session=abc", "a=1; auth_session=abc; b=2", "auth_session=one; auth_session=two", "auth_session=",
  "auth_session", "x=auth_session=abc", "AUTH_SESSION=abc", "auth_session2=abc", "xauth_session=abc",
  "auth_session=a%20b%3D", "auth%5Fsession=abc", "auth_session=a=b", "auth_session=a==", "auth_session=%zz",
  "x=%; auth_session=abc", "auth_session=abc;x=1", "x=1;auth_session=abc", "x=1;  auth_session=abc",
  "; auth_session=abc; ", "auth_session=\"abc\"", "auth_session=%F0%9F%97%9D", "=abc", "auth_session=abc; =x",
];
const lucia = new Lucia(adapter);
const read = headers.map((header) => ({ header, ...outcome(() => lucia.readSessionCookie(header)) }));
const authorizations = [
  "Bearer abc", "Bearer", "Bearer ", "Bearer  abc", "bearer abc", "BEARER abc", "Basic abc", "", "Bearer abc def",
  " Bearer abc", "Bearerabc", "Bearer a=b/c+d~e",
];
const bearer = authorizations.map((header) => ({ header, ...outcome(() => lucia.readBearerToken(header)) }));

// Origins.
const requests = [
  "", "null", "https://example.com", "http://example.com", "https://example.com:443", "http://example.com:443",
  "http://example.com:80", "https://example.com:8443", "https://EXAMPLE.com", "https://www.example.com",
  "https://example.com.evil.example", "https://evil.example/example.com", "https://example.com@evil.example",
  "https://user:pass@example.com", "https://example.com/path?x#y", "example.com", "//example.com", "file:///etc/passwd",
  "mailto:a@example.com", "data:text/html,x", "chrome-extension://abcdef", "app://example.com", "app://EXAMPLE.com",
  "https://bücher.example", "https://xn--bcher-kva.example", "http://[::1]:3000", "http://127.0.0.1:3000",
  "http://localhost:3000", "http://0x7f.1:3000", " https://example.com ", "https://exam\tple.com", "https://",
  "https://example.com:", "https://example.com:99999", "https:example.com", "https:\\\\example.com", "http://localhost",
];
const allowed = [
  [], [""], ["example.com"], ["https://example.com"], ["http://example.com"], ["example.com:443"], ["example.com:8443"],
  ["www.example.com", "example.com"], ["EXAMPLE.COM"], ["https://example.com/path"], ["example.com/path"],
  ["HTTPS://example.com"], ["localhost:3000"], ["http://localhost:3000"], ["[::1]:3000"], ["127.0.0.1:3000"],
  ["bücher.example"], ["xn--bcher-kva.example"], ["ftp://example.com"], ["null"], ["*.example.com"], ["abcdef"],
  ["http://localhost"], ["localhost"], ["not a host", "example.com"],
];
const origins = [];
for (const origin of requests) {
  for (const domains of allowed) {
    const is = verifyRequestOrigin(origin, domains);
    if (is !== osloOrigin(origin, domains)) throw new Error(`lucia and oslo differ on ${origin}`);
    if (is) origins.push({ origin, allowed: domains });
  }
}
write("http", { written, read, bearer, origins: { requests, allowed, accepted: origins } });
