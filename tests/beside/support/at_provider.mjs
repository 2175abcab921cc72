// A person at the OpenID provider, by its forms alone and without a browser.

/** Cookies of the provider, of one visit. */
class Jar {
  cookies = new Map();

  async send(url, form) {
    const headers = { cookie: [...this.cookies].map((pair) => pair.join("=")).join("; ") };
    const body = form && new URLSearchParams(form);
    const response = await fetch(url, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(";");
      this.cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    await response.arrayBuffer();
    return new URL(response.headers.get("location") ?? url, url);
  }

  /** Follows redirects until the provider wants something, or sends the browser away. */
  async arrive(url, issuer) {
    while (url.origin === issuer && !url.pathname.startsWith("/interaction/")) url = await this.send(url);
    return url;
  }
}

/** Goes through the forms as `login`, or turns back; gives where the provider sends the browser. */
export async function visitProvider(start, { login, cancels = false }) {
  const jar = new Jar();
  const issuer = new URL(start).origin;
  let url = await jar.arrive(new URL(start), issuer);
  if (cancels) return jar.arrive(await jar.send(`${url}/abort`), issuer);
  url = await jar.arrive(await jar.send(url, { prompt: "login", login, password: "any" }), issuer);
  return jar.arrive(await jar.send(url, { prompt: "consent" }), issuer);
}
