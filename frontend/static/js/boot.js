// What every page needs: the worker, the offline strip, one send per tap, text size without losing words.
const WORKER = "/service-worker.js";

// The security policy wants script addresses to come from a named policy; this one knows a single address.
const address = self.trustedTypes
  ? self.trustedTypes.createPolicy("worker", { createScriptURL: () => WORKER }).createScriptURL(WORKER)
  : WORKER;
if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register(address).catch(() => {}));
}

const strip = document.querySelector("[data-offline]");
const showNet = () => { if (strip) strip.hidden = navigator.onLine; };
for (const event of ["online", "offline", "pageshow"]) addEventListener(event, showNet);
document.addEventListener("visibilitychange", showNet);

// A second tap while the first is on its way: the button stays focusable, only the send is held back.
const release = (form) => {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
};
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  setTimeout(release, 10000, form);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// Text size changes in place, so that a half-filled form keeps its words; the server still sets the cookie.
const ORDER = ["m", "l", "xl"];
const sizes = document.querySelector("form[data-sizes]");
if (sizes) sizes.addEventListener("submit", (event) => {
  event.preventDefault();
  const size = sizes.elements.size.value;
  const next = ORDER[(ORDER.indexOf(size) + 1) % ORDER.length];
  fetch(sizes.action, { method: "POST", body: new URLSearchParams(new FormData(sizes)), redirect: "manual" }).catch(() => {});
  document.documentElement.classList.remove(...ORDER.map((name) => `text-${name}`));
  document.documentElement.classList.add(`text-${size}`);
  sizes.elements.size.value = next;
  sizes.querySelector("[data-word]").textContent = sizes.dataset[next];
});
