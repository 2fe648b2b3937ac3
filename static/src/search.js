// The search box, a combobox: / and Ctrl-K go to it, suggestions open below it, arrows choose, Enter opens.
const form = document.querySelector("form.search");
const input = form?.querySelector("input[type=search]");
const list = document.getElementById("search-suggest");

export function focusSearch() {
  if (!input || input.offsetParent === null) return;
  input.focus();
  input.select();
}

const options = () => [...list.querySelectorAll("a[href]")];
const isOpen = () => list.classList.contains("show");

function show(open) {
  list.classList.toggle("show", open);
  input.setAttribute("aria-expanded", String(open));
  if (!open) choose(null);
}

function choose(option) {
  for (const other of options()) {
    other.classList.toggle("active", other === option);
    other.setAttribute("aria-selected", String(other === option));
  }
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function step(by) {
  const all = options();
  if (!all.length) return;
  const at = all.findIndex((option) => option.classList.contains("active"));
  choose(all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]);
}

function press(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    show(options().length > 0);
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && isOpen() && list.querySelector("a.active")) {
    event.preventDefault();
    list.querySelector("a.active").click();
  } else if (event.key === "Escape") {
    show(false);
  }
}

if (input && list) {
  list.addEventListener("htmx:afterSwap", () => show(document.activeElement === input && input.value.trim() !== ""));
  input.addEventListener("input", () => input.value.trim() === "" && show(false));
  input.addEventListener("focus", () => input.value.trim() && list.childElementCount && show(true));
  input.addEventListener("keydown", press);
  input.addEventListener("htmx:configRequest", (event) => input.value.trim() === "" && event.preventDefault());
  form.addEventListener("focusout", (event) => !form.contains(event.relatedTarget) && show(false));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
}
