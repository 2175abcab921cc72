// A real OpenID provider, on this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { later } from "./cleanup.mjs";

const SERVER = fileURLToPath(new URL("../../oidc/provider.mjs", import.meta.url));

/** Starts it for clients that are called back at `redirectUri`. */
export async function startProvider(t, redirectUri) {
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, OIDC_REDIRECT_URI: redirectUri },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  later(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { issuer, clients } = JSON.parse(line);
  const { client_id, client_secret } = clients.find(({ client_id }) => client_id === "basic");
  return { issuer, client: { client_id, client_secret } };
}

/** Through the provider's forms. */
export async function signInAtProvider(page, login) {
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
  await page.locator('button[type="submit"]', { hasText: "Continue" }).click();
}
