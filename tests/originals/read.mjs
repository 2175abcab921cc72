// Asks an original adapter, and prints what it answers: one JSON value a line.
//
//   echo '[["getUser", "1"], ["getSessionAndUser", "token"]]' | node read.mjs ADAPTER URL
//
// `undefined` is printed as null; an error as {"error": message}. The argument {"answer": 3, ...} is what the call with that
// number answered, counted from 0, with the other fields put over it.

import { readFileSync } from "node:fs";

import { open } from "./adapters.mjs";

const [name, url] = process.argv.slice(2);
const { adapter, close } = await open(name, url);
const answers = [];
for (const [method, ...given] of JSON.parse(readFileSync(0, "utf8"))) {
  const args = given.map((value) => {
    if (typeof value?.answer !== "number") return value;
    const { answer, ...fields } = value;
    return { ...answers[answer], ...fields };
  });
  try {
    const answer = (await adapter[method](...args)) ?? null;
    answers.push(answer);
    console.log(JSON.stringify(answer));
  } catch (error) {
    answers.push(null);
    console.log(JSON.stringify({ error: String(error.message).split("\n")[0] }));
  }
}
await close();
