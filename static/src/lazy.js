// Loads charts.js and select.js when an element on the page (or in an htmx answer) needs them.
const sources = document.querySelector("script[data-charts]").dataset;
const loaded = new Map();

const load = (url) => {
  if (!loaded.has(url)) loaded.set(url, import(url));
  return loaded.get(url);
};

const LONG = 15;
const touch = matchMedia("(pointer: coarse)");

/** Selects to search in: marked ones, and long ones where there is a keyboard (a phone's own list is better there). */
function searchable(scope) {
  const marked = "select[data-search], select[data-lookup]";
  for (const select of scope.querySelectorAll?.("main select.form-select, form select.form-select") ?? []) {
    if (!touch.matches && select.options.length > LONG) select.dataset.search ??= "";
  }
  return Boolean(scope.querySelector?.(marked));
}

async function enhance(scope) {
  if (scope.querySelector?.("[data-chart]")) (await load(sources.charts)).draw(scope);
  if (searchable(scope)) (await load(sources.select)).enhance(scope);
}

enhance(document);
document.addEventListener("htmx:afterSettle", (event) => enhance(event.detail.target?.parentElement ?? document));
