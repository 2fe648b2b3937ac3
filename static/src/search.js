// The search box: / and Ctrl-K go to it, suggestions open below it, arrows walk over them.
const form = document.querySelector("form.search");
const input = form?.querySelector("input[type=search]");
const list = document.getElementById("search-suggest");

export function focusSearch() {
  if (!input) return false;
  input.focus();
  input.select();
  return input.offsetParent !== null;
}

const links = () => [...list.querySelectorAll("a[href]")];
const close = () => list.classList.remove("show");

function step(event, by) {
  const all = links();
  if (!all.length || !list.classList.contains("show")) return;
  event.preventDefault();
  const at = all.indexOf(document.activeElement) + by;
  if (at < 0) input.focus();
  else all[Math.min(at, all.length - 1)].focus();
}

if (input && list) {
  list.addEventListener("htmx:afterSwap", () => list.classList.toggle("show", links().length > 0 && input.value.trim() !== ""));
  input.addEventListener("input", () => input.value.trim() === "" && close());
  input.addEventListener("focus", () => input.value.trim() && links().length && list.classList.add("show"));
  form.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(event, 1);
    else if (event.key === "ArrowUp") step(event, -1);
    else if (event.key === "Escape") {
      close();
      input.blur();
    }
  });
  form.addEventListener("focusout", (event) => !form.contains(event.relatedTarget) && setTimeout(close, 120));
  input.addEventListener("htmx:configRequest", (event) => input.value.trim() === "" && event.preventDefault());
}
