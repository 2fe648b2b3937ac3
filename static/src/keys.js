// Keys: / or Ctrl-K search, j k rows, Enter opens (the row's link has the focus), x selects, f filters, ? shows all;
// any element with data-key="e" is pressed by that key, a link with data-go="a" is followed by g and that key.
import { rows, rowLink } from "./lists.js";
import { focusSearch } from "./search.js";
import { openDialog } from "./shell.js";

const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog, .ts-wrapper");

function moveRow(by) {
  const all = rows();
  if (!all.length) return;
  const focused = all.findIndex((row) => row.contains(document.activeElement));
  // In an inbox the row that is shown beside the list.
  const at = focused < 0 ? all.findIndex((row) => row.querySelector("[data-row-link][aria-current]")) : focused;
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  rowLink(all[next])?.focus({ focusVisible: true });
  all[next].scrollIntoView({ block: "nearest" });
}

function selectRow() {
  const shown = document.querySelector("[data-row-link][aria-current]"); // in an inbox, beside the list
  const row = document.activeElement.closest("tr, [data-row]") ?? shown?.closest("[data-row]");
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

// What is hidden is not meant: the bar of a list's ticked rows has the keys of one row's buttons while rows are ticked.
function press(key) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const element = all.find((one) => !one.closest("[hidden]"));
  if (element) element.click();
  return Boolean(element);
}

const GO_WITHIN = 1200;
let gone = 0;

/** The second key after g: true where it was one. */
function go(key) {
  const waits = Date.now() - gone < GO_WITHIN;
  gone = key === "g" && !waits ? Date.now() : 0;
  const link = waits && document.querySelector(`a[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link) || gone > 0;
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
  if (go(event.key) || press(event.key)) event.preventDefault();
  else if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
