// The real Auth.js v5 and NextAuth v4, for the differential test of crates/vestibule-token: a call a line comes in as JSON, its
// answer goes out.
//
// A call is { version, call, now, params, iv, jti }; `call` is `encode`, `decode` or `getToken`. An answer is { value }, or { error }.
// Claims go both ways as text, so that the order of members and the way numbers are written can be compared: `params.claims`
// comes in as JSON, and what `decode` and `getToken` answer goes out as `JSON.stringify` has it, or is null.
// The originals ask the clock themselves, so it is set to `now`, in milliseconds. Version 5 gets its random values from `iv` and
// `jti` where they are given.

import { createInterface } from "node:readline";
import { mock } from "node:test";
import * as five from "@auth/core/jwt";
import * as four from "next-auth/jwt";

const { getRandomValues, randomUUID } = crypto;

function pin({ iv, jti }) {
  crypto.getRandomValues = iv ? (array) => (array.set(Buffer.from(iv, "hex")), array) : getRandomValues.bind(crypto);
  crypto.randomUUID = jti ? () => jti : randomUUID.bind(crypto);
}

const text = (claims) => (claims ? JSON.stringify(claims) : null);

const calls = {
  encode: (version, { claims, ...params }) => version.encode({ ...params, token: JSON.parse(claims) }),
  decode: async (version, params) => text(await version.decode(params)),
  // `req` has plain headers here; version 4 wants the cookies parsed.
  getToken: async (version, { cookies, authorization, ...params }) => {
    const headers = new Headers();
    if (cookies !== null) headers.set("cookie", cookies);
    if (authorization !== null) headers.set("authorization", authorization);
    const pairs = (cookies ?? "").split("; ").map((pair) => pair.split("="));
    return text(await version.getToken({ ...params, req: { headers, cookies: Object.fromEntries(pairs) } }));
  },
};

mock.timers.enable({ apis: ["Date"] });
for await (const line of createInterface({ input: process.stdin })) {
  const { version, call, now, params, ...random } = JSON.parse(line);
  mock.timers.setTime(now);
  pin(random);
  let answer;
  try {
    answer = { value: await calls[call](version === 5 ? five : four, params) };
  } catch (error) {
    answer = { error: error.code ?? String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
