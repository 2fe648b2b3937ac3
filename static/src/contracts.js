// Contracts: rows of a draft added, taken out and added up without asking the server; the month grid by arrow keys.
/* Decimals as whole numbers of units of 10^-scale: no binary fractions, as on the server. */
function parse(text, scale) {
  const found = /^\s*([0-9]*)(?:[.,]([0-9]*))?\s*$/.exec(text ?? "");
  if (!found || !(found[1] || found[2])) return null;
  const digits = (found[2] ?? "").slice(0, scale).padEnd(scale, "0");
  return BigInt((found[1] || "0") + digits);
}

/** `value` of `scale` decimals rounded half up (away from zero) to `digits`. */
function rounded(value, scale, digits) {
  const unit = 10n ** BigInt(scale - digits);
  const sign = value < 0n ? -1n : 1n;
  return (sign * (sign * value * 2n + unit)) / (unit * 2n);
}

function written(value, digits) {
  const text = String(value < 0n ? -value : value).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${value < 0n ? "−" : ""}${whole}${digits ? `.${text.slice(-digits)}` : ""}`;
}

const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
const rowsOf = (form, name) => [...form.querySelectorAll(`[data-rows="${name}"] > [data-row]:not([hidden])`)];

function addUp(form) {
  const places = JSON.parse(form.querySelector("#currency-digits").textContent);
  const currency = form.querySelector("[name=currency]")?.value;
  const digits = places[currency] ?? 2;
  const name = form.querySelector("[data-currency]");
  if (name && currency) name.textContent = currency;
  const put = (sum, value) => {
    for (const place of form.querySelectorAll(`[data-sum="${sum}"]`)) place.textContent = written(value, digits);
  };
  const editable = form.querySelector('[data-rows="lines"]');
  let gross = null;
  if (editable) {
    let [list, net] = [0n, 0n];
    for (const row of rowsOf(form, "lines")) {
      const quantity = parse(field(row, "quantity").value, 3);
      const price = parse(field(row, "unit_price").value, 4);
      const discount = parse(field(row, "discount").value || "0", 2);
      const output = row.querySelector("[data-amount]");
      if (quantity === null || price === null || discount === null || discount > 10000n) {
        output.textContent = "–";
        continue;
      }
      const amount = rounded(quantity * price * (10000n - discount), 11, digits);
      output.textContent = written(amount, digits);
      net += amount;
      list += rounded(quantity * price, 7, digits);
    }
    const tax = rounded(net * (parse(form.querySelector("[name=tax_rate]").value, 2) ?? 0n), digits + 4, digits);
    gross = net + tax;
    put("list", list);
    put("net", net);
    put("tax", tax);
    put("gross", gross);
  }
  const plan = form.querySelector('[data-rows="instalments"]');
  if (!plan) return;
  let planned = 0n;
  for (const row of rowsOf(form, "instalments")) planned += rounded(parse(field(row, "amount").value, 3) ?? 0n, 3, digits);
  put("plan", planned);
  const gap = form.querySelector("[data-plan-gap]");
  if (gap && gross !== null) {
    gap.hidden = planned === gross || planned === 0n;
    put("gap", planned - gross);
  }
}

/** Shows of each row what its choice asks for: a date or an event, our people or the customer's. */
function choose(scope) {
  for (const row of scope.querySelectorAll("[data-row]")) {
    for (const [name, part] of [["due_by", "due"], ["side", "side"]]) {
      const chosen = field(row, name)?.value;
      if (!chosen) continue;
      for (const place of row.querySelectorAll(`[data-${part}]`)) place.hidden = place.dataset[part] !== chosen;
    }
  }
}

function addRow(form, name) {
  const total = form.querySelector(`[name="${name}-TOTAL_FORMS"]`);
  const most = Number(form.querySelector(`[name="${name}-MAX_NUM_FORMS"]`).value);
  if (Number(total.value) >= most) return false;
  const body = form.querySelector(`[data-rows="${name}"]`);
  const row = form.querySelector(`[data-row-template="${name}"]`).content.firstElementChild.cloneNode(true);
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of [...element.attributes]) {
      if (attribute.value.includes("__prefix__")) attribute.value = attribute.value.replace("__prefix__", total.value);
    }
  }
  const before = rowsOf(form, name).at(-1);
  if (before && name === "instalments") field(row, "due_by").value = field(before, "due_by").value;
  body.append(row);
  total.value = Number(total.value) + 1;
  window.htmx?.process(row);
  if (row.querySelector("select[data-lookup]")) {
    document.dispatchEvent(new CustomEvent("htmx:afterSettle", { detail: { target: row } }));
  }
  choose(form);
  row.querySelector("input:not([type=hidden]), select")?.focus();
  return true;
}

function removeRow(form, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.querySelector('[name$="-DELETE"]').checked = true;
  row.hidden = true;
  next?.querySelector("input:not([type=hidden]), select")?.focus();
}

const formOf = (element) => element.closest?.("[data-contract-form]");

// Before htmx hears the click: the rows are changed here, the server is only asked where this script does not run.
document.addEventListener(
  "click",
  (event) => {
    const add = event.target.closest?.("[data-add-row]");
    const remove = event.target.closest?.("[data-remove-row]");
    const form = formOf(add ?? remove ?? document);
    if (!form) return;
    if (add && !addRow(form, add.dataset.addRow)) return;
    if (remove) removeRow(form, remove.closest("[data-row]"));
    event.preventDefault();
    event.stopPropagation();
    addUp(form);
  },
  true,
);

function start(scope) {
  for (const form of scope.querySelectorAll?.("[data-contract-form]") ?? []) {
    choose(form);
    addUp(form);
  }
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = formOf(event.target);
    if (!form) return;
    if (kind === "change") choose(form);
    addUp(form);
  });
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.detail.target?.matches?.("[data-row]")) start(document);
});
start(document);

// The month grid: arrow keys go to the nearest day with a date on it.
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
document.addEventListener("keydown", (event) => {
  const grid = event.target.closest?.("[data-month-grid]");
  const step = STEPS[event.key];
  if (!grid || !step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const cell = event.target.closest("[data-day]");
  const links = [...cell.querySelectorAll("a, summary")].filter((link) => link.checkVisibility());
  const beside = links[links.indexOf(event.target) + Math.sign(step)];
  if (Math.abs(step) === 7 && beside) {
    beside.focus();
    return;
  }
  const cells = [...grid.querySelectorAll("[data-day]")];
  for (let at = cells.indexOf(cell) + step; at >= 0 && at < cells.length; at += step) {
    const found = [...cells[at].querySelectorAll("a, summary")];
    if (found.length) {
      found.at(step === -7 ? -1 : 0).focus();
      return;
    }
  }
});
