// Rows of a form that are ticked: one box for the whole page, and how many there are. Forms work without it.
import { said } from "./words.js";

const all = document.querySelector("[data-tick-all]");
const told = document.querySelector("[data-ticked]");
const boxes = [...document.querySelectorAll(".rows tbody .cell-pick input")];
const whole = document.querySelector("input[name=tat-ca]");
const start = told?.textContent;

function tell() {
  const count = boxes.filter((box) => box.checked).length;
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
  told.textContent = whole.checked
    ? said("Đã chọn cả danh sách.", "The whole list is chosen.")
    : count
      ? said(`Đã đánh dấu ${count} dòng.`, `Rows marked: ${count}.`)
      : start;
}

if (all && told && whole) {
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of [...boxes, whole]) box.addEventListener("change", tell);
  tell();
}
