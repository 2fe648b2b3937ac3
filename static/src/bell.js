// The bell: the number of unread notifications in every page, and the list of the latest while it is open. Both refresh
// themselves; see live.js. Without a script the bell is a link to the list.
import { watch } from "./live.js";

const EVERY = 30;
const bell = document.querySelector("[data-bell]");
const link = bell?.querySelector("[data-bs-toggle]");
const menu = bell?.querySelector("[data-bell-menu]");

function show(text) {
  const { unread, text: number } = JSON.parse(text);
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.textContent = number;
    badge.hidden = unread === 0;
  }
  link.classList.toggle("has-unread", unread > 0);
  link.setAttribute("aria-label", unread ? `${bell.dataset.label}: ${number}` : bell.dataset.label);
  if (menu.classList.contains("show")) refresh();
}

/** htmx, so that the buttons in the list work; the number that changed is what says that the list has. */
function refresh() {
  window.htmx.ajax("GET", menu.dataset.bellMenu, { target: menu, swap: "innerHTML", source: menu });
}

if (bell) {
  const ask = watch({ url: bell.dataset.bell, every: EVERY, take: show, now: true });
  bell.addEventListener("show.bs.dropdown", refresh);
  menu.addEventListener("htmx:afterRequest", (event) => event.detail.requestConfig?.verb === "post" && ask());
}
