// A thin line at the top while htmx waits longer than 150 ms; no spinners. Elements with data-quiet do not count.
const DELAY = 150;
const line = document.querySelector("[data-progress]");
let running = 0;
let timer;

const counts = (event) => !event.detail.elt.closest?.("[data-quiet]") && !event.detail.elt.matches?.('[hx-trigger*="every"]');

function show() {
  clearTimeout(timer);
  if (running) timer = setTimeout(() => line?.classList.add("is-on"), DELAY);
  else line?.classList.remove("is-on");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!counts(event)) return;
  event.detail.xhr.kamCounted = true;
  running += 1;
  show();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.xhr?.kamCounted) return;
  running = Math.max(0, running - 1);
  show();
});
