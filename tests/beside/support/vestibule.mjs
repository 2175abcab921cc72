// The program, on the same database and with the same secret as another server, or on its own.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProgram, temporaryFolder } from "../../browser/support/program.mjs";

/** A provider beside e-mail, in the way that the program's file says it. */
function section({ issuer, client }) {
  const said = { id: "corp", type: "oidc", name: "Corp", issuer, ...client };
  const lines = Object.entries(said).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `[[provider]]\n${lines.join("\n")}\nplain_http = true\n`;
}

/** Starts it; the development mailbox holds its links. `url` is where browsers reach it, if not at itself. */
export async function startVestibule(t, { databaseUrl, secret, strategy, provider, url, listen, env: more }) {
  const folder = await temporaryFolder(t);
  const config = join(folder, "vestibule.toml");
  await writeFile(config, `[session]\nstrategy = "${strategy}"\n${provider ? section(provider) : ""}`);
  const given = { DATABASE_URL: databaseUrl, AUTH_SECRET: secret, AUTH_URL: url };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const env = { ...Object.fromEntries(said), ...more };
  const program = await startProgram(t, { folder, args: ["--config", config], env, listen });
  const linkTo = async (address) => {
    const page = await (await fetch(`${program.origin}/mailbox`)).text();
    const mail = page.slice(page.indexOf(`To <strong>${address}</strong>`));
    return /href="([^"]*callback\/email[^"]*)"/.exec(mail)?.[1].replaceAll("&amp;", "&");
  };
  const address = url && new URL(url).origin;
  return { name: "vestibule", origin: program.origin, address, linkTo };
}
