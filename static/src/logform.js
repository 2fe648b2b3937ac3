// The form for logging, made quick: chips that set dates, topics and people, a growing text, position and files.
const MOST_SHOWN = 0.9; // the counter appears when so much of the text is used
const MAX_SIDE = 2000;
const SHRINK_FROM = 1_200_000;
const ASK_AFTER = 150;
const MOST_ROWS = 18;

/** Everything the form can do; `changed` hears of typing and tapping, `attached` of files that were chosen. */
export function enhanceForm(form, changed, attached = () => {}) {
  const touched = () => {
    form.dataset.touched = "1";
    changed();
  };
  form.addEventListener("input", touched);
  form.addEventListener("change", (event) => {
    touched();
    if (event.target.matches("[data-log-consent]")) checkIn(event.target, changed);
    if (event.target.matches("[name=when][value=day]")) askDay(form.elements.day);
    if (event.target.matches("[data-log-file]")) filesChosen(form, event.target).then(attached);
  });
  form.addEventListener("click", (event) => clicked(form, event, touched));
  form.addEventListener("keydown", (event) => pressed(form, event));
  for (const hidden of form.querySelectorAll("[data-log-add], [data-log-due], [data-log-topic-pills]")) hidden.hidden = false;
  for (const radio of form.querySelectorAll("input[type=radio][data-optional]")) deselectable(radio, touched);
  const text = form.querySelector("textarea[data-most]");
  if (text) growing(form, text);
}

/** A tap on an account counts at once; its people follow when the network brings them, if it does. */
function pick(form, chosen) {
  const who = chosen.closest("[data-log-who]");
  Object.assign(who.dataset, { account: chosen.dataset.account, name: chosen.dataset.name });
  who.querySelector("input[name=account]").value = chosen.dataset.code;
  who.querySelectorAll("[data-log-pick]").forEach((other) => other.classList.toggle("is-on", other === chosen));
  who.querySelector("input[name=visit]")?.remove();
  if (!chosen.dataset.visit) return;
  who.dataset.visit = chosen.dataset.visit;
  who.append(Object.assign(document.createElement("input"), { type: "hidden", name: "visit", value: chosen.dataset.visit }));
  if (!form.querySelector("input[name=kind]:checked")) form.querySelector("input[name=kind][value=visit]").checked = true;
}

function clicked(form, event, touched) {
  const chosen = event.target.closest("[data-log-pick]");
  if (chosen) pick(form, chosen);
  const day = event.target.closest("[data-days]");
  const topic = event.target.closest("[data-topic]");
  if (day) {
    const input = day.closest("[data-log-step]").querySelector("input[type=date]");
    input.value = inDays(Number(day.dataset.days), form.dataset.zone);
    touched();
  }
  if (topic) {
    const input = form.querySelector("[data-log-topics]");
    const names = input.value.split(/[,，;；、]/).map((name) => name.trim()).filter(Boolean);
    const { topic: name } = topic.dataset;
    input.value = (names.includes(name) ? names.filter((other) => other !== name) : [...names, name]).join(", ");
    topic.classList.toggle("is-on", !names.includes(name));
    touched();
  }
  if (event.target.closest("[data-log-add]")) {
    stepRows(form, form.querySelectorAll("[data-log-step-rows] > *").length + 1);
    form.querySelector("[data-log-step-rows] > :last-child input[type=text]").focus();
  }
}

function pressed(form, event) {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Enter" && event.target.matches("[data-log-account]")) {
    event.preventDefault();
    form.querySelector("[data-log-found] a")?.click();
  } else if (event.key === "Enter" && event.target.matches("input:not([type=checkbox], [type=radio])")) {
    event.preventDefault(); // a phone's "go" key leaves the field, it does not send half a form
    event.target.blur();
  }
}

/** "Another day" opens the calendar at once, where the browser lets a page do that. */
function askDay(input) {
  if (input.value) return;
  try {
    input.showPicker();
  } catch {
    input.focus();
  }
}

/** The date in so many days, in the user's time zone. */
function inDays(days, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(new Date(Date.now() + days * 24 * 3600 * 1000));
}

/** A second tap takes an optional choice back. */
function deselectable(radio, changed) {
  radio.addEventListener("pointerdown", () => (radio.dataset.was = radio.checked ? "1" : ""));
  radio.closest("label").addEventListener("pointerdown", () => (radio.dataset.was = radio.checked ? "1" : ""));
  radio.addEventListener("click", () => {
    if (!radio.dataset.was) return;
    radio.checked = false;
    radio.dataset.was = "";
    changed();
  });
}

// Next steps
export function stepRows(form, count) {
  const rows = form.querySelector("[data-log-step-rows]");
  const total = form.elements["steps-TOTAL_FORMS"];
  const most = Number(form.elements["steps-MAX_NUM_FORMS"].value);
  const template = form.querySelector("[data-log-step-template]");
  for (let number = rows.children.length; number < Math.min(count, most); number += 1) {
    const row = template.content.cloneNode(true);
    for (const control of row.querySelectorAll("[name]")) control.name = control.name.replace("__prefix__", number);
    rows.append(row);
  }
  rows.querySelectorAll("[data-log-due]").forEach((due) => (due.hidden = false));
  total.value = rows.children.length;
  form.querySelector("[data-log-add]").hidden = rows.children.length >= most;
}

// Minutes: the box grows, the counter warns, @ suggests colleagues
function growing(form, text) {
  const most = Number(text.dataset.most);
  const count = form.querySelector("[data-log-count]");
  const fit = () => {
    // By rows, not by a style: the Content-Security-Policy refuses styles that htmx would carry over.
    while (text.rows < MOST_ROWS && text.scrollHeight > text.clientHeight) text.rows += 1;
    const { length } = text.value;
    count.hidden = length < most * MOST_SHOWN;
    count.classList.toggle("text-danger", length > most);
    const number = (value) => value.toLocaleString("en");
    count.textContent = count.dataset.text.replace("{count}", number(length)).replace("{most}", number(most));
  };
  text.addEventListener("input", fit);
  fit();
  mentions(form, text);
}

function mentions(form, text) {
  const list = form.querySelector("[data-log-mentions]");
  let timer;
  const word = () => /(?:^|[^A-Za-z0-9._%+-])[@＠]([^\s@＠]{0,20})$/.exec(text.value.slice(0, text.selectionStart));
  const hide = () => {
    list.hidden = true;
    list.replaceChildren();
  };
  async function ask() {
    const found = word();
    if (!found) return hide();
    let people = [];
    try {
      const answer = await fetch(`${text.dataset.mentions}?${new URLSearchParams({ q: found[1] })}`);
      if (answer.ok && !answer.redirected) people = (await answer.json()).results.slice(0, 6);
    } catch {
      // No network, no suggestions.
    }
    list.replaceChildren(...people.map((person) => suggestion(person)));
    list.hidden = !people.length || !word();
  }
  function suggestion(person) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "pill" });
    made.append(Object.assign(document.createElement("span"), { textContent: person.text }));
    made.addEventListener("click", () => {
      const at = text.selectionStart;
      const [, typed] = word() ?? [null, ""];
      text.setRangeText(`${person.text} `, at - typed.length, at, "end");
      text.focus();
      hide();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return made;
  }
  text.addEventListener("input", () => {
    clearTimeout(timer);
    if (word()) timer = setTimeout(ask, ASK_AFTER);
    else hide();
  });
}

// Check-in: the position is asked for when, and only when, somebody ticks the box
function checkIn(box, changed) {
  const { form } = box;
  const place = form.querySelector("[data-log-place]");
  const fields = ["latitude", "longitude", "accuracy_m"].map((name) => form.elements[name]);
  const set = (...values) => fields.forEach((field, number) => (field.value = values[number] ?? ""));
  set();
  if (!box.checked) {
    place.textContent = place.dataset.ask;
    return;
  }
  const failed = () => {
    box.checked = false;
    place.textContent = place.dataset.failed;
    changed();
  };
  if (!navigator.geolocation) return failed();
  place.textContent = place.dataset.finding;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      if (!box.checked) return;
      const metres = Math.round(coords.accuracy);
      set(coords.latitude.toFixed(5), coords.longitude.toFixed(5), metres);
      place.textContent = place.dataset.found.replace("{metres}", metres.toLocaleString("en"));
      changed();
    },
    failed,
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
  );
}

// Files
export const filesIn = (form) =>
  [...form.querySelectorAll("[data-log-file]")].flatMap((input) => [...input.files].map((file) => ({ field: input.name, file })));

/** Puts kept files back into the form. */
export function loadFiles(form, files) {
  for (const input of form.querySelectorAll("[data-log-file]")) {
    const transfer = new DataTransfer();
    for (const { field, file } of files) if (field === input.name) transfer.items.add(file);
    input.files = transfer.files;
  }
  showFiles(form);
}

/** The names of the chosen files; `lost` are names whose files must be chosen again. */
export function showFiles(form, lost = [], words = "") {
  const names = filesIn(form).map(({ file }) => `${file.name} (${Math.max(1, Math.round(file.size / 1024)).toLocaleString("en")} KB)`);
  const missing = lost.length ? [`${words} ${lost.join(", ")}`] : [];
  form.querySelector("[data-log-files]").textContent = [...names, ...missing].join(" · ");
}

async function filesChosen(form, input) {
  if (input.name === "photo" && input.files[0]) {
    const small = await shrunk(input.files[0]);
    const transfer = new DataTransfer();
    transfer.items.add(small);
    input.files = transfer.files;
  }
  showFiles(form);
}

/** A large photo as a JPEG of at most 2000 pixels a side, so that it can be sent from a phone; else as it is. */
async function shrunk(file) {
  if (file.size < SHRINK_FROM) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    const canvas = Object.assign(document.createElement("canvas"), {
      width: Math.round(picture.width * scale),
      height: Math.round(picture.height * scale),
    });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}
