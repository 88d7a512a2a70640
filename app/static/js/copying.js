// Copy a text: navigator.clipboard exists only on https and on this machine itself; offices often serve http inside.
import { said } from "./words.js";

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// A button with data-copy-of="id" copies that element's text, a blank line between its paragraphs, and says so beside itself.
for (const button of document.querySelectorAll("[data-copy-of]")) {
  const told = document.createElement("span");
  told.className = "quiet small";
  told.setAttribute("role", "status");
  button.after(told);
  button.addEventListener("click", async () => {
    const parts = [...document.getElementById(button.dataset.copyOf).querySelectorAll("p")];
    await copy(parts.map((part) => part.textContent.trim()).join("\n\n"));
    told.textContent = said("Đã chép.", "Copied.");
  });
}
