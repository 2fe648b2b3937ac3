// The inbox of alerts: the row with the focus is shown beside the list, Enter goes over to it; keys open the forms there.
import htmx from "htmx.org/dist/htmx.esm.js";

const LINGER = 140;
const onePane = matchMedia("(max-width: 991.98px)");
const inbox = () => document.querySelector("[data-inbox]");
const rowOf = (target) => target.closest?.("[data-inbox] a[data-row-link]");
let waiting = 0;

/** Marks the row whose alert is beside the list. */
function mark(link) {
  for (const other of inbox().querySelectorAll("a[data-row-link][aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
}

// On a phone there is one pane: a row opens its page. A modified click opens a new tab, as on any link.
document.addEventListener(
  "click",
  (event) => {
    const link = rowOf(event.target);
    if (!link) return;
    if (onePane.matches || event.ctrlKey || event.metaKey || event.shiftKey) event.stopPropagation();
    else mark(link);
  },
  true,
);

// j and k move the focus (keys.js); what is passed on the way is not fetched.
document.addEventListener("focusin", (event) => {
  const link = rowOf(event.target);
  clearTimeout(waiting);
  if (!link || onePane.matches || link.hasAttribute("aria-current")) return;
  waiting = setTimeout(() => {
    mark(link);
    htmx.trigger(link, "kam:show");
  }, LINGER);
});

document.addEventListener("keydown", (event) => {
  const link = rowOf(event.target);
  if (event.key === "Enter" && link && !onePane.matches && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    clearTimeout(waiting);
    if (link.hasAttribute("aria-current")) document.getElementById("alert")?.focus();
    else link.click();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("#alert textarea")) {
    event.target.form.requestSubmit();
  } else if (event.key === "Escape" && event.target.closest?.(".alert-form")) {
    event.target.closest(".alert-form").open = false;
  }
});

// A form that is unfolded folds the others and has the focus in its first field. (Were it a matter of the name of
// <details>, one that comes unfolded with an answer would be closed: the old one is still on the page.)
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.(".alert-form[open]")) return;
    for (const other of document.querySelectorAll(".alert-form[open]")) if (other !== event.target) other.open = false;
    event.target.querySelector("form :is(input:not([type=hidden]), select, textarea)")?.focus();
    event.target.scrollIntoView({ block: "nearest" });
  },
  true,
);

// After something was done the list is new: the row that is shown now comes into view.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "rows" || !inbox()) return;
  inbox().querySelector("a[data-row-link][aria-current]")?.scrollIntoView({ block: "nearest" });
});
