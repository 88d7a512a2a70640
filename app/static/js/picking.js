// Units to choose from: a search box that leaves only what fits, and how many are chosen. Without scripts the groups are opened by hand.
import { said } from "./words.js";

const box = document.querySelector("[data-pick]");
const find = box?.querySelector("[data-pick-find]");
const told = box?.querySelector("[data-pick-told]");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "d").toLowerCase();

function tell(found) {
  const chosen = box.querySelectorAll("input:checked").length;
  const parts = [
    chosen
      ? said(`Đã đánh dấu ${chosen} đơn vị.`, `Units marked: ${chosen}.`)
      : said("Chưa đánh dấu đơn vị nào.", "No unit marked."),
  ];
  if (found !== null) parts.push(found ? said(`Tìm thấy ${found}.`, `Found: ${found}.`) : said("Không có đơn vị nào như thế.", "No such unit."));
  told.textContent = parts.join(" ");
}

function narrow() {
  const words = plain(find.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of box.querySelectorAll("details")) {
    let here = 0;
    for (const label of group.querySelectorAll("label")) {
      const text = plain(label.textContent);
      label.hidden = !words.every((word) => text.includes(word));
      if (!label.hidden) here += 1;
    }
    group.hidden = words.length > 0 && here === 0;
    group.open = words.length > 0 ? here > 0 : group.querySelector("input:checked") !== null;
    found += here;
  }
  tell(words.length ? found : null);
}

if (box) {
  // What is ticked is meant: then it is these units and not all of them.
  box.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    if (event.target.checked) box.closest("fieldset").querySelector("input[type=radio]").checked = true;
    tell(null);
  });
  find.addEventListener("input", narrow);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // a search is no sending of the form
  });
  tell(null);
}
