// Finding one's grid while typing: the same radios as the plain search, without leaving the page.
const picker = document.querySelector("[data-picker]");
const query = picker && picker.querySelector("[name=place_query]");
const results = picker && picker.querySelector("[data-results]");
const status = picker && picker.querySelector("[data-found]");
let waiting;
let latest = 0;

const row = (place) => {
  const label = results.querySelector("template").content.firstElementChild.cloneNode(true);
  label.querySelector("input").value = place.code;
  label.querySelector("b").textContent = place.name;
  label.querySelector("small").textContent = place.chain.join(" ");
  return label;
};

const show = (places) => {
  const kept = results.querySelector("label input:checked");
  const chosen = kept && kept.closest("label");
  results.querySelectorAll("label").forEach((label) => { if (label !== chosen) label.remove(); });
  const others = places.filter((place) => !chosen || place.code !== kept.value);
  results.append(...others.map(row));
  picker.querySelector("[data-none]").hidden = places.length > 0;
  status.textContent = status.dataset.words.replace("{n}", places.length);
};

const find = async () => {
  const words = query.value.trim();
  if (!words) return;
  latest += 1;
  const mine = latest;
  try {
    const address = `/api/v1/regions?q=${encodeURIComponent(words)}&level=grid`;
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok || mine !== latest) return;
    const found = await response.json();
    if (mine === latest) show(found.items);
  } catch {
    // Without network the button still sends the form.
  }
};

if (picker) {
  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 120);
  });
  query.addEventListener("keydown", (event) => {
    // Enter finds; it must not send a half-filled form. Composing Chinese uses Enter for itself.
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    find();
  });
  picker.querySelector("[name=find]").addEventListener("click", (event) => {
    event.preventDefault();
    find();
  });
}
