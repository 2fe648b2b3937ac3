// Toasts: Django's messages. Successes leave by themselves (not while pointed at), warnings and errors stay.
const STAY = 6000;
const box = document.getElementById("toasts");

function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "1";
  if (!["success", "info"].includes(toast.dataset.toast)) return;
  let timer = setTimeout(() => toast.remove(), STAY);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => {
    timer = setTimeout(() => toast.remove(), STAY / 2);
  });
}

function failed(event) {
  if (event.detail?.elt?.closest?.("[data-log-form]")) return; // it says itself what was kept
  const template = document.getElementById("toast-error");
  if (box && template) box.append(template.content.cloneNode(true));
}

/** A toast of the page's own: kind is success, info, warning or danger; `href` opens what it is about. */
export function say(kind, text, href) {
  const template = document.getElementById("toast-error");
  if (!box || !template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.className = `toast-item toast-${kind}`;
  toast.dataset.toast = kind;
  if (kind === "success") {
    const icon = toast.querySelector("use");
    icon.setAttribute("href", icon.getAttribute("href").replace("#alert-circle", "#circle-check"));
  }
  const words = toast.querySelector("span");
  words.replaceChildren(href ? Object.assign(document.createElement("a"), { href, textContent: text }) : text);
  box.append(toast);
}

if (box) {
  box.querySelectorAll("[data-toast]").forEach(arm);
  new MutationObserver(() => box.querySelectorAll("[data-toast]").forEach(arm)).observe(box, { childList: true });
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast], .alert")?.remove();
});
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:responseError", failed);
