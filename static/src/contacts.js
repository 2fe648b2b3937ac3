// Merging two contacts: a click on the left or the right value takes it into the result.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  const field = button && document.getElementById(button.dataset.take);
  if (!field) return;
  const value = button.dataset.value;
  if (field.type === "checkbox") field.checked = value === "True";
  else field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});
