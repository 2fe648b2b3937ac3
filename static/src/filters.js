// The filter bar: leaves empty parameters out of the address, and keeps the chips right after an htmx answer.
const bar = () => document.querySelector("[data-filter-bar]");

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const data = event.detail.formData;
  for (const [name, value] of [...data.entries()]) {
    if (value === "" && data.getAll(name).length === 1) data.delete(name);
  }
});

/** What a control is set to, as the server writes it in its chips. */
function wordsOf(control) {
  if (control.tagName === "SELECT") return control.selectedOptions[0].textContent.trim();
  const sign = /_(after|min)$/.test(control.name) ? "≥ " : /_(before|max)$/.test(control.name) ? "≤ " : "";
  if (control.type !== "date" || !control.valueAsDate) return sign + control.value;
  const language = document.documentElement.lang.replace(/^en$/, "en-GB");
  const form = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  return sign + form.format(control.valueAsDate);
}

/** [label, words, control] of every value that is set. */
function* active(form) {
  for (const box of form.querySelectorAll("[data-filter]")) {
    const { label } = box.dataset;
    for (const control of box.querySelectorAll("input, select")) {
      if (control.type === "checkbox" || control.type === "radio") {
        if (control.checked) yield [label, control.closest("label")?.textContent.trim() ?? "", control];
      } else if (control.value) {
        yield [label, wordsOf(control), control];
      }
    }
  }
  const search = form.querySelector("input[type=search]");
  if (search?.value.trim()) yield [search.placeholder, search.value.trim(), search];
}

function clear(control) {
  if (control.type === "checkbox" || control.type === "radio") control.checked = false;
  else if (control.tomselect) control.tomselect.clear(true);
  else control.value = "";
}

function redraw(form) {
  const box = form.querySelector("[data-chips]");
  const cross = document.querySelector("#chip-cross")?.content;
  const found = [...active(form)];
  const chips = found.map(([label, words, control]) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.title = box.dataset.remove;
    const name = document.createElement("span");
    name.className = "chip-label";
    name.textContent = label;
    chip.append(name, ` ${words}`, cross ? cross.cloneNode(true) : " ×");
    chip.addEventListener("click", () => {
      clear(control);
      form.requestSubmit();
    });
    return chip;
  });
  if (chips.length) {
    const reset = document.createElement("button");
    reset.type = "button";
    reset.className = "chip-reset";
    reset.textContent = box.dataset.resetLabel;
    reset.addEventListener("click", () => {
      found.forEach(([, , control]) => clear(control));
      form.requestSubmit();
    });
    chips.push(reset);
  }
  box.replaceChildren(...chips);
  for (const menu of form.querySelectorAll("[data-filter]")) {
    const count = menu.querySelector("[data-count]");
    if (!count) continue;
    const chosen = menu.querySelectorAll("input:checked").length;
    count.textContent = chosen;
    count.hidden = chosen === 0;
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = bar();
  if (form && event.detail.successful && event.detail.elt === form) redraw(form);
});
// The sort of the list is kept when a filter changes.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = bar();
  if (!form || !event.detail.elt.matches?.("a.sort")) return;
  const sort = new URL(event.detail.elt.href).searchParams.get("sort");
  let field = form.querySelector("input[name=sort]");
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name: "sort" });
    form.prepend(field);
  }
  field.value = sort;
});

// Exports the list as it is filtered now: htmx changes the address, not the link.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-export]");
  if (!link) return;
  const list = link.closest("[data-filter-bar]")?.getAttribute("hx-get");
  if (list !== window.location.pathname) return;
  const query = window.location.search.slice(1);
  link.href = query ? `${link.dataset.export}&${query}` : link.dataset.export;
});
