// Every page: "/" to the search box, j/k through the rows of a list, x to pick one, print buttons. Pages work without it.
const typing = (target) =>
  target.closest("select, textarea, [contenteditable], input:not([type=checkbox])") !== null || document.querySelector("dialog[open]") !== null;

const links = () => [...document.querySelectorAll(".rows tbody a.code")];
const row = () => document.activeElement?.closest(".rows tbody tr");
// Whoever pressed a button in between goes on from the row they were at.
let last = null;
document.addEventListener("focusin", () => {
  last = row() ?? last;
});

function step(by) {
  const all = links();
  if (!all.length) return;
  const at = all.findIndex((link) => link.closest("tr") === (row() ?? last));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next].focus({ preventScroll: true });
  all[next].closest("tr").scrollIntoView({ block: "nearest" });
}

const keys = {
  "/": () => document.getElementById("q")?.select(),
  j: () => step(1),
  k: () => step(-1),
  x: () => (row() ?? last)?.querySelector(".cell-pick input")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!act) return;
  event.preventDefault();
  act();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// The menu of further places closes by Escape, and when the reader goes elsewhere.
const more = document.querySelector("details.more");
more?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !more.open) return;
  more.open = false;
  more.querySelector("summary").focus();
});
more?.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !more.contains(event.relatedTarget)) more.open = false;
});
document.addEventListener("click", (event) => {
  if (more?.open && !more.contains(event.target)) more.open = false;
});
// What is folded away on the screen belongs on paper.
const folded = () => document.querySelectorAll("details.table-toggle:not([open])");
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...folded()];
  for (const each of unfolded) each.open = true;
});
window.addEventListener("afterprint", () => {
  for (const each of unfolded) each.open = false;
});
