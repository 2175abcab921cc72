// How long answers take about an address that is somebody's, and about one that is nobody's, as whoever asks from outside can
// measure it. Not a test: it says what it found, and what that means is for people to judge.
//
//     cargo xtask services --only postgres -- node --test tests/beside/timing.mjs
//
// Both are asked in each round, in an order left to chance, so that what else the machine does falls on both. Said are the means,
// their difference with the interval that holds it 95 times of 100, and Welch's t: beyond 4.5 the two can be told apart. Each
// is said twice, the second time without the slowest tenth, which is the machine's and not ours.

import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import pg from "pg";
import { missing } from "../browser/support/environment.mjs";
import { EXAMPLE, startCredentials } from "./support/credentials.mjs";
import { later } from "./support/cleanup.mjs";
import { publishedDatabase } from "./support/database.mjs";
import { startVestibule } from "./support/vestibule.mjs";
import { Visitor } from "./support/visitor.mjs";

const ROUNDS = Number(process.env.VESTIBULE_TEST_ROUNDS ?? 2000);
const ADDRESS = "http://localhost:3000";
/** Wrong passwords that are checked before the name has to wait; the process is then started anew. */
const TRIES = 9;

/** An address of nobody, as long as the known ones. */
const nobody = () => `${randomBytes(4).toString("hex")}@example.com`;

function moments(times) {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
  return { mean, error: variance / times.length };
}

const withoutTheSlowest = (times) => times.toSorted((a, b) => a - b).slice(0, Math.floor(times.length * 0.9));

/** Welch's t of two samples, and what it is made of; in microseconds. */
function compare(known, unknown) {
  const [a, b] = [moments(known), moments(unknown)];
  const error = Math.sqrt(a.error + b.error);
  const us = (time) => `${(time * 1000).toFixed(1)} us`;
  const difference = a.mean - b.mean;
  return `${us(a.mean)} and ${us(b.mean)}: ${us(difference)} +- ${us(1.96 * error)}, t = ${(difference / error).toFixed(2)}`;
}

function report(t, what, { known, unknown }) {
  t.diagnostic(`${what}, ${known.length} somebody's and ${unknown.length} nobody's`);
  t.diagnostic(`all: ${compare(known, unknown)}`);
  t.diagnostic(`without the slowest tenth: ${compare(withoutTheSlowest(known), withoutTheSlowest(unknown))}`);
}

/** Milliseconds until the answer is there. */
async function timed(act) {
  const begun = process.hrtime.bigint();
  const answer = await act();
  return { answer, time: Number(process.hrtime.bigint() - begun) / 1e6 };
}

describe("how long answers take", () => {
  it("when a mail is asked for", { skip: missing("VESTIBULE_TEST_POSTGRES_URL") }, async (t) => {
    const databaseUrl = await publishedDatabase(t);
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    later(t, () => client.end());
    await client.query(`INSERT INTO users (email) SELECT lpad(to_hex(n), 8, '0') || '@example.com' FROM generate_series(1, 10000) n`);
    const secret = randomBytes(33).toString("base64");
    const server = await startVestibule(t, { databaseUrl, secret, strategy: "database", url: `${ADDRESS}/auth` });
    const visitor = new Visitor();
    const { csrfToken } = JSON.parse((await visitor.send(server, "/auth/csrf")).text);
    const somebody = () => `${Math.ceil(Math.random() * 10000).toString(16).padStart(8, "0")}@example.com`;

    const times = { known: [], unknown: [] };
    for (let round = 0; round < ROUNDS + 100; round += 1) {
      for (const kind of Math.random() < 0.5 ? ["known", "unknown"] : ["unknown", "known"]) {
        const form = { csrfToken, email: kind === "known" ? somebody() : nobody(), callbackUrl: "/home" };
        const { answer, time } = await timed(() => visitor.send(server, "/auth/signin/email", { method: "POST", form }));
        if (answer.status !== 302) throw new Error(`${answer.status}: ${answer.text}`);
        // The first ones make connections and plans.
        if (round >= 100) times[kind].push(time);
      }
    }

    report(t, "a mail", times);
  });

  it("when a password is wrong", { skip: EXAMPLE ? false : "VESTIBULE_TEST_CREDENTIALS_EXAMPLE not set" }, async (t) => {
    const times = { known: [], unknown: [] };
    while (times.known.length < ROUNDS / 5) {
      await t.test("a process", async (t) => {
        const server = { address: ADDRESS };
        await startCredentials(t, { origin: ADDRESS, to: (origin) => (server.origin = origin) }, "cookie");
        const visitor = new Visitor();
        const { csrfToken } = JSON.parse((await visitor.send(server, "/api/auth/csrf")).text);
        const pair = () => (Math.random() < 0.5 ? ["known", "unknown"] : ["unknown", "known"]);
        const kinds = Array.from({ length: TRIES }, pair).flat();
        for (const [at, kind] of ["unknown", "unknown", ...kinds].entries()) {
          const email = kind === "known" ? "ada@example.com" : `${randomBytes(2).toString("hex").slice(1)}@example.com`;
          const form = { csrfToken, email, password: "wrong", callbackUrl: "/home" };
          const path = "/api/auth/callback/credentials";
          const { answer, time } = await timed(() => visitor.send(server, path, { method: "POST", form }));
          if (answer.status !== 302 || !answer.location.includes("CredentialsSignin")) throw new Error(answer.text);
          if (at >= 2) times[kind].push(time);
        }
      });
    }

    report(t, "a wrong password", times);
  });
});
