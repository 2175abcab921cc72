// A long walk of people who sign in and out, the same each time, over one server or several in turn.

import { randomBytes, randomUUID } from "node:crypto";
import { encode } from "@auth/core/jwt";
import { visitProvider } from "./at_provider.mjs";
import { isCheck, rows, seen } from "./seen.mjs";
import { Visitor } from "./visitor.mjs";

const SESSION = "authjs.session-token";
/** Who has a mail address, and an account at the provider with the same. */
const PEOPLE = ["ada", "grace", "jane"];
/** Accounts of the provider that tell nothing but their id. */
const GUESTS = Array.from({ length: 12 }, (_, at) => `guest${at}`);
const DAY = 24;

/** Numbers that look random and are the same each time (mulberry32). */
export function dice(seed) {
  return (sides) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * sides);
  };
}

class Walk {
  constructor(world, seed) {
    this.world = world;
    this.roll = dice(seed);
    this.visitors = Array.from({ length: 4 }, () => new Visitor());
    this.links = [];
    this.returns = [];
    /** Session tokens that a later sign-in of the same browser put others in the place of. */
    this.replaced = new Set();
    this.diary = [];
  }

  /** One request, at whichever server is next, written down. */
  async note(what, visitor, act) {
    const before = visitor.cookies.get(SESSION);
    const answer = await act(this.world.next());
    const after = visitor.cookies.get(SESSION);
    if (before && after && before !== after && what.startsWith("back")) this.replaced.add(before);
    const entry = seen(answer, this.world);
    // The original leaves what a sign-in that failed had begun with.
    if (/[?&]error=/.test(entry.to)) entry.cookies = entry.cookies.filter(({ name }) => !isCheck(name));
    if (before && after && what.startsWith("back from a provider") && entry.to === "/home") {
      await this.renew(after, entry.cookies);
    }
    this.diary.push({ what, who: this.visitors.indexOf(visitor), ...entry });
    return answer;
  }

  /** Whoever signs in at a provider while signed in has a new session on ours, and goes on with the old one on the original. */
  async renew(token, cookies) {
    for (const cookie of cookies.filter(({ name }) => name === SESSION)) cookie.lives = "as long as the session";
    const expires = new Date(Date.now() + 30 * DAY * 3_600_000);
    await this.world.client.query('UPDATE sessions SET expires = $1 WHERE "sessionToken" = $2', [expires, token]);
  }

  async ask(visitor) {
    const address = `${PEOPLE[this.roll(PEOPLE.length)]}@example.com`;
    let asked;
    await this.note("ask for a link", visitor, async (server) => {
      asked = server;
      return visitor.post(server, "/auth/signin/email", { email: address, callbackUrl: "/home" });
    });
    this.links.push(await asked.linkTo(address));
  }

  /** Mostly the newest link, so that somebody gets in; at times one that was used long ago. */
  async redeem(visitor) {
    const [old, which] = [this.roll(4) === 0, this.roll(1000)];
    if (this.links.length === 0) return this.read(visitor);
    const link = this.links[old ? which % this.links.length : this.links.length - 1];
    await this.note("back by a link", visitor, (server) => visitor.follow(server, link));
  }

  /** To the provider and back, which may be to another server than the one where it began. */
  async provider(visitor) {
    const there = [...PEOPLE, ...GUESTS];
    const [login, how, asJson] = [there[this.roll(there.length)], this.roll(8), this.roll(3) === 0];
    const headers = asJson ? { "x-auth-return-redirect": "1" } : {};
    const begun = await this.note("begin at a provider", visitor, (server) =>
      visitor.post(server, "/auth/signin/corp", { callbackUrl: "/home" }, headers));
    const url = asJson ? JSON.parse(begun.text).url : begun.location;
    const back = await visitProvider(url, { login, cancels: how === 0 });
    if (how === 1) back.searchParams.set("state", randomBytes(32).toString("base64url"));
    if (how === 2) visitor.cookies.delete("authjs.pkce.code_verifier");
    const path = `${back.pathname}${back.search}`;
    const answer = await this.note(`back from a provider as ${login}, ${how}`, visitor, (server) => visitor.send(server, path));
    if (answer.location?.endsWith("/home")) this.returns.push(path);
    for (const name of [...visitor.cookies.keys()].filter(isCheck)) visitor.cookies.delete(name);
  }

  /** An answer of the provider that has been used, in a browser that may have another sign-in under way. */
  async replay(visitor) {
    const which = this.roll(1000);
    if (this.returns.length === 0) return this.read(visitor);
    const path = this.returns[which % this.returns.length];
    await this.note("back a second time", visitor, (server) => visitor.send(server, path));
  }

  async signOut(visitor) {
    const headers = this.roll(2) === 0 ? { "x-auth-return-redirect": "1" } : {};
    await this.note("sign out", visitor, (server) => visitor.post(server, "/auth/signout", { callbackUrl: "/bye" }, headers));
  }

  async forge(visitor) {
    const path = ["/auth/signout", "/auth/signin/email", "/auth/signin/corp"][this.roll(3)];
    const form = { csrfToken: "x", email: "eve@example.com" };
    await this.note(`forge ${path}`, visitor, (server) => visitor.send(server, path, { method: "POST", form }));
  }

  /** A session that is due for extension, nearly so, or over; then somebody looks. */
  async age(visitor) {
    const left = [29 * DAY - 1, 29 * DAY + 1, 1, -1][this.roll(4)];
    const token = visitor.cookies.get(SESSION);
    if (token && this.world.strategy === "jwt") {
      const { secret } = this.world;
      const claims = { name: null, email: "ada@example.com", sub: "1" };
      if (left < 0) visitor.cookies.set(SESSION, await encode({ salt: SESSION, secret, token: claims, maxAge: left * 3600 }));
    } else if (token) {
      const expires = new Date(Date.now() + left * 3_600_000);
      await this.world.client.query('UPDATE sessions SET expires = $1 WHERE "sessionToken" = $2', [expires, token]);
    }
    await this.read(visitor, `after it has ${left} hours left`);
  }

  /** A cookie that nobody made, or only half of one. */
  async unknown(visitor) {
    const token = visitor.cookies.get(SESSION);
    const cookies = [randomUUID(), "x", "a.b.c.d.e", (token ?? "none").slice(0, -3)];
    visitor.cookies.set(SESSION, cookies[this.roll(4)]);
    await this.read(visitor, "with a cookie of nobody");
  }

  async update(visitor) {
    await this.note("update", visitor, async (server) => visitor.post(server, "/auth/session", { data: "x" }));
  }

  async read(visitor, why = "") {
    await this.note(`read the session ${why}`, visitor, (server) => visitor.send(server, "/auth/session"));
  }

  async providers(visitor) {
    // Ours sets the first cookies with the list, the original does not: here they are there already.
    await this.note("read the token", visitor, (server) => visitor.send(server, "/auth/csrf"));
    await this.note("read the providers", visitor, (server) => visitor.send(server, "/auth/providers"));
  }

  async step() {
    const ways = { ask: 3, redeem: 4, provider: 4, replay: 1, signOut: 2, forge: 1, age: 3, unknown: 1, update: 1, read: 4, providers: 1 };
    const names = Object.entries(ways).flatMap(([name, often]) => Array(often).fill(name));
    const [name, visitor] = [names[this.roll(names.length)], this.visitors[this.roll(this.visitors.length)]];
    await this[name](visitor);
  }
}

/** Takes so many steps; `next` says which server is asked. Gives the diary, and what the tables hold in the end. */
export async function walk(world, seed, steps) {
  const begun = Date.now();
  const walk = new Walk(world, seed);
  for (let step = 0; step < steps; step += 1) await walk.step();
  const tables = await rows(world.client, begun);
  // The original leaves the row of a session that a sign-in of the same browser replaced; ours does not.
  const left = tables.sessions.filter(({ sessionToken }) => walk.replaced.has(sessionToken)).length;
  // It keeps the row when an account is linked, where ours puts another in its place: the order says nothing.
  const sessions = tables.sessions
    .filter(({ sessionToken }) => !walk.replaced.has(sessionToken))
    .map(({ userId, expires }) => ({ userId, expires }))
    .toSorted((a, b) => a.userId - b.userId || a.expires - b.expires);
  return { diary: walk.diary, left, tables: { ...tables, sessions } };
}
