// The frame of every page: light and dark, dialogs, confirmation, focus on form errors.
const root = document.documentElement;
const YEAR = 365 * 24 * 3600;
const RESEND = 8000;

function switchTheme() {
  const mode = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = mode;
  root.dataset.themeChoice = mode;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `kam_theme=${mode}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
  document.dispatchEvent(new CustomEvent("kam:theme"));
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-theme-switch]")) switchTheme();
  const opener = target.closest("[data-dialog]");
  if (opener) openDialog(opener.dataset.dialog);
  if (target.closest("[data-dialog-close]")) target.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement && target.classList.contains("dialog")) target.close();
});

// data-confirm on a form, link or button asks first. Capture: before htmx and before the browser.
let confirmed = null;
function ask(event, element, go) {
  if (confirmed === element) {
    confirmed = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = document.getElementById("confirm");
  dialog.querySelector("#confirm-text").textContent = element.dataset.confirm;
  dialog.querySelector("[data-confirm-yes]").onclick = () => {
    dialog.close();
    confirmed = element;
    go();
  };
  dialog.showModal();
}

document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    const element = submitter?.dataset.confirm ? submitter : form;
    if (element.dataset.confirm) ask(event, element, () => form.requestSubmit(submitter ?? undefined));
  },
  true,
);
document.addEventListener(
  "click",
  (event) => {
    const element = event.target.closest("a[data-confirm], button[type=button][data-confirm]");
    if (element) ask(event, element, () => element.click());
  },
  true,
);

// A form that was sent is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, RESEND); // a form that answers with a file stays on the page
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// A text to copy is selected as a whole.
document.addEventListener("focusin", (event) => event.target.matches("input[data-select]") && event.target.select());

document.querySelector("[data-focus]")?.focus();
