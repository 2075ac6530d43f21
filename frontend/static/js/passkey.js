// Passkeys: ask the server for a challenge, let the device answer, send the answer with the form.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const unpacked = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

// WebAuthn's JSON form, by hand: browsers learned parse...FromJSON and toJSON only in 2024 and 2025.
const opened = (options) => ({
  ...options,
  challenge: bytes(options.challenge),
  ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
  ...(options.allowCredentials && { allowCredentials: unpacked(options.allowCredentials) }),
  ...(options.excludeCredentials && { excludeCredentials: unpacked(options.excludeCredentials) }),
});
const closed = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
};

const answer = async (form) => {
  const asked = await fetch(form.dataset.passkey, { method: "POST", headers: { Accept: "application/json" } });
  if (!asked.ok) throw asked;
  const publicKey = opened((await asked.json()).public_key);
  const create = form.dataset.kind === "create";
  return closed(await (create ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })));
};

// A passkey belongs to one host: at another address of the same house (127.0.0.1) the browser would refuse it.
const ours = (host) => location.hostname === host || location.hostname.endsWith(`.${host}`);
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !ours(form.dataset.rp)) {
    const unable = form.parentElement.querySelector(":scope > [data-unable]");
    if (unable) unable.hidden = false;
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.asking) return;
    form.dataset.asking = "1";
    const refused = form.querySelector("[data-refused]");
    refused.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await answer(form));
      form.submit();
    } catch (error) {
      // A first proof is missing, or the sign-in has ended: the page without a script says what to do.
      if (error instanceof Response && [401, 403].includes(error.status)) form.submit();
      else refused.hidden = false;
    } finally {
      delete form.dataset.asking;
    }
  });
}
