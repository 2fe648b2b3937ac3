// Drafts of logged interactions, kept on this device: one store for each user, never shown to another. What could not be
// sent waits here; the server knows each draft by its key and takes it once, however often it is sent.
// Texts lie in localStorage, files in IndexedDB (lost where that is not allowed: their names are kept, and asked for).
const RETRY = 20_000;
const KEPT_DAYS = 30;
const PREFIX = "kam.log.";
const dialog = document.querySelector("[data-log-dialog]");
const user = dialog?.dataset.user;
const url = dialog?.dataset.url;
const name = PREFIX + user;

function read() {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

function write(items) {
  try {
    if (Object.keys(items).length) localStorage.setItem(name, JSON.stringify(items));
    else localStorage.removeItem(name);
  } catch {
    // Full or forbidden: the form itself still holds what was typed.
  }
  document.dispatchEvent(new CustomEvent("kam:outbox"));
}

/** All items of the user, newest first: {key, state: "draft" | "waiting", fields, files, account, label, at}. */
export const items = () => Object.values(read()).sort((a, b) => b.at - a.at);
export const waiting = () => items().filter((item) => item.state === "waiting");
export const find = (key) => read()[key];

export function keep(item) {
  write({ ...read(), [item.key]: { ...item, at: Date.now() } });
}

export function drop(key) {
  const all = read();
  delete all[key];
  write(all);
  keepFiles(key, []);
}

/** On logout nothing of the user stays on the device. */
export async function clear() {
  for (const { key } of items()) await keepFiles(key, []);
  localStorage.removeItem(name);
}

// Files
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("kam-log", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function store(mode, act) {
  const base = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction("files", mode);
      const asked = act(transaction.objectStore("files"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    base.close();
  }
}

/** Keeps [{field, file}] of a draft; an empty list removes them. False where the browser does not allow it. */
export async function keepFiles(key, files) {
  const id = `${user}:${key}`;
  try {
    await store("readwrite", (box) => (files.length ? box.put(files, id) : box.delete(id)));
    return true;
  } catch {
    return false;
  }
}

export async function filesOf(key) {
  try {
    return (await store("readonly", (box) => box.get(`${user}:${key}`))) ?? [];
  } catch {
    return [];
  }
}

// Sending
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

/**
 * Sends an item once. {state: "sent" | "refused", html} when the server has spoken, {state: "login", href} when the
 * session has ended, {state: "stale"} when this page is too old to send, {state: "offline"} when nothing was reached.
 */
export async function send(item, files) {
  const body = new FormData();
  for (const [field, value] of item.fields) if (field !== "csrfmiddlewaretoken") body.append(field, value);
  for (const { field, file } of files) body.append(field, file, file.name);
  const headers = { "X-CSRFToken": token(), "HX-Request": "true", "HX-Current-URL": location.href };
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body, headers });
  } catch {
    return { state: "offline" };
  }
  const login = answer.headers.get("HX-Redirect");
  if (login) return { state: "login", href: login };
  if (answer.status === 403) return { state: "stale" };
  if (answer.status === 201) return { state: "sent", html: await answer.text() };
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
    return { state: "refused", html: answer.status === 422 ? await answer.text() : "" };
  }
  return { state: "offline" };
}

// Two windows of one user do not send the same at the same time (the server would take it once all the same).
const alone = (act) => (navigator.locks ? navigator.locks.request("kam-log", { ifAvailable: true }, (lock) => lock && act()) : act());

let busy = false;
/** Sends what waits, oldest first; `tell(item, outcome)` hears of each answer. */
export async function flush(tell) {
  if (busy || !waiting().length) return;
  busy = true;
  try {
    await alone(async () => {
      for (const { key } of waiting().reverse()) {
        const item = find(key);
        if (item?.state !== "waiting") continue;
        const outcome = await send(item, await filesOf(key));
        if (outcome.state === "sent") drop(key);
        else if (outcome.state === "refused") keep({ ...item, state: "draft" });
        tell(item, outcome);
        if (!["sent", "refused"].includes(outcome.state)) return;
      }
    });
  } finally {
    busy = false;
  }
}

export function watch(tell) {
  if (!user) return;
  const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
  for (const item of items()) if (item.at < oldest && item.state === "draft") drop(item.key);
  const go = () => flush(tell);
  addEventListener("online", go);
  document.addEventListener("visibilitychange", () => document.hidden || go());
  setInterval(go, RETRY);
  go();
}
