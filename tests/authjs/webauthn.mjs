// The library with which Auth.js asks for and verifies passkeys (SimpleWebAuthn 9), on cases that a test of
// crates/vestibule-webauthn brings.
//
// Cases come in as one JSON array. `register` and `authenticate` have a browser's `response` and what is expected of it; out
// goes what the library makes of each: `{"accepted": …}` with what Auth.js stores, or `{"refused": why}`. `options` has the
// settings of a provider; out go both kinds of options.

import { text } from "node:stream/consumers";
import * as webauthn from "@simplewebauthn/server";

const bytes = (encoded) => new Uint8Array(Buffer.from(encoded, "base64url"));
const encoded = (bytes) => Buffer.from(bytes).toString("base64url");

const kinds = {
  // The function of Auth.js: verifyRegister in lib/utils/webauthn-utils.
  async register({ response, challenge, origin, rpId, settings }) {
    const { verified, registrationInfo: info } = await webauthn.verifyRegistrationResponse({
      ...settings,
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
    });
    if (!verified) throw new Error("not verified");
    return {
      credentialID: encoded(info.credentialID),
      credentialPublicKey: encoded(info.credentialPublicKey),
      counter: info.counter,
      credentialDeviceType: info.credentialDeviceType,
      credentialBackedUp: info.credentialBackedUp,
      userVerified: info.userVerified,
    };
  },
  async authenticate({ response, challenge, origin, rpId, settings, authenticator }) {
    const { verified, authenticationInfo: info } = await webauthn.verifyAuthenticationResponse({
      ...settings,
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      authenticator: {
        credentialID: bytes(authenticator.id),
        credentialPublicKey: bytes(authenticator.publicKey),
        counter: authenticator.counter,
      },
    });
    if (!verified) throw new Error("not verified");
    return {
      counter: info.newCounter,
      credentialDeviceType: info.credentialDeviceType,
      credentialBackedUp: info.credentialBackedUp,
      userVerified: info.userVerified,
    };
  },
  async options({ challenge, rp, user, settings, credentials }) {
    const known = credentials.map(({ id, transports }) => ({ id: bytes(id), type: "public-key", transports }));
    const ceremony = { challenge: bytes(challenge), timeout: settings.timeout };
    const register = await webauthn.generateRegistrationOptions({
      ...ceremony,
      authenticatorSelection: settings.authenticatorSelection,
      rpID: rp.id,
      rpName: rp.name,
      userID: user.id,
      userName: user.name,
      userDisplayName: user.displayName,
      excludeCredentials: known,
    });
    const authenticate = (allowCredentials) =>
      webauthn.generateAuthenticationOptions({
        ...ceremony,
        userVerification: settings.userVerification,
        rpID: rp.id,
        allowCredentials,
      });
    return { register, authenticate: await authenticate(known), discover: await authenticate(undefined) };
  },
};

async function judge({ kind, ...given }) {
  try {
    return { accepted: await kinds[kind](given) };
  } catch (error) {
    return { refused: `${error.name}: ${error.message}` };
  }
}

const cases = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await Promise.all(cases.map(judge))));
