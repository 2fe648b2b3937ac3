// Lists: rows for the keyboard, bulk selection, htmx swaps of #rows.
const ROWS = "#rows tbody tr, main table tbody tr, main [data-row]";

export const rowLink = (row) => row.querySelector("a[data-row-link], td a[href], th a[href]");
export const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => rowLink(row) && row.offsetParent !== null);

function refreshBulk() {
  const boxes = [...document.querySelectorAll('main input[type=checkbox][name="ids"]')];
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr, [data-row]")?.classList.toggle("is-selected", box.checked);
  for (const all of document.querySelectorAll("[data-check-all]")) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  for (const bar of document.querySelectorAll("[data-bulk-bar]")) {
    bar.hidden = chosen.length === 0;
    const count = bar.querySelector("[data-bulk-count]");
    if (count) count.textContent = chosen.length.toLocaleString(document.documentElement.lang);
  }
}

// A click anywhere on a row with data-href opens it, unless it was meant for something in the row or for selecting text.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary, form") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
});

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches?.("[data-check-all]")) {
    const scope = target.closest("table, form") ?? document;
    for (const box of scope.querySelectorAll('input[type=checkbox][name="ids"]:not(:disabled)')) box.checked = target.checked;
  }
  if (target.matches?.('[data-check-all], input[type=checkbox][name="ids"]')) refreshBulk();
});

// A list that has no #rows on the page, or an answer without one, must still work.
document.addEventListener("htmx:targetError", (event) => {
  const href = event.detail.elt.getAttribute("href");
  if (href) location.assign(href);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (target?.id !== "rows" || event.detail.isError) return;
  if (!/\bid=["']rows["']/.test(serverResponse)) event.detail.swapOverride = "innerHTML";
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "rows") document.querySelector("#rows .table-frame")?.scrollTo(0, 0);
  refreshBulk();
});
refreshBulk();
