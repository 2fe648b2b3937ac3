// What scripts add to the answer page: questions shown at once when an answer opens them, one question in view on
// phones, answers kept while they are given, ranking by tapping. Without it every page is a plain form.
import { holds, read } from "./answer-conditions.js";

const form = document.querySelector("[data-answer]");
if (form) start(form);

function start(form) {
  const say = form.dataset;
  const questions = [...form.querySelectorAll("[data-question]")];
  const known = JSON.parse(say.known || "{}");
  const back = form.querySelector("[data-back]");
  const forward = form.querySelector("[data-forward]"); // where staff enter an answer there is none: all is in view
  const words = { forward: forward?.textContent, backHidden: back?.hidden };
  const progress = form.querySelector("[data-progress]");
  const bar = form.querySelector(".progress");
  const pages = progress?.textContent;
  const phone = matchMedia("(max-width: 640px)");
  const editing = "editing" in say;
  let at = 0;
  let sent = false;

  const visible = () => questions.filter((question) => !question.hidden);
  const one = () => phone.matches && !editing && visible().length > 1;

  function live() {
    const counted = { ...known };
    for (const question of questions) {
      if (question.dataset.show) question.hidden = !holds(JSON.parse(question.dataset.show), counted);
      const value = question.hidden ? null : read(question);
      if (value !== null) counted[question.dataset.question] = value;
    }
  }

  function draw() {
    if (!forward) return;
    const shown = visible();
    const single = one();
    at = Math.max(0, Math.min(at, shown.length - 1));
    questions.forEach((question) => question.classList.toggle("is-off", single && question !== shown[at]));
    form.querySelector("[data-intro]")?.toggleAttribute("hidden", single && at > 0);
    back.hidden = words.backHidden && !(single && at > 0);
    forward.textContent = single && at < shown.length - 1 ? say.next : words.forward;
    if (single) progress.textContent = [pages, say.at.replace("{n}", at + 1).replace("{m}", shown.length)].filter(Boolean).join(" · ");
    else progress.textContent = pages;
    bar.hidden = !progress.textContent;
    if (!pages) Object.assign(bar.firstElementChild, { max: shown.length, value: at + 1 });
  }

  function turn(to) {
    at = to;
    draw();
    const question = visible()[at];
    question.tabIndex = -1;
    question.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  function isMissing(question) {
    const missing = "required" in question.dataset && read(question) === null;
    const id = `${question.id}-fault`;
    const fault = document.getElementById(id);
    if (!missing || fault) return missing;
    const said = Object.assign(document.createElement("p"), { id, className: "aq-fault", textContent: say.missing });
    said.setAttribute("role", "alert");
    question.querySelector(".aq-ask").after(said);
    return true;
  }

  form.addEventListener("submit", (event) => {
    const go = event.submitter?.value ?? "next";
    const step = go === "next" ? 1 : go === "back" ? -1 : 0;
    const shown = visible();
    if (step && one() && shown[at + step]) {
      event.preventDefault();
      if (step < 0 || !isMissing(shown[at])) turn(at + step);
      return;
    }
    if (sent) event.preventDefault();
    sent = true;
    keeper.stop();
  });
  addEventListener("pageshow", () => (sent = false));

  form.addEventListener("input", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question) return;
    if (read(question) !== null) question.querySelector(".aq-fault")?.remove();
    live();
    draw();
    keeper.soon();
  });
  phone.addEventListener("change", draw);

  questions.forEach((question) => {
    if (question.dataset.kind === "ranking") ranking(question, say);
    if (!("required" in question.dataset) && question.querySelector("input[type=radio]")) clearing(question, say);
    if (question.dataset.kind === "text") counting(question, say);
  });
  form.querySelectorAll("[data-other]").forEach(besides);
  form.elements.seen.value = questions.map((question) => question.dataset.question).join(" ");
  const keeper = keeping(form, say, editing);
  live();
  const first = visible().findIndex((question) => question.querySelector(".aq-fault") || question.dataset.question === form.querySelector("[data-fresh]")?.dataset.fresh);
  at = Math.max(first, 0);
  draw();
  form.querySelector("[data-faults]")?.focus();
}

/** Keeps what was answered a moment after it was, and when the page is left. */
function keeping(form, say, editing) {
  const status = form.querySelector("[data-status]");
  let timer = null;
  let running = null;
  const body = () => {
    const data = new URLSearchParams(new FormData(form));
    data.set("go", "save");
    return data;
  };
  async function keep() {
    timer = null;
    running = new AbortController();
    try {
      const answer = await fetch(form.action, { method: "POST", body: body(), signal: running.signal, redirect: "manual" });
      status.textContent = answer.ok ? say.kept : say.lost;
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = say.lost;
    }
  }
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    running?.abort();
  };
  addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !timer) return;
    stop();
    navigator.sendBeacon(form.action, body());
  });
  return {
    stop,
    soon() {
      if (editing) return;
      clearTimeout(timer);
      timer = setTimeout(keep, 1500);
    },
  };
}

/** Places are given by tapping, in the person's order; the lists behind stay what is sent. */
function ranking(question, say) {
  const selects = [...question.querySelectorAll("[data-rank]")];
  const order = selects.filter((select) => select.value).sort((a, b) => a.value - b.value);
  const help = Object.assign(document.createElement("p"), { className: "aq-help", textContent: say.tap });
  question.querySelector(".aq-ranks").before(help);
  const buttons = selects.map((select) => {
    const label = select.previousElementSibling;
    const button = Object.assign(document.createElement("button"), { type: "button" });
    const place = document.createElement("b");
    const text = Object.assign(document.createElement("span"), { textContent: label.textContent });
    button.append(place, text);
    label.hidden = select.hidden = true;
    select.before(button);
    button.addEventListener("click", () => {
      if (order.includes(select)) order.splice(order.indexOf(select), 1);
      else order.push(select);
      // Whoever is left over when all others have their place has the last one.
      if (order.includes(select) && order.length === selects.length - 1) order.push(...selects.filter((other) => !order.includes(other)));
      show();
      question.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return { select, button, place, text };
  });
  function show() {
    for (const { select, button, place, text } of buttons) {
      const rank = order.indexOf(select) + 1;
      select.value = rank || "";
      place.textContent = rank || "";
      button.setAttribute("aria-pressed", rank > 0);
      button.setAttribute("aria-label", rank ? `${text.textContent}, ${say.place.replace("{n}", rank)}` : text.textContent);
    }
  }
  show();
}

/** What need not be answered can be taken back. */
function clearing(question, say) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "aq-clear", textContent: say.clear });
  const tools = Object.assign(document.createElement("p"), { className: "aq-tools" });
  tools.append(button);
  question.append(tools);
  const show = () => (tools.hidden = !question.querySelector("input:checked"));
  button.addEventListener("click", () => {
    question.querySelectorAll("input:checked").forEach((input) => (input.checked = false));
    question.querySelector("input").focus();
    question.dispatchEvent(new Event("input", { bubbles: true }));
  });
  question.addEventListener("input", show);
  show();
}

/** How much room is left, when it gets tight. */
function counting(question, say) {
  const area = question.querySelector("textarea");
  const left = Object.assign(document.createElement("p"), { className: "aq-tools" });
  question.append(left);
  const show = () => {
    const room = area.maxLength - area.value.length;
    left.hidden = room > area.maxLength / 5;
    left.textContent = left.hidden ? "" : say.left.replace("{n}", room);
  };
  area.addEventListener("input", show);
  show();
}

/** The line for other words is there when "other" is chosen. */
function besides(choice) {
  const question = choice.closest("[data-question]");
  const line = question.querySelector(".aq-other");
  const show = () => (line.hidden = ![...question.querySelectorAll("[data-other]")].some((input) => input.checked));
  question.addEventListener("input", show);
  show();
}
