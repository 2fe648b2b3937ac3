// The drawer: a link with data-drawer loads its page's panel into it; without JavaScript it opens the page.
const drawer = () => document.getElementById("drawer");

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = drawer();
  if (event.detail.target?.id !== "drawer-body" || !dialog) return;
  const page = dialog.querySelector("[data-drawer-page]");
  if (page) page.href = event.detail.pathInfo.requestPath;
  if (!dialog.open) dialog.showModal();
  dialog.scrollTo(0, 0);
});

// A modified click opens the page in a new tab, as on any link.
document.addEventListener(
  "click",
  (event) => {
    if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest("a[data-drawer]")) event.stopPropagation();
  },
  true,
);

document.addEventListener("click", (event) => {
  if (event.target === drawer()) event.target.close();
});

// A select that is a form of its own is sent when it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("select[data-submit]")) event.target.form.requestSubmit();
});
