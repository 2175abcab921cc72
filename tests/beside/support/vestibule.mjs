// The program, on the same database and with the same secret.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProgram, temporaryFolder } from "../../browser/support/program.mjs";

/** Starts it; the development mailbox holds its links. */
export async function startVestibule(t, { databaseUrl, secret, strategy }) {
  const folder = await temporaryFolder(t);
  const config = join(folder, "vestibule.toml");
  await writeFile(config, `[session]\nstrategy = "${strategy}"\n`);
  const program = await startProgram(t, {
    folder,
    args: ["--config", config],
    env: { DATABASE_URL: databaseUrl, AUTH_SECRET: secret },
  });
  const linkTo = async (address) => {
    const page = await (await fetch(`${program.origin}/mailbox`)).text();
    const mail = page.slice(page.indexOf(`To <strong>${address}</strong>`));
    return /href="([^"]*callback\/email[^"]*)"/.exec(mail)?.[1].replaceAll("&amp;", "&");
  };
  return { name: "vestibule", origin: program.origin, linkTo };
}
