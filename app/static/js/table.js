// A list of dossiers: the columns somebody chose (kept in this browser) and the rows that are picked. Shows all without it.
const table = document.querySelector("table[data-columns]");
const tools = document.querySelector(".list-tools");
if (table && tools) {
  choices(`columns:${table.dataset.columns}`);
  picking();
}

function choices(key) {
  const boxes = [...tools.querySelectorAll(".chooser input")];
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
  const menu = tools.querySelector(".chooser");
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
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
  const picked = () => [...table.querySelectorAll(".cell-pick :checked")];
  const [words, acts] = tools.querySelectorAll("[data-picked]");
  const tell = (text = "") => {
    words.hidden = acts.hidden = !picked().length;
    words.textContent = `Đã chọn ${picked().length} hồ sơ${text}`;
  };
  table.addEventListener("change", () => tell());
  acts.querySelector("[data-unpick]").addEventListener("click", () => {
    for (const box of picked()) box.checked = false;
    tell();
  });
  acts.querySelector("[data-copy]").addEventListener("click", async () => {
    await copy(picked().map((box) => box.value).join("\n"));
    tell(", đã chép mã");
  });
  acts.querySelector("[data-print-picked]").addEventListener("click", () => {
    table.classList.add("only-picked");
    window.addEventListener("afterprint", () => table.classList.remove("only-picked"), { once: true });
    window.print();
  });
  tell();
}

// navigator.clipboard exists only on https and on this machine itself; offices often serve http inside.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
