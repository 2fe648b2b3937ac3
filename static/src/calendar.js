// The visit calendar: week and month, dragging, and the same by keyboard. Only wide screens have it; narrow ones, and
// browsers without scripts, have the list that the page was sent with.
import { createCalendar, DayGrid, Interaction, TimeGrid } from "@event-calendar/core";

const box = document.querySelector("[data-calendar]");
const words = JSON.parse(document.getElementById("calendar-words")?.textContent ?? "{}");
const live = document.querySelector("[data-calendar-live]");
const wide = matchMedia("(min-width: 768px)");
const LOCALES = { "zh-hans": "zh-CN", "zh-hant": "zh-TW", en: "en-GB" };
const locale = LOCALES[document.documentElement.lang] ?? document.documentElement.lang;
const STATE_ICONS = { overdue: "clock-exclamation", done: "circle-check", missed: "circle-x" };
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const DAY = 24 * 3600 * 1000;
const sprite = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
const SVG = "http://www.w3.org/2000/svg";

let calendar = null;
let pending = null; // { id, start, end, origin } while arrow keys choose another day

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const pad = (number) => String(number).padStart(2, "0");
const isoDay = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
const clock = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;
const longDay = (date) => date.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" });
const say = (text) => {
  if (live) live.textContent = text;
};

function make(tag, css, text) {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text) element.textContent = text;
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

function toast(kind, text, undo) {
  const item = make("div", `toast-item toast-${kind}`);
  item.dataset.toast = kind;
  item.append(make("span", "", text));
  if (undo) {
    const button = make("button", "toast-undo", words.undo);
    button.type = "button";
    button.addEventListener("click", () => {
      item.remove();
      undo();
    });
    item.append(button);
  }
  const close = make("button", "btn-close");
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", words.close);
  item.append(close);
  document.getElementById("toasts")?.append(item);
}

/** Asks in the page's own dialog; resolves to whether it was confirmed. */
function confirmed(text) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("#confirm-text").textContent = text;
  return new Promise((resolve) => {
    dialog.querySelector("[data-confirm-yes]").onclick = () => {
      dialog.returnValue = "yes";
      dialog.close("yes");
    };
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

async function post(event, start, allDay, sure) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", box.dataset.token);
  body.set("date", isoDay(start));
  if (!allDay) body.set("time", clock(start));
  if (sure) body.set("confirmed", "on");
  const response = await fetch(event.extendedProps.drop, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return { error: response.status === 403 ? words.fixed : words.failed };
  return response.json();
}

/** Sends a move; `revert` puts the visit back where it was. Resolves to whether it stays. */
async function move(event, before, revert) {
  let answer;
  try {
    answer = await post(event, event.start, event.allDay, false);
    if (answer.warnings) {
      const go = await confirmed(`${answer.warnings.join(" ")} ${words.confirm}`);
      answer = go ? await post(event, event.start, event.allDay, true) : { error: words.back, quiet: true };
    }
  } catch {
    answer = { error: words.failed };
  }
  if (answer.moved) {
    say(answer.text);
    toast("success", answer.text, async () => {
      const back = await post(event, before.start, before.allDay, true).catch(() => ({ error: words.failed }));
      toast(back.error ? "danger" : "success", back.error ?? back.text);
      calendar.refetchEvents();
    });
    calendar.refetchEvents();
    return true;
  }
  revert();
  say(answer.error);
  if (!answer.quiet) toast("danger", answer.error);
  return false;
}

const elementOf = (id) => box.querySelector(`[data-visit="${CSS.escape(id)}"]`);

/** Shows the visit `days` further on, and says so; nothing is sent yet. */
function step(event, days) {
  if (!event.editable && event.editable !== undefined) {
    say(words.fixed);
    return;
  }
  pending ??= { id: event.id, origin: { start: event.start, end: event.end, allDay: event.allDay } };
  const shift = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, date.getHours(), date.getMinutes());
  place({ ...event, start: shift(event.start), end: shift(event.end), classNames: [...event.classNames.filter((name) => name !== "visit-pending"), "visit-pending"] });
  say(fill(words.pending, { date: longDay(shift(event.start)) }));
}

function place(event) {
  calendar.updateEvent(event);
  if (event.start < calendar.getView().activeStart || event.start >= calendar.getView().activeEnd) calendar.setOption("date", event.start);
  requestAnimationFrame(() => requestAnimationFrame(() => elementOf(event.id)?.focus()));
}

function leave() {
  if (!pending) return;
  const { id, origin } = pending;
  const event = calendar.getEventById(id);
  pending = null;
  if (event) place({ ...event, ...origin, classNames: event.classNames.filter((name) => name !== "visit-pending") });
}

async function commit(event) {
  const { origin, id } = pending;
  pending = null;
  const put = () => place({ ...calendar.getEventById(id), ...origin, classNames: event.classNames.filter((name) => name !== "visit-pending") });
  if (await move(event, origin, put)) focusLater(id);
}

/** The visit keeps the focus when the calendar has drawn itself anew. */
function focusLater(id) {
  let tries = 20;
  const attempt = () => {
    const element = elementOf(id);
    if (element && !element.classList.contains("visit-pending")) element.focus();
    else if (tries-- > 0) setTimeout(attempt, 100);
  };
  setTimeout(attempt, 100);
}

const here = () => encodeURIComponent(location.pathname + location.search);

function onKey(domEvent) {
  const element = domEvent.target.closest?.("[data-visit]");
  if (!element || domEvent.ctrlKey || domEvent.metaKey || domEvent.altKey) return;
  const event = calendar.getEventById(element.dataset.visit);
  if (!event) return;
  const { key } = domEvent;
  const days = STEPS[key];
  if (days) step(event, days);
  else if (key === "Enter" && pending?.id === event.id) commit(event);
  else if (key === "Escape" && pending) {
    leave();
    say(words.back);
  } else if (key === "m" || key === "Enter") location.assign(event.editable === false ? event.extendedProps.url : `${event.extendedProps.move}?next=${here()}`);
  else if (key === "o") location.assign(event.extendedProps.url);
  else return;
  domEvent.preventDefault();
  domEvent.stopImmediatePropagation();
}

function content({ event, view }) {
  if (event.display === "background") return { domNodes: [make("span", "day-label", event.title)] };
  const { state, person, city, purpose } = event.extendedProps;
  const line = make("div", "visit-line");
  if (STATE_ICONS[state]) line.append(icon(STATE_ICONS[state]));
  if (!event.allDay) line.append(make("span", "visit-time", clock(event.start)));
  line.append(make("span", "visit-name", event.title));
  const more = [person, city, purpose].filter(Boolean).join(" · ");
  const nodes = [line];
  if (view.type === "dayGridMonth") {
    if (person) line.append(make("span", "visit-more", person));
  } else if (more) nodes.push(make("div", "visit-more", more));
  return { domNodes: nodes };
}

function mounted({ el, event }) {
  if (event.display === "background") return;
  const { person, city, purpose, stateText, tier } = event.extendedProps;
  el.dataset.visit = event.id;
  el.tabIndex = 0;
  el.setAttribute("role", "button");
  const when = event.allDay ? longDay(event.start) : `${longDay(event.start)} ${clock(event.start)}`;
  const facts = [event.title, tier, when, stateText, person, city, purpose].filter(Boolean);
  el.setAttribute("aria-label", facts.join(", "));
  el.setAttribute("aria-description", words.hint);
  el.title = facts.join(" · ");
}

async function load(info) {
  const url = new URL(box.dataset.events, location.href);
  url.searchParams.set("start", info.startStr.slice(0, 10));
  url.searchParams.set("end", info.endStr.slice(0, 10));
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${response.status}`);
  const { events, note } = await response.json();
  const line = document.querySelector("[data-calendar-note]");
  if (line) {
    line.textContent = note;
    line.hidden = !note;
  }
  return events;
}

function start() {
  const list = document.querySelector("[data-days]");
  if (!wide.matches || calendar) return;
  box.hidden = false;
  if (list) list.hidden = true;
  const help = document.querySelector("[data-calendar-help]");
  if (help) help.hidden = false;
  calendar = createCalendar(box, [DayGrid, TimeGrid, Interaction], {
    view: box.dataset.view === "month" ? "dayGridMonth" : "timeGridWeek",
    date: box.dataset.date,
    locale,
    firstDay: 1,
    headerToolbar: { start: "", center: "", end: "" },
    eventSources: [{ events: load }],
    editable: true,
    eventStartEditable: true,
    eventDurationEditable: false,
    dayMaxEvents: true,
    nowIndicator: true,
    pointer: true,
    slotMinTime: "07:00",
    slotMaxTime: "20:00",
    flexibleSlotTimeLimits: true,
    slotDuration: "00:30",
    snapDuration: "00:15",
    scrollTime: "07:00",
    height: "100%",
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    allDayContent: words.allDay,
    moreLinkContent: ({ num }) => fill(words.more, { n: num }),
    buttonText: (texts) => ({ ...texts, close: words.close }),
    dayHeaderFormat: box.dataset.view === "month" ? { weekday: "short" } : { weekday: "short", day: "numeric", month: "numeric" },
    eventContent: content,
    eventDidMount: mounted,
    eventClick: ({ event }) => {
      if (event.display !== "background") location.assign(event.extendedProps.url);
    },
    dateClick: ({ date, allDay }) => {
      if (!allDay || date) location.assign(`${box.dataset.new}?date=${isoDay(date)}&next=${here()}`);
    },
    eventDrop: ({ event, oldEvent, revert }) => {
      if (event.allDay !== oldEvent.allDay && !event.allDay) event.end = new Date(event.start.getTime() + DAY / 24);
      move(event, oldEvent, revert);
    },
  });
  // A week without visits has nothing to focus inside: the keyboard scrolls the hours themselves.
  box.querySelector(".ec-body")?.setAttribute("tabindex", "0");
  box.addEventListener("keydown", onKey, true);
  box.addEventListener("focusout", (event) => {
    if (pending && event.relatedTarget && event.relatedTarget.dataset?.visit !== pending.id) leave();
  });
}

if (box) {
  start();
  wide.addEventListener("change", () => calendar || start());
}
