// Keys: / or Ctrl-K search, j k rows, Enter opens (the row's link has the focus), x selects, f filters, ? shows all;
// any element with data-key="e" is pressed by that key.
import { rows, rowLink } from "./lists.js";
import { focusSearch } from "./search.js";
import { openDialog } from "./shell.js";

const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog, .ts-wrapper");

function moveRow(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  rowLink(all[next])?.focus({ focusVisible: true });
  all[next].scrollIntoView({ block: "nearest" });
}

function selectRow() {
  const row = document.activeElement.closest("tr");
  row?.querySelector("input[type=checkbox]")?.click();
}

const actions = {
  "/": focusSearch,
  "?": () => openDialog("keys"),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: selectRow,
  f: () => document.querySelector("[data-filter-bar] input:not([type=hidden]), [data-filter-bar] select")?.focus(),
};

function press(key) {
  const element = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (element) element.click();
  return Boolean(element);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    focusSearch();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.matches("input, textarea, select")) event.target.blur();
  if (typing(event.target) && !event.target.matches("input[type=checkbox]")) return;
  if (press(event.key)) event.preventDefault();
  else if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
