// A page as an application of Auth.js has it: the client for React, and a button for each of its calls.

import { getCsrfToken, getProviders, getSession, SessionProvider, signIn, signOut, useSession } from "next-auth/react";
import { signIn as signInByKey } from "next-auth/webauthn";
import { createRoot } from "react-dom/client";

// What the calls answer is for the test to look at.
const record = async (name, call) => {
  window.answers = { ...window.answers, [name]: "waiting" };
  window.answers[name] = await call().catch((error) => ({ thrown: String(error) }));
};

const CREDENTIALS = { email: "ada@example.com", password: "correct horse", redirect: false };

function Page() {
  const { data, status, update } = useSession();
  const buttons = {
    "sign in": () => signIn("credentials", { ...CREDENTIALS, redirectTo: "/?home" }),
    "sign in and go": () => signIn("credentials", { ...CREDENTIALS, redirect: true, redirectTo: "/?home" }),
    "sign in wrongly": () => signIn("credentials", { ...CREDENTIALS, password: "wrong" }),
    "sign in with nothing": () => signIn("credentials", { redirect: false }),
    "sign in somehow": () => signIn(),
    "sign in by e-mail": () => signIn("email", { email: "ada@example.com", redirect: false, redirectTo: "/?home" }),
    "sign in by nothing": () => signIn("email", { email: "ada", redirect: false }),
    "sign in with Corp": () => signIn("corp", { redirectTo: "/?home" }, { login_hint: "jane" }),
    "ask where Corp is": () => signIn("corp", { redirect: false, redirectTo: "/?home" }),
    "register a passkey": () => signInByKey("passkey", { action: "register", redirect: false }),
    "use a passkey": () => signInByKey("passkey", { action: "authenticate", redirect: false }),
    "sign out": () => signOut({ redirect: false }),
    "sign out and go": () => signOut({ redirectTo: "/?bye" }),
    update: () => update({ name: "Countess" }),
    refresh: () => update(),
    providers: () => getProviders(),
    csrf: () => getCsrfToken(),
    session: () => getSession(),
  };
  return (
    <main>
      <p id="status">{status}</p>
      <p id="name">{data?.user?.name ?? data?.user?.email ?? "nobody"}</p>
      {Object.entries(buttons).map(([name, call]) => (
        <button key={name} onClick={() => record(name, call)}>{name}</button>
      ))}
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <SessionProvider refetchOnWindowFocus={false}>
    <Page />
  </SessionProvider>,
);
