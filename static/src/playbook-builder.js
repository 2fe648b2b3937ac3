// The builder of a playbook: its form works without this; here steps move by drag and by Alt+↑ and Alt+↓, one language
// shows at a time and says what is missing, steps come and go on the spot.
import { fill } from "./survey-builder/dom.js";
import { sortable } from "./survey-builder/sorting.js";

const form = document.querySelector("[data-playbook-builder]");
const list = form.querySelector("[data-pb-list]");
const total = form.querySelector('[name="steps-TOTAL_FORMS"]');
const find = (item, part) => item.querySelector(`[data-pb-${part}]`);
const steps = () => [...list.children].filter((item) => !item.hidden);
const byPlace = (at) => list.querySelector(`[data-at="${at}"]`);
const language = () => form.dataset.language;

function titleOf(item) {
  const titles = [...item.querySelectorAll('[data-text="title"]')];
  return (titles.find((input) => input.lang === language() && input.value) ?? titles.find((input) => input.value))?.value ?? "";
}

/** Numbers and places follow the order; a text that another language has shows where it is missing. */
function refresh() {
  steps().forEach((item, index) => {
    find(item, "number").textContent = index + 1;
    find(item, "order").querySelector("input").value = index + 1;
    const lines = item.querySelector(`[data-text="checklist"][lang="${language()}"]`).value.split("\n").filter((line) => line.trim()).length;
    find(item, "count").textContent = lines ? ` · ${lines}` : "";
  });
  const missing = {};
  for (const group of form.querySelectorAll(".pb-texts")) {
    if (group.closest("[hidden], template")) continue;
    const inputs = [...group.querySelectorAll("[data-text]")];
    const known = inputs.find((input) => input.value.trim());
    for (const input of inputs) {
      input.placeholder = input.value ? "" : (known?.value ?? "");
      if (!input.value.trim() && (known || "required" in group.dataset)) missing[input.lang] = (missing[input.lang] ?? 0) + 1;
    }
  }
  for (const badge of form.querySelectorAll("[data-pb-missing]")) {
    const count = missing[badge.dataset.pbMissing] ?? 0;
    badge.textContent = count;
    badge.hidden = !count;
  }
  find(form, "add").disabled = steps().length >= Number(form.dataset.most);
}

function show(code) {
  form.dataset.language = code;
  const chosen = form.querySelector(`[name="pb-language"][value="${code}"]`);
  if (chosen) chosen.checked = true;
  refresh();
}

function say(item) {
  find(form, "said").textContent = fill(form.dataset.moved, { title: titleOf(item), number: steps().indexOf(item) + 1 });
}

function wake(item) {
  for (const button of item.querySelectorAll("[data-sb-handle], [data-pb-remove]")) button.hidden = false;
}

function add() {
  const number = Number(total.value);
  const step = find(form, "template").content.cloneNode(true);
  for (const element of step.querySelectorAll("*")) {
    for (const attribute of element.attributes) attribute.value = attribute.value.replace("__prefix__", number);
  }
  list.append(step);
  total.value = number + 1;
  const item = list.lastElementChild;
  wake(item);
  refresh();
  item.querySelector(`[data-text="title"][lang="${language()}"]`).focus();
}

function remove(item) {
  const next = steps()[steps().indexOf(item) + 1] ?? steps()[steps().indexOf(item) - 1];
  find(item, "delete").querySelector("input").checked = true;
  item.hidden = true;
  refresh();
  (next ? find(next, "remove") : find(form, "add")).focus();
}

sortable(form, {
  move(kind, at, target) {
    const item = byPlace(at);
    const other = byPlace(target.at);
    if (target.after) other.after(item);
    else other.before(item);
    refresh();
    say(item);
  },
  step(kind, at, direction) {
    const item = byPlace(at);
    const other = steps()[steps().indexOf(item) + direction];
    if (!other) return;
    const focused = document.activeElement;
    if (direction < 0) other.before(item);
    else other.after(item);
    focused?.focus();
    refresh();
    say(item);
  },
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pb-add], [data-pb-remove]");
  if (!button) return;
  event.preventDefault();
  if ("pbAdd" in button.dataset) add();
  else remove(button.closest("[data-sort]"));
});
form.addEventListener("input", (event) => {
  if (event.target.name === "pb-language") show(event.target.value);
  else refresh();
});
form.addEventListener("change", (event) => event.target.name === "pb-language" && show(event.target.value));

form.classList.add("has-script");
find(form, "languages").hidden = false;
find(form, "hint").hidden = false;
list.querySelectorAll("[data-sort]").forEach((item) => {
  wake(item);
  if (find(item, "delete").querySelector("input").checked) item.hidden = true;
});
const wrong = form.querySelector(".pb-texts .is-invalid");
show(wrong?.lang || (document.documentElement.lang.toLowerCase() in { "zh-hans": 1, "zh-hant": 1, en: 1 } ? document.documentElement.lang.toLowerCase() : "zh-hans"));
