// Loads charts.js and select.js when an element on the page (or in an htmx answer) needs them.
const sources = document.querySelector("script[data-charts]").dataset;
const loaded = new Map();

const load = (url) => {
  if (!loaded.has(url)) loaded.set(url, import(url));
  return loaded.get(url);
};

async function enhance(scope) {
  if (scope.querySelector?.("[data-chart]")) (await load(sources.charts)).draw(scope);
  if (scope.querySelector?.("select[data-search], select[data-lookup]")) (await load(sources.select)).enhance(scope);
}

enhance(document);
document.addEventListener("htmx:afterSettle", (event) => enhance(event.detail.target?.parentElement ?? document));
