// Adding and taking away family members without leaving the page.
const area = document.querySelector("[data-members]");
const count = area && area.querySelector("[name=member_count]");
const add = area && area.querySelector("[name=add_member]");
const blocks = () => [...area.querySelectorAll("[data-member]")];
const most = area ? Number(area.dataset.members) : 0;

const settle = () => {
  const open = blocks();
  open.forEach((block, index) => {
    // Numbered without gaps, so that the server reads them in order and seven never fit.
    for (const part of block.querySelectorAll("[id],[name],[for],[aria-describedby]")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace(/member-(?:\d+|N)-/g, `member-${index}-`));
      }
    }
    block.querySelector("[data-nth]").textContent = index + 1;
  });
  count.value = open.length;
  add.hidden = open.length >= most;
};

if (area) {
  add.addEventListener("click", (event) => {
    event.preventDefault();
    const block = area.querySelector("template").content.firstElementChild.cloneNode(true);
    add.before(block);
    settle();
    block.querySelector("input").focus();
  });
  area.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove]")) return;
    event.target.closest("[data-member]").remove();
    settle();
    add.focus();
  });
  for (const button of area.querySelectorAll("[data-remove]")) button.hidden = false;
  settle();
}
