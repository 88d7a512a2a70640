// The page of long work: looks again each second until it is over, then goes on to where it leads. Without scripts: "Làm mới".
const box = document.querySelector("[data-progress]");
const EVERY = 1000;

async function look() {
  const answer = await fetch(box.dataset.progress, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return later(); // a server that is being restarted comes back
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".work-now");
  if (fresh.textContent !== box.textContent.trim()) box.replaceChildren(fresh);
  const now = box.querySelector(".work-now");
  if (!now.hasAttribute("data-over")) return later();
  if (now.dataset.next) location.replace(now.dataset.next);
}

const later = () => setTimeout(look, EVERY);
if (box && !box.querySelector("[data-over]")) later();
