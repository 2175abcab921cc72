// The real Auth.js v5 with passkeys on a store in memory, for the differential test of crates/vestibule-engine.
//
// The first line that comes in is { secret }. Every later one is a request, { method, url, cookie, body }, and each is answered by a
// line with what came back, what is stored then, and what the application was asked and told. { forget: true } empties the store,
// and { session: email } makes a session for the user of an address.

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { Auth, skipCSRFCheck } from "@auth/core";
import Passkey from "@auth/core/providers/passkey";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { secret } = JSON.parse((await lines.next()).value);

const tables = { users: [], accounts: [], sessions: [], authenticators: [] };
const find = (table, wanted) =>
  tables[table].find((row) => Object.entries(wanted).every(([key, value]) => row[key] === value)) ?? null;
const insert = (table, row) => (tables[table].push(row), row);

const adapter = {
  createUser: (user) => insert("users", { emailVerified: null, ...user, id: randomUUID() }),
  getUser: (id) => find("users", { id }),
  getUserByEmail: (email) => find("users", { email }),
  getUserByAccount({ provider, providerAccountId }) {
    const account = find("accounts", { provider, providerAccountId });
    return account && find("users", { id: account.userId });
  },
  updateUser: (user) => Object.assign(find("users", { id: user.id }), user),
  linkAccount: (account) => insert("accounts", { ...account }),
  getAccount: (providerAccountId, provider) => find("accounts", { provider, providerAccountId }),
  createSession: (session) => insert("sessions", { ...session }),
  getSessionAndUser(sessionToken) {
    const session = find("sessions", { sessionToken });
    return session && { session, user: find("users", { id: session.userId }) };
  },
  updateSession: (session) => Object.assign(find("sessions", { sessionToken: session.sessionToken }), session),
  deleteSession(sessionToken) {
    tables.sessions = tables.sessions.filter((session) => session.sessionToken !== sessionToken);
  },
  createVerificationToken: (token) => token,
  useVerificationToken: () => null,
  createAuthenticator: (row) => insert("authenticators", { ...row }),
  getAuthenticator: (credentialID) => find("authenticators", { credentialID }),
  listAuthenticatorsByUserId: (userId) => tables.authenticators.filter((row) => row.userId === userId),
  updateAuthenticatorCounter: (credentialID, counter) =>
    Object.assign(find("authenticators", { credentialID }), { counter }),
};

let told = [];
const config = {
  adapter,
  providers: [Passkey],
  secret,
  trustHost: true,
  basePath: "/auth",
  skipCSRFCheck,
  experimental: { enableWebAuthn: true },
  logger: { error() {}, warn() {}, debug() {} },
  callbacks: {
    signIn({ user, account }) {
      told.push(["may", user.email, account.type, account.provider]);
      return true;
    },
  },
  events: Object.fromEntries(
    ["signIn", "createUser", "linkAccount"].map((event) => [
      event,
      ({ user, account, isNewUser }) => told.push([event, user.email, account?.provider ?? null, isNewUser === true]),
    ]),
  ),
};

async function answer(line) {
  if (line.forget) {
    for (const table of Object.keys(tables)) tables[table] = [];
    return {};
  }
  if (line.session) {
    const user = find("users", { email: line.session });
    const expires = new Date(line.expires);
    return insert("sessions", { sessionToken: randomUUID(), userId: user.id, expires });
  }
  told = [];
  const headers = { cookie: line.cookie, ...(line.body && { "content-type": "application/x-www-form-urlencoded" }) };
  const init = { method: line.method, headers, ...(line.body && { body: line.body }) };
  const response = await Auth(new Request(line.url, init), config);
  const { users, accounts, authenticators } = tables;
  return {
    status: response.status,
    location: response.headers.get("location"),
    cookies: response.headers.getSetCookie(),
    body: await response.text(),
    users,
    accounts,
    authenticators,
    told,
  };
}

for await (const line of lines) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
