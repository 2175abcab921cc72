// A browser without a screen: cookies, forms, and what comes back.

import { request } from "node:http";

/** Of each answer no more is kept than what both servers must agree on. */
const landed = (response, server) => ({ status: response.status, to: response.location?.replace(origin(server), "") });

/** Where browsers think that the server is. */
const origin = (server) => server.address ?? server.origin;

/** Asks over HTTP; unlike with `fetch`, the host is what the headers say. */
function http(url, { method, headers, body }) {
  return new Promise((done, failed) => {
    const asked = request(url, { method, headers }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      done({
        status: answer.statusCode,
        location: answer.headers.location,
        type: answer.headers["content-type"]?.split(";")[0],
        cookies: answer.headers["set-cookie"] ?? [],
        text: Buffer.concat(parts).toString(),
      });
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

export class Visitor {
  constructor() {
    this.cookies = new Map();
  }

  /** Another browser with the same cookies, as a thief has it. */
  copy() {
    const other = new Visitor();
    other.cookies = new Map(this.cookies);
    return other;
  }

  async send(server, path, { method = "GET", form, headers: more } = {}) {
    const headers = { accept: "text/html", origin: origin(server), host: new URL(origin(server)).host, ...more };
    if (this.cookies.size > 0) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    }
    const body = form && new URLSearchParams(form).toString();
    if (form) headers["content-type"] = "application/x-www-form-urlencoded";
    if (form) headers["content-length"] = Buffer.byteLength(body);
    const response = await http(new URL(path, server.origin), { method, headers, body });
    for (const line of response.cookies) {
      const [pair] = line.split("; ");
      const at = pair.indexOf("=");
      if (/; Max-Age=0/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  async post(server, path, form, headers) {
    const { csrfToken } = JSON.parse((await this.send(server, "/auth/csrf")).text);
    return this.send(server, path, { method: "POST", form: { csrfToken, ...form }, headers });
  }

  /** Asks for a link; the newest one to the address is then the server's to tell. */
  async ask(server, address) {
    const response = await this.post(server, "/auth/signin/email", { email: address, callbackUrl: "/home" });
    return landed(response, server);
  }

  /** Uses a link, whichever server made it, and gives the whole answer. */
  async follow(server, link) {
    const { searchParams } = new URL(link);
    searchParams.set("callbackUrl", "/home");
    const path = `/auth/callback/email?${searchParams}`;
    // The page behind a link of Vestibule's has a form with what stands in the link.
    const form = server.name === "vestibule" ? { method: "POST", form: Object.fromEntries(searchParams) } : {};
    return this.send(server, path, form);
  }

  /** The same, and where it led. */
  async redeem(server, link) {
    return landed(await this.follow(server, link), server);
  }

  async signOut(server) {
    return landed(await this.post(server, "/auth/signout", { callbackUrl: "/bye" }), server);
  }

  /** Who the server says is signed in. */
  async session(server) {
    const response = await this.send(server, "/auth/session");
    return { status: response.status, user: JSON.parse(response.text)?.user ?? null };
  }
}
