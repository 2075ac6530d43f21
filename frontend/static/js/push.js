// Notifications in this browser: asked for by a tap only, given up after five seconds, told anew at each start.
const button = document.querySelector("[data-push]");
const PATIENCE = 5000;

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const within = (promise) =>
  Promise.race([promise, new Promise((_, refuse) => { setTimeout(refuse, PATIENCE, new Error("late")); })]);

const tell = async (subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  if (!endpoint) throw new Error("no address"); // some browsers give none where the push service is out of reach
  const answer = await fetch("/api/v1/me/push", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth }),
  });
  if (!answer.ok) throw answer;
};

const show = (name, there) => {
  const words = document.querySelector(`[data-push-${name}]`);
  if (words) words.hidden = !there;
};

const begin = async () => {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
  const worker = await within(navigator.serviceWorker.ready);
  const options = { userVisibleOnly: true, applicationServerKey: bytes(button.dataset.push) };
  await tell(await within(worker.pushManager.subscribe(options)));
  location.reload();
};

const start = async () => {
  show("unable", false);
  const worker = await within(navigator.serviceWorker.ready);
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) await tell(subscription);
  else button.hidden = false;
};

if (button && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  if (Notification.permission === "denied") show("unable", true);
  else start().catch(() => { show("unable", true); });
  button.addEventListener("click", () => {
    begin().catch(() => {
      button.hidden = true;
      show("failed", true);
    });
  });
}
