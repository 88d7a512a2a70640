// A scanner types like a keyboard, but faster than any hand, and ends with Enter: what it read is looked for, whatever
// has the focus. What goes into a field is left to the field.
const QUICK = 35;
const LEAST = 6;
// A QR code may have several lines, each ended by Enter: the next one follows at once.
const LAST = 80;

const box = document.querySelector("form.find");
let read = "";
let before = -Infinity;
let timer = 0;

const takesText = (target) =>
  target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;

function forget() {
  clearTimeout(timer);
  read = "";
}

function look() {
  const text = read.trim();
  forget();
  const address = new URL(box.action, location.href);
  address.searchParams.set("q", text);
  location.assign(address);
}

function scanned(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || takesText(event.target) || document.querySelector("dialog[open]")) return forget();
  const isQuick = event.timeStamp - before < QUICK;
  // Shift and what else a keyboard reports beside letters.
  if (event.key.length > 1 && event.key !== "Enter" && event.key !== "Backspace") return;
  before = event.timeStamp;
  if (!isQuick && !timer) forget();
  clearTimeout(timer);
  timer = 0;
  if (event.key === "Enter") {
    if (!isQuick || read.trim().length < LEAST) return forget();
    read += "\n";
    timer = setTimeout(look, LAST);
  } else if (event.key === "Backspace") read = read.slice(0, -1); // a Vietnamese keyboard takes a letter back to put a mark on it
  else read += event.key;
  if (!isQuick) return;
  // Neither a button that has the focus nor the keys of the list take it for theirs.
  event.preventDefault();
  event.stopImmediatePropagation();
}

if (box) document.addEventListener("keydown", scanned, { capture: true });
