// The search box of every page: suggests while somebody types. Without it the box is a plain form.
const WAIT = 180;
const LEAST = 3;

export function attend(form) {
  const input = form.querySelector("input[name=q]");
  const list = form.querySelector("[role=listbox]");
  let told = null;
  let asking = null;
  let timer = 0;
  let at = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    at = -1;
    if (told) told.textContent = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(next) {
    const all = options();
    all[at]?.setAttribute("aria-selected", "false");
    at = next < -1 ? all.length - 1 : next >= all.length ? -1 : next;
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    all[at].setAttribute("aria-selected", "true");
    all[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[at].id);
  }

  function show(found) {
    list.replaceChildren(...found.hits.map((hit, number) => option(hit, `${list.id}-${number}`)));
    at = -1;
    list.hidden = !found.hits.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    tell(found.hits.length ? list.dataset[found.more ? "more" : "all"].replace("{0}", found.hits.length) : "");
  }

  // For who does not see the list; made when there is something to tell.
  function tell(words) {
    if (!told) {
      told = line("span", "hidden", "");
      told.setAttribute("role", "status");
      form.append(told);
    }
    told.textContent = words;
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const address = new URL(form.dataset.suggest, location.href);
    address.searchParams.set("q", input.value);
    try {
      const answer = await fetch(address, { signal: asking.signal, redirect: "error" });
      if (answer.ok) show(await answer.json());
    } catch {
      /* too late, session over, or the machine is away: Enter searches as ever */
    }
  }

  input.addEventListener("input", () => {
    if (input.value.trim().length < LEAST) return close();
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "ArrowDown" && !list.hidden) choose(at + 1);
    else if (event.key === "ArrowUp" && !list.hidden) choose(at - 1);
    else if (event.key === "Enter" && at >= 0) location.assign(options()[at].dataset.address);
    else return;
    event.preventDefault();
  });
  // What is pressed in the list must not take the focus from the box first.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const pressed = event.target.closest("[role=option]");
    if (pressed) location.assign(pressed.dataset.address);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
}

function option(hit, id) {
  const made = document.createElement("li");
  made.id = id;
  made.dataset.address = hit.address;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.append(
    pair(line("b", "code", hit.code), line("span", "clamp", hit.applicant)),
    pair(
      line("span", `state tone-${hit.tone}`, [hit.state, hit.left].filter(Boolean).join(", ")),
      line("small", "quiet clamp", hit.procedure),
    ),
  );
  return made;
}

function pair(...both) {
  const made = line("div", "suggested", "");
  made.append(...both);
  return made;
}

function line(tag, names, text) {
  const made = document.createElement(tag);
  made.className = names;
  made.textContent = text;
  return made;
}

const box = document.querySelector("form.find[data-suggest]");
if (box) attend(box);
