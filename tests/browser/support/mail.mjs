// The mail that the real SMTP server received.

import { once } from "node:events";
import { watch } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { SMTP_DIR } from "./environment.mjs";

/** The first mail to `address`, waited for. Each test has addresses of its own. */
export async function mailTo(address, patience = 20_000) {
  // Watched before it is looked at, so that nothing arrives in between.
  const watcher = watch(SMTP_DIR);
  const signal = AbortSignal.timeout(patience);
  try {
    for (;;) {
      const change = once(watcher, "change", { signal });
      change.catch(() => {});
      const mail = await find(address);
      if (mail) return mail;
      await change;
    }
  } catch (error) {
    throw signal.aborted ? new Error(`no mail to ${address} arrived`) : error;
  } finally {
    watcher.close();
  }
}

async function find(address) {
  const files = (await readdir(SMTP_DIR)).filter((file) => file.endsWith(".eml")).sort();
  for (const file of files) {
    const mail = await PostalMime.parse(await readFile(join(SMTP_DIR, file)));
    if (mail.to?.some((to) => to.address === address)) return mail;
  }
  return undefined;
}

/** The only link in the text part. */
export function linkInText(mail) {
  const links = mail.text.match(/https?:\/\/\S+/g) ?? [];
  if (links.length !== 1) throw new Error(`one link is in the text: ${mail.text}`);
  return links[0];
}
