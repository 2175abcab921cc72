// A real SMTP server that keeps each message it receives as a file.
//
//   node smtp.mjs FOLDER
//
// It listens on a free port of 127.0.0.1, prints that port on a line of its own when it is
// ready, accepts any user and password, and writes each message to FOLDER/NNNNNN.eml, whole or
// not at all. An address whose local part begins with "refuse" is refused with 550. It ends
// when its standard input does, so it never outlives whoever started it.

import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node smtp.mjs FOLDER");
  process.exit(2);
}

let count = 0;

/** Writes one message beside its final name, then renames it: a reader never sees half of one. */
async function keep(stream) {
  const message = await buffer(stream);
  count += 1;
  const file = join(folder, `${String(count).padStart(6, "0")}.eml`);
  await writeFile(`${file}.part`, message);
  await rename(`${file}.part`, file);
}

const server = new SMTPServer({
  authOptional: true,
  allowInsecureAuth: true,
  disabledCommands: ["STARTTLS"],
  disableReverseLookup: true,
  onAuth: (auth, _session, done) => done(null, { user: auth.username }),
  onRcptTo: ({ address }, _session, done) =>
    address.startsWith("refuse")
      ? done(Object.assign(new Error("mailbox unavailable"), { responseCode: 550 }))
      : done(),
  onData: (stream, _session, done) => keep(stream).then(() => done(), done),
});

server.on("error", (error) => console.error(error.message));
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
