// The front of an application: its page, and everything below /api passed on to the server under test.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { later } from "./cleanup.mjs";

const HTML = '<!doctype html><html lang="en"><title>An application</title><div id="root"></div><script src="/page.js"></script></html>';

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("client.jsx", import.meta.url))],
    bundle: true,
    write: false,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"', "process.env": "{}" },
  });
  return outputFiles[0].contents;
}

/** Starts it; `to(origin)` says where requests are passed on to. Passkeys want a name for this machine. */
export async function startFront(t, host = "127.0.0.1") {
  const script = await bundle();
  let behind;
  const server = createServer((incoming, response) => {
    const { pathname } = new URL(incoming.url, "http://front");
    if (pathname.startsWith("/api/")) {
      const { method, headers } = incoming;
      const passed = request(new URL(incoming.url, behind), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
      });
      passed.on("error", () => response.writeHead(502).end());
      incoming.pipe(passed);
    } else if (pathname === "/page.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (pathname === "/favicon.ico") {
      response.writeHead(204).end();
    } else {
      response.writeHead(200, { "content-type": "text/html" }).end(HTML);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  later(t, async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { origin: `http://${host}:${server.address().port}`, to: (origin) => (behind = origin) };
}
