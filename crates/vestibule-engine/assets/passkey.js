// The built-in sign-in page: asks the browser for a passkey, and posts what it answers.
(() => {
  "use strict";
  // A challenge counts for a quarter of an hour; what is offered on a page that stays open is asked for anew before.
  const renewed = 10 * 60 * 1000;
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => {
    let all = "";
    for (const one of new Uint8Array(buffer)) all += String.fromCharCode(one);
    return btoa(all).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const keys = (list) => list && list.map((key) => ({ ...key, id: bytes(key.id) }));

  const ask = async (form, action, signal) => {
    const query = new URLSearchParams();
    for (const field of form.querySelectorAll("[data-form-field]")) {
      if (field.value) query.set(field.name, field.value);
    }
    if (action) query.set("action", action);
    const answer = await fetch(`${form.dataset.options}?${query}`, { credentials: "same-origin", signal });
    if (!answer.ok) throw new Error("no options");
    return answer.json();
  };

  const register = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: new TextEncoder().encode(options.user.id) },
      excludeCredentials: keys(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    const { response } = made;
    return envelope(made, {
      attestationObject: text(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : [],
    });
  };

  const authenticate = async (options, more) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: keys(options.allowCredentials),
    };
    const shown = await navigator.credentials.get({ publicKey, ...more });
    const { authenticatorData, signature, userHandle } = shown.response;
    return envelope(shown, {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle && userHandle.byteLength ? new TextDecoder().decode(userHandle) : undefined,
    });
  };

  const envelope = (credential, response) => ({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
  });

  const post = (form, action, data) => {
    form.elements.namedItem("action").value = action;
    form.elements.namedItem("data").value = JSON.stringify(data);
    HTMLFormElement.prototype.submit.call(form);
  };

  const say = (form, what) => {
    const place = form.querySelector("[data-alert]");
    place.textContent = what;
    place.hidden = !what;
  };

  const offers = async () =>
    PublicKeyCredential.isConditionalMediationAvailable &&
    (await PublicKeyCredential.isConditionalMediationAvailable());

  // Of all forms one has keys offered; whatever else is begun ends that first, since the browser keeps one challenge.
  let offering = null;
  let offered = null;
  const offer = async () => {
    if (!offering) return;
    const form = offering;
    const mine = new AbortController();
    const { signal } = mine;
    offered = mine;
    let renewal;
    try {
      if (!(await offers())) return;
      signal.throwIfAborted();
      renewal = setTimeout(() => {
        mine.abort();
        offer().catch(() => {});
      }, renewed);
      const { action, options } = await ask(form, "authenticate", signal);
      signal.throwIfAborted();
      const data = await authenticate(options, { mediation: "conditional", signal });
      signal.throwIfAborted();
      post(form, action, data);
    } finally {
      clearTimeout(renewal);
    }
  };

  for (const form of document.querySelectorAll("form[data-options]")) {
    const buttons = form.querySelectorAll("button");
    if (!window.PublicKeyCredential) {
      say(form, form.dataset.unsupported);
      continue;
    }
    for (const button of buttons) button.disabled = false;
    if ("offers" in form.dataset) offering = form;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      say(form, "");
      for (const button of buttons) button.disabled = true;
      if (offered) offered.abort();
      try {
        const { action, options } = await ask(form, event.submitter ? event.submitter.dataset.action : "");
        post(form, action, action === "register" ? await register(options) : await authenticate(options));
      } catch {
        say(form, form.dataset.failed);
        offer().catch(() => {});
        for (const button of buttons) button.disabled = false;
      }
    });
  }
  // Whoever does not use what is offered has not failed at anything.
  offer().catch(() => {});
})();
