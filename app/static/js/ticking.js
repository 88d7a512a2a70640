// Rows of a form that are ticked: one box for the whole page, and how many there are. Forms work without it.
const all = document.querySelector("[data-tick-all]");
const told = document.querySelector("[data-ticked]");
const boxes = [...document.querySelectorAll(".rows tbody .cell-pick input")];
const whole = document.querySelector("input[name=tat-ca]");
const start = told?.textContent;

function tell() {
  const count = boxes.filter((box) => box.checked).length;
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
  told.textContent = whole.checked ? "Đã chọn cả danh sách." : count ? `Đã đánh dấu ${count} dòng.` : start;
}

if (all && told && whole) {
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of [...boxes, whole]) box.addEventListener("change", tell);
  tell();
}
