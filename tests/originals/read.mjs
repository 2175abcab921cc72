// Asks an original adapter, and prints what it answers: one JSON value a line.
//
//   echo '[["getUser", "1"], ["getSessionAndUser", "token"]]' | node read.mjs ADAPTER URL
//
// `undefined` is printed as null; an error as {"error": message}.

import { readFileSync } from "node:fs";

import { open } from "./adapters.mjs";

const [name, url] = process.argv.slice(2);
const { adapter, close } = await open(name, url);
for (const [method, ...args] of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    console.log(JSON.stringify((await adapter[method](...args)) ?? null));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message).split("\n")[0] }));
  }
}
await close();
