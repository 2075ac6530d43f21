// One tap: ask for the number (the server records it), show it, and open the phone.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-call]")) return;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  try {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const number = response.ok && /href="tel:(\+?[\d-]+)"/.exec(await response.text());
    if (!number) throw new Error("no number");
    const link = document.createElement("a");
    link.className = form.querySelector("button").className;
    link.href = `tel:${number[1]}`;
    link.textContent = number[1];
    const said = document.createElement("small");
    said.setAttribute("role", "status");
    said.textContent = form.dataset.call;
    const called = document.createElement("div");
    called.className = "called";
    called.append(said, link);
    form.replaceWith(called);
    link.focus();
    location.href = link.href;
  } catch {
    form.submit(); // The page with the number, or the reason why not.
  }
});
