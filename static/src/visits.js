// Pages of visits: a bar of choices that sends itself, and printing.
document.addEventListener("change", (event) => event.target.closest("form[data-autosubmit]")?.requestSubmit());
document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
