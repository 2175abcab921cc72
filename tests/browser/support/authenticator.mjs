// Chromium's own authenticator in software, by way of its devtools.

/** An authenticator that is built in, with a user who is always there and always verified. */
export async function authenticator(context, page, options = {}) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  const send = (method, params) => devtools.send(`WebAuthn.${method}`, { authenticatorId, ...params });
  const credentials = async () => (await send("getCredentials")).credentials;
  return { send, credentials };
}
