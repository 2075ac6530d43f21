// "None" and any other answer exclude each other; the server says the same where this does not run.
document.addEventListener("change", (event) => {
  const box = event.target;
  const group = box.closest("[data-exclusive]");
  if (!group || !box.checked || box.type !== "checkbox") return;
  const alone = group.dataset.exclusive;
  for (const other of group.querySelectorAll("input[type=checkbox]")) {
    if (other !== box && (box.value === alone || other.value === alone)) other.checked = false;
  }
});
