// A list of dossiers: the columns somebody chose (kept in this browser), the rows that are picked, the row to come back to.
import { said } from "./words.js";
import { copy } from "./copying.js";

const table = document.querySelector("table[data-columns]");
const chooser = document.querySelector(".chooser");
const bulk = document.querySelector("[data-bulk]");
const words = document.querySelector("[data-picked]");
if (table && chooser) choices(`columns:${table.dataset.columns}`);
if (table && bulk && words) picking();
if (table) comingBack(`row:${location.pathname}${location.search}`);

function choices(key) {
  const boxes = [...chooser.querySelectorAll("input")];
  const left = new Set(stored(key));
  const show = () => {
    for (const box of boxes)
      for (const cell of table.querySelectorAll(`[data-column="${box.value}"]`)) cell.hidden = !box.checked;
  };
  for (const box of boxes) {
    box.checked = !left.has(box.value);
    box.addEventListener("change", () => {
      keep(key, boxes.filter((each) => !each.checked).map((each) => each.value));
      show();
    });
  }
  show();
  document.addEventListener("click", (event) => {
    if (!chooser.contains(event.target)) chooser.open = false;
  });
  chooser.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    chooser.open = false;
    chooser.querySelector("summary").focus();
  });
}

// A browser may refuse its store (private window, policy of the office): then the choice lasts as long as the page.
function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* told above */
  }
}

function picking() {
  const boxes = [...table.querySelectorAll("tbody .cell-pick input")];
  const all = table.querySelector("[data-pick-all]");
  const picked = () => boxes.filter((box) => box.checked);
  const tell = (text = "") => {
    const count = picked().length;
    words.hidden = bulk.hidden = !count;
    words.textContent = said(`Đã chọn ${count} hồ sơ`, `Dossiers chosen: ${count}`) + text;
    if (!all) return;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  const act = (name, does) => bulk.querySelector(name)?.addEventListener("click", does);
  table.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    tell();
  });
  act("[data-unpick]", () => {
    for (const box of picked()) box.checked = false;
    tell();
    table.querySelector("tbody a.code")?.focus({ preventScroll: true }); // the button that had the focus is gone
  });
  act("[data-copy]", async () => {
    await copy(picked().map((box) => box.dataset.code ?? box.value).join("\n"));
    tell(said(", đã chép mã", ", codes copied"));
  });
  act("[data-print-picked]", () => {
    table.classList.add("only-picked");
    window.addEventListener("afterprint", () => table.classList.remove("only-picked"), { once: true });
    window.print();
  });
  tell();
  window.addEventListener("pageshow", () => tell()); // a browser may bring ticks back with the page
}

// Whoever comes back to a list goes on at the row they left it from.
function comingBack(key) {
  const links = () => [...table.querySelectorAll("tbody a.code")];
  const how = performance.getEntriesByType("navigation")[0]?.type;
  try {
    const left = how === "back_forward" || how === "reload" ? sessionStorage.getItem(key) : null;
    const back = links().find((link) => link.textContent === left);
    // After the browser went to the row that the address names, where it names one.
    if (back) window.addEventListener("pageshow", () => back.focus());
    table.addEventListener("focusin", (event) => {
      const code = event.target.closest("tbody tr")?.querySelector("a.code");
      if (code) sessionStorage.setItem(key, code.textContent);
    });
  } catch {
    /* no store, no place to come back to */
  }
}
