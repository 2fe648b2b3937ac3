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

function failed() {
  const template = document.getElementById("toast-error");
  if (box && template) box.append(template.content.cloneNode(true));
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
