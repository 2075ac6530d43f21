// One question at a time over a form that is whole without this. The address keeps the place, so Back works.
const form = document.querySelector("form[data-steps]");
const steps = form ? [...form.querySelectorAll("[data-step]")] : [];
let shown = 0;

const show = (index, focus) => {
  shown = index;
  steps.forEach((step, at) => { step.hidden = at !== index; });
  if (!focus) return;
  const legend = steps[index].querySelector("legend");
  legend.tabIndex = -1;
  legend.focus();
  scrollTo(0, 0);
};

// An address names a question or a field inside one: errors link to fields.
const follow = () => {
  const target = document.getElementById(location.hash.slice(1));
  const index = steps.findIndex((step) => step.contains(target));
  if (!target || index < 0) show(0, true);
  else show(index, steps[index] === target);
  if (target && index >= 0 && steps[index] !== target) target.focus();
};

const complete = (step) => {
  const missing = step.querySelector("[data-missing]");
  if (!missing) return true;
  const inputs = [...step.querySelectorAll("input")];
  missing.hidden = inputs.some((input) => (/radio|checkbox/.test(input.type) ? input.checked : input.value.trim()));
  if (!missing.hidden) inputs[0].focus();
  return missing.hidden;
};

const forward = () => {
  if (!complete(steps[shown])) return;
  const depth = ((history.state && history.state.depth) || 0) + 1;
  history.pushState({ depth }, "", `#${steps[shown + 1].id}`);
  show(shown + 1, true);
};

const back = () => {
  if (history.state && history.state.depth) history.back();
  else show(shown - 1, true);
};

if (steps.length) {
  form.classList.add("stepped");
  for (const part of form.querySelectorAll("[data-move]")) {
    part.hidden = false;
    part.addEventListener("click", part.dataset.move === "back" ? back : forward);
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name) return;
    // Enter in the number field means "next" until the last question.
    if (shown < steps.length - 1) { event.preventDefault(); forward(); }
    else if (!complete(steps[shown])) event.preventDefault();
  });
  addEventListener("hashchange", follow);
  const wrong = steps.findIndex((step) => step.querySelector("[aria-invalid]"));
  if (wrong < 0 && location.hash) follow();
  else show(Math.max(wrong, 0), false);
}
