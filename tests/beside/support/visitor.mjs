// A browser without a screen: cookies, forms, and what comes back.

/** Of each answer no more is kept than what both servers must agree on. */
const landed = (response, server) => {
  const location = response.headers.get("location");
  return { status: response.status, to: location?.replace(server.origin, "") };
};

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

  async send(server, path, { method = "GET", form } = {}) {
    const headers = { accept: "text/html", origin: server.origin };
    if (this.cookies.size > 0) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    }
    if (form) headers["content-type"] = "application/x-www-form-urlencoded";
    const body = form && new URLSearchParams(form).toString();
    const response = await fetch(new URL(path, server.origin), { method, headers, body, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split("; ");
      const at = pair.indexOf("=");
      if (/; Max-Age=0/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  async post(server, path, form) {
    const { csrfToken } = await (await this.send(server, "/auth/csrf")).json();
    return this.send(server, path, { method: "POST", form: { csrfToken, ...form } });
  }

  /** Asks for a link; the newest one to the address is then the server's to tell. */
  async ask(server, address) {
    const response = await this.post(server, "/auth/signin/email", { email: address, callbackUrl: "/home" });
    return landed(response, server);
  }

  /** Uses a link, whichever server made it. */
  async redeem(server, link) {
    const { searchParams } = new URL(link);
    searchParams.set("callbackUrl", "/home");
    const path = `/auth/callback/email?${searchParams}`;
    // The page behind a link of Vestibule's has a form with what stands in the link.
    const form = server.name === "vestibule" ? { method: "POST", form: Object.fromEntries(searchParams) } : {};
    return landed(await this.send(server, path, form), server);
  }

  async signOut(server) {
    return landed(await this.post(server, "/auth/signout", { callbackUrl: "/bye" }), server);
  }

  /** Who the server says is signed in. */
  async session(server) {
    const response = await this.send(server, "/auth/session");
    const body = await response.json();
    return { status: response.status, user: body?.user ?? null };
  }
}
