// Where ours differs from the original on purpose, one by one: what the walk leaves out, or looks away from.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import pg from "pg";
import { missing } from "../browser/support/environment.mjs";
import { visitProvider } from "./support/at_provider.mjs";
import { later } from "./support/cleanup.mjs";
import { publishedDatabase } from "./support/database.mjs";
import { startExpress } from "./support/express.mjs";
import { startProvider } from "./support/openid.mjs";
import { isCheck } from "./support/seen.mjs";
import { startVestibule } from "./support/vestibule.mjs";
import { Visitor } from "./support/visitor.mjs";

const ADDRESS = "http://localhost:3000";
const ADA = "ada@example.com";
const NOT_LINKED = "/auth/signin?error=OAuthAccountNotLinked";

/** Where an answer leads, on whichever server. */
const to = ({ location }) => location?.replace(ADDRESS, "");

describe("what differs on purpose", { skip: missing("VESTIBULE_TEST_POSTGRES_URL") }, () => {
  /** Does the same on the original and on ours, each on a database of its own: what came of it on both. */
  async function onBoth(t, act) {
    const results = {};
    for (const start of [startExpress, startVestibule]) {
      const provider = await startProvider(t, `${ADDRESS}/auth/callback/corp`);
      const databaseUrl = await publishedDatabase(t);
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      later(t, () => client.end());
      const secret = randomBytes(33).toString("base64");
      const url = `${ADDRESS}/auth`;
      const server = await start(t, { databaseUrl, secret, strategy: "database", provider, address: ADDRESS, url });
      results[server.name] = await act(server, async (text, values) => (await client.query(text, values)).rows);
    }
    return results;
  }

  async function byLink(visitor, server, address = ADA) {
    await visitor.ask(server, address);
    return visitor.follow(server, await server.linkTo(address));
  }

  const begin = async (visitor, server) =>
    (await visitor.post(server, "/auth/signin/corp", { callbackUrl: "/home" })).location;

  const back = (visitor, server, url) => visitor.send(server, `${url.pathname}${url.search}`);

  const byProvider = async (visitor, server, login) =>
    back(visitor, server, await visitProvider(await begin(visitor, server), { login }));

  it("opening a link does not use it up", async (t) => {
    const results = await onBoth(t, async (server) => {
      const visitor = new Visitor();
      await visitor.ask(server, ADA);
      const { search } = new URL(await server.linkTo(ADA));

      const answer = await visitor.send(server, `/auth/callback/email${search}`);

      return [answer.status, (await visitor.session(server)).user !== null];
    });

    assert.deepEqual(results, { express: [302, true], vestibule: [200, false] });
  });

  it("a sign-in that failed takes away what it began with", async (t) => {
    const results = await onBoth(t, async (server) => {
      const visitor = new Visitor();
      const start = await begin(visitor, server);

      await back(visitor, server, await visitProvider(start, { cancels: true }));

      return [...visitor.cookies.keys()].filter(isCheck).length;
    });

    assert.deepEqual(results, { express: 3, vestibule: 0 });
  });

  it("a state counts once, even in a browser that kept its cookies", async (t) => {
    const results = await onBoth(t, async (server) => {
      const visitor = new Visitor();
      const start = await begin(visitor, server);
      const thief = visitor.copy();

      const first = await back(visitor, server, await visitProvider(start, { login: "jane" }));
      const second = await back(thief, server, await visitProvider(start, { login: "jane" }));

      return [to(first), to(second)];
    });

    assert.deepEqual(results, {
      express: ["/home", "/home"],
      vestibule: ["/home", "/auth/error?error=Configuration"],
    });
  });

  it("an account is not linked to the user of a session that is over", async (t) => {
    const results = await onBoth(t, async (server, query) => {
      const visitor = new Visitor();
      await byLink(visitor, server);
      await query("UPDATE sessions SET expires = now() - interval '1 hour'");

      await byProvider(visitor, server, "guest");

      return (await query('SELECT u.email FROM accounts a JOIN users u ON u.id = a."userId"')).map(({ email }) => email);
    });

    assert.deepEqual(results, { express: [ADA], vestibule: [null] });
  });

  it("the session that a sign-in replaces is over", async (t) => {
    const results = await onBoth(t, async (server) => {
      const visitor = new Visitor();
      await byLink(visitor, server);
      const before = visitor.copy();

      await byLink(visitor, server);

      return (await before.session(server)).user !== null;
    });

    assert.deepEqual(results, { express: true, vestibule: false });
  });

  it("linking an account makes a new session of the one that there was", async (t) => {
    const results = await onBoth(t, async (server, query) => {
      const visitor = new Visitor();
      await byLink(visitor, server);
      await query("UPDATE sessions SET expires = now() + interval '2 hours'");
      const before = visitor.copy();

      assert.equal(to(await byProvider(visitor, server, "guest")), "/home");

      const lives = await query("SELECT round(extract(epoch FROM expires - now()) / 3600)::int AS hours FROM sessions");
      return [(await before.session(server)).user !== null, lives.map(({ hours }) => hours)];
    });

    assert.deepEqual(results, { express: [true, [2]], vestibule: [false, [720]] });
  });

  it("an address that the provider calls unverified keeps nobody out", async (t) => {
    const results = await onBoth(t, async (server, query) => {
      assert.equal(to(await byProvider(new Visitor(), server, "hopper")), "/home");
      await byLink(new Visitor(), server, "hopper@example.com");

      return (await query("SELECT email FROM users ORDER BY id")).map(({ email }) => email);
    });

    // On the original whoever owns the address is given the user of whoever claimed it first.
    const both = [null, "hopper@example.com"];
    assert.deepEqual(results, { express: ["hopper@example.com"], vestibule: both });
  });

  it("an address that is taken is refused by both", async (t) => {
    const results = await onBoth(t, async (server) => {
      await byLink(new Visitor(), server);
      return to(await byProvider(new Visitor(), server, "ada"));
    });

    assert.deepEqual(results, { express: NOT_LINKED, vestibule: NOT_LINKED });
  });

  it("a cookie that is no URL does no harm", async (t) => {
    const results = await onBoth(t, async (server) => {
      const visitor = new Visitor();
      visitor.cookies.set("authjs.callback-url", "nonsense");

      const answer = await visitor.send(server, "/auth/session");

      return [answer.status, answer.text];
    });

    assert.deepEqual(results.vestibule, [200, "null"]);
    assert.notEqual(results.express[0], 200);
  });

  it("the first answer sets the first cookies, with the list of providers too", async (t) => {
    const results = await onBoth(t, async (server) => {
      const visitor = new Visitor();
      await visitor.send(server, "/auth/providers");
      return [...visitor.cookies.keys()].toSorted();
    });

    assert.deepEqual(results, { express: [], vestibule: ["authjs.callback-url", "authjs.csrf-token"] });
  });

  it("which states are used up is written among the tokens", async (t) => {
    const results = await onBoth(t, async (server, query) => {
      await byProvider(new Visitor(), server, "jane");
      return (await query("SELECT identifier FROM verification_token")).map(({ identifier }) => identifier);
    });

    assert.deepEqual(results, { express: [], vestibule: ["vestibule:oauth-state"] });
  });
});
