// Every page: "/" to the search box, j/k through the rows of a list, x to pick one, n and p where there are such acts,
// "?" tells the keys; print buttons. Pages work without it.
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

const box = () => (row() ?? last)?.querySelector(".cell-pick input");
const isPicked = () => document.querySelector(".rows tbody .cell-pick :checked") !== null;

// An act on picked rows; with none picked it means the row one is at.
function note() {
  const button = document.querySelector("[data-key=n]");
  if (button && !isPicked()) box()?.click();
  if (button && isPicked()) button.click();
}

function print() {
  document.querySelector(isPicked() ? "[data-print-list]" : "[data-key=p]")?.click();
}

const dialog = document.getElementById("phim-tat");
const keys = {
  "/": () => document.getElementById("q")?.select(),
  j: () => step(1),
  k: () => step(-1),
  x: () => box()?.click(),
  n: note,
  p: print,
  "?": () => dialog?.showModal(),
};

// Keys of one character can be switched off (WCAG 2.1.4): somebody who dictates says such letters all the time.
const OFF = "keys:off";
let isOff = false;
try {
  isOff = localStorage.getItem(OFF) !== null;
} catch {
  /* a browser without a store: the keys are on */
}

document.addEventListener("keydown", (event) => {
  if (isOff || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!act) return;
  event.preventDefault();
  act();
});

if (dialog) {
  document.querySelector("[data-keys]").addEventListener("click", () => dialog.showModal());
  const on = dialog.querySelector("[data-keys-on]");
  on.checked = !isOff;
  on.addEventListener("change", () => {
    isOff = !on.checked;
    try {
      if (isOff) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    } catch {
      /* told above: lasts as long as the page */
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
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
