// Logging an interaction: the dialog of every page, and the form's drafts, sending, chips, check-in and files.
import htmx from "htmx.org/dist/htmx.esm.js";
import * as outbox from "./outbox.js";
import { enhanceForm, filesIn, loadFiles, showFiles, stepRows } from "./logform.js";
import { say } from "./toasts.js";

const dialog = document.querySelector("[data-log-dialog]");
const words = dialog?.dataset ?? {};
const SAVE_AFTER = 300;
const page = () => document.querySelector("main [data-log-page]");
const formIn = (box) => box?.querySelector("[data-log-form]");
const keyOf = (form) => form.elements.client_key.value;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const timeOf = (at) =>
  new Date(at).toLocaleString(document.documentElement.lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

// The dialog
async function open(href) {
  if (page() && formIn(page())) {
    scrollTo({ top: 0 });
    page().querySelector("input[type=search], input[type=radio]")?.focus();
    return;
  }
  const box = dialog.querySelector("[data-log-box]");
  if (!dialog.open) dialog.showModal();
  const kept = formIn(box);
  const wanted = new URL(href, location.href).search;
  if (kept && box.dataset.search === wanted) return;
  if (kept?.dataset.touched) save(kept);
  box.dataset.search = wanted;
  box.replaceChildren();
  await htmx.ajax("GET", href, { target: box, swap: "innerHTML", source: box });
}

document.addEventListener("click", (event) => {
  const near = event.target.closest("a[href]:not([hx-get])");
  const opener = near?.pathname === words.url ? near : null;
  if (opener && dialog && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    document.querySelectorAll("dialog[open]").forEach((other) => other !== dialog && other.close());
    if (opener.closest("[data-log-done]")) opener.closest("[data-log-box]").replaceChildren();
    open(opener.href);
  }
  if (event.target.closest("[data-log-close]")) finish(event.target.closest("[data-log-box]"));
});

/** After logging: the dialog closes and the page shows what is new; the page of its own goes back. */
function finish(box) {
  if (!box.closest("dialog")) {
    location.assign(box.querySelector("[data-log-done] a[href]").href);
    return;
  }
  dialog.close();
}

/** Whether somebody has typed something into the page that is open. */
function unsaved() {
  const typed = "main form[method=post] :is(textarea, input:not([type=hidden], [type=search]))";
  return [...document.querySelectorAll(typed)].some((input) => input.value !== input.defaultValue || input.checked !== input.defaultChecked);
}

// Notes above the form
function note(form, text, ...actions) {
  const place = form.querySelector("[data-log-note]");
  place.replaceChildren(text, ...actions);
  place.hidden = !text;
}

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: text });
  made.addEventListener("click", act);
  return made;
}

function link(text, href) {
  return Object.assign(document.createElement("a"), { className: "btn btn-sm", textContent: text, href });
}

// Drafts
function capture(form, state) {
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  const who = form.querySelector("[data-log-who]").dataset;
  const files = filesIn(form).map(({ field, file }) => ({ field, name: file.name }));
  return { key: keyOf(form), state, fields, files, account: who.account ?? "", visit: who.visit ?? "", label: who.name ?? "" };
}

function save(form) {
  if (!form.isConnected || form.dataset.sent) return;
  outbox.keep(capture(form, outbox.find(keyOf(form))?.state ?? "draft"));
  const kept = form.querySelector("[data-log-kept]");
  if (kept) kept.textContent = words.kept;
}

const timers = new WeakMap();
function saveSoon(form) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), SAVE_AFTER));
}

/** Chosen files are kept with the draft, where the browser allows it. */
async function saveFiles(form) {
  await outbox.keepFiles(keyOf(form), filesIn(form));
  save(form);
}

const ready = (form) => enhanceForm(form, () => saveSoon(form), () => saveFiles(form));

async function restore(form, item) {
  const who = form.querySelector("[data-log-who]");
  if (item.account && (who.dataset.account !== item.account || (who.dataset.visit ?? "") !== item.visit)) {
    const query = new URLSearchParams(item.visit ? { visit: item.visit } : { account: item.account });
    await htmx.ajax("GET", `${form.dataset.whoUrl}?${query}`, { target: who, swap: "outerHTML", source: who });
  }
  const rows = item.fields.find(([name]) => name === "steps-TOTAL_FORMS")?.[1] ?? 1;
  stepRows(form, Number(rows));
  const values = Map.groupBy ? Map.groupBy(item.fields, ([name]) => name) : group(item.fields);
  for (const control of form.elements) {
    if (!control.name || control.type === "file" || control.name === "csrfmiddlewaretoken") continue;
    const given = (values.get(control.name) ?? []).map(([, value]) => value);
    if (control.type === "checkbox" || control.type === "radio") control.checked = given.includes(control.value);
    else if (given.length && control.name !== "account") control.value = given[0];
  }
  form.querySelector("[data-log-minutes], textarea").dispatchEvent(new Event("input"));
  const files = await outbox.filesOf(item.key);
  loadFiles(form, files);
  showFiles(form, files.length ? [] : item.files.map(({ name }) => name), words.filesLost);
}

function group(pairs) {
  const found = new Map();
  for (const pair of pairs) found.set(pair[0], [...(found.get(pair[0]) ?? []), pair]);
  return found;
}

/** A fresh form continues the newest draft that fits it, and says so. */
async function begin(form) {
  ready(form);
  const drafts = outbox.items().filter(({ state }) => state === "draft");
  const { account = "", visit = "" } = form.querySelector("[data-log-who]").dataset;
  const asked = new URLSearchParams(location.search).get("draft");
  const fits = (item) => (asked && item.key === asked) || !account || (item.account === account && (!visit || item.visit === visit));
  const draft = drafts.find(({ key }) => key === asked) ?? drafts.find(fits);
  if (draft) {
    const fresh = keyOf(form);
    await restore(form, draft);
    const forget = () => {
      outbox.drop(draft.key);
      form.dataset.sent = "1";
      form.elements.client_key.value = fresh;
      const box = form.closest("[data-log-box]");
      delete box.dataset.search;
      htmx.ajax("GET", words.url + (account ? `?account=${account}` : ""), { target: box, swap: "innerHTML", source: box });
    };
    note(form, fill(words.restored, { time: timeOf(draft.at) }), button(words.discard, forget));
  } else if (drafts.length) {
    const other = drafts[0];
    const text = fill(words.other, { name: other.label || "–", time: timeOf(other.at) });
    note(form, text, button(words.resume, () => restore(form, other).then(() => note(form, ""))));
  } else if (outbox.waiting().length) {
    note(form, fill(words.waiting, { count: outbox.waiting().length }));
  }
}

// Sending
async function submit(form) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const press = form.querySelector("button[type=submit]");
  press.disabled = true;
  clearTimeout(timers.get(form));
  form.elements.written_at.value ||= new Date().toISOString();
  const item = capture(form, "waiting");
  const files = filesIn(form);
  outbox.keep(item);
  await outbox.keepFiles(item.key, files);
  const outcome = await outbox.send(item, files);
  if (outcome.state === "sent") outbox.drop(item.key);
  if (outcome.state === "refused") outbox.keep({ ...item, state: "draft" });
  delete form.dataset.busy;
  press.disabled = false;
  answer(form, item, outcome, files);
}

async function answer(form, item, outcome, files) {
  const box = form.closest("[data-log-box]");
  if (outcome.state === "sent") {
    form.dataset.sent = "1";
    delete box.dataset.search;
    htmx.swap(box, outcome.html, { swapStyle: "innerHTML" });
    box.querySelector("[data-focus]")?.focus();
  } else if (outcome.state === "refused" && outcome.html) {
    form.dataset.sent = "1";
    htmx.swap(box, outcome.html, { swapStyle: "innerHTML" });
    const shown = formIn(box);
    shown.dataset.ready = "1";
    ready(shown);
    shown.elements.written_at.value = "";
    loadFiles(shown, files);
    box.querySelector("[data-focus]")?.focus();
  } else if (outcome.state === "refused") {
    form.elements.written_at.value = "";
    note(form, words.refused);
  } else if (outcome.state === "login") {
    note(form, words.login, link(words.loginLink, outcome.href));
  } else if (outcome.state === "stale") {
    note(form, words.stale, button(words.reload, () => location.reload()));
  } else {
    const again = () => {
      dialog.querySelector("[data-log-box]").replaceChildren();
      delete dialog.querySelector("[data-log-box]").dataset.search;
      if (dialog.open) dialog.close();
    };
    note(form, words.offline, ...(form.closest("dialog") ? [button(words.close, again)] : []));
  }
  form.querySelector("[data-log-note]")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-log-form]") || !dialog) return;
    event.preventDefault();
    submit(form);
  },
  true,
);

/** What waited has been sent, or not: where its form is still open it is answered there, else in a toast. */
function told(item, outcome) {
  const form = [...document.querySelectorAll("[data-log-form]")].find((shown) => keyOf(shown) === item.key);
  const name = item.label || words.title;
  if (form && !form.dataset.busy) outbox.filesOf(item.key).then((files) => answer(form, item, outcome, files));
  else if (outcome.state === "sent") say("success", fill(words.sent, { name }));
  else if (outcome.state === "refused") say("warning", fill(words.notTaken, { name }), `${words.url}?draft=${item.key}`);
}

// Logging out deletes what is kept: it asks first if something would be lost.
function guardLogout() {
  const count = outbox.items().length;
  for (const form of document.querySelectorAll('form[action$="/logout/"]')) {
    if (count) form.dataset.confirm = fill(words.logout, { count });
    else delete form.dataset.confirm;
  }
}

if (dialog) {
  document.addEventListener("htmx:afterSettle", (event) => {
    const form = formIn(event.detail.target?.closest?.("[data-log-box]"));
    if (form && !form.dataset.ready) {
      form.dataset.ready = "1";
      begin(form);
    }
  });
  // Another account was chosen: that is worth keeping at once.
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = document.querySelector("dialog[open] [data-log-form][data-ready]") ?? formIn(page());
    if (form && event.detail.requestConfig?.path?.startsWith(form.dataset.whoUrl) && event.detail.elt?.closest?.("[data-log-who]")) {
      if (form.dataset.touched) saveSoon(form);
    }
  });
  dialog.addEventListener("close", () => {
    const done = dialog.querySelector("[data-log-done]");
    done?.closest("[data-log-box]").replaceChildren();
    if (done && !unsaved()) location.reload();
  });
  document.addEventListener("kam:outbox", guardLogout);
  document.addEventListener("submit", (event) => {
    if (event.target.matches('form[action$="/logout/"]')) outbox.clear();
  });
  addEventListener("pagehide", () => document.querySelectorAll("[data-log-form][data-touched]").forEach((form) => save(form)));
  guardLogout();
  const form = formIn(page());
  if (form) {
    form.dataset.ready = "1";
    begin(form);
  }
  outbox.watch(told);
}
for (const form of document.querySelectorAll("[data-log-edit]")) enhanceForm(form, () => {});
