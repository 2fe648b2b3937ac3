// The builder of questionnaires: pages and questions edited in place, moved by drag and keyboard, a live preview beside.
// Everything is kept on this page (and in the tab's storage) until the server has taken it.
import { conditionEditor } from "./survey-builder/conditions.js";
import { copied, newKey, newQuestion, packed, prepare, questionsOf } from "./survey-builder/data.js";
import { fill, h, icon, useSprite } from "./survey-builder/dom.js";
import { handle, headEditor, questionEditor, textField } from "./survey-builder/fields.js";
import { sortable } from "./survey-builder/sorting.js";

const PREVIEW_AFTER = 350; // ms after the last change
const UNDO_STEPS = 60;
const json = (id) => JSON.parse(document.getElementById(id).textContent);

class Builder {
  constructor(root) {
    this.root = root;
    this.config = json("sb-config");
    this.data = prepare(json("sb-definition"));
    this.languages = Object.keys(this.config.languages);
    this.language = this.config.language;
    this.plain = document.querySelector("[data-sb-plain]");
    this.seen = this.plain.elements.seen.value || this.config.seen;
    this.stored = JSON.stringify(packed(this.data));
    this.store = `survey-draft:${location.pathname}`;
    this.history = [];
    this.problems = [];
    this.conditionWords = {};
    this.keysOpen = false;
    useSprite(this.config.sprite);
    this.open = this.data.pages[0]?.questions.length || this.data.title[this.language] ? null : this.data;
    this.plain.hidden = true;
    root.hidden = false;
    this.listen();
    this.restore();
    this.render();
    this.refresh(0);
    if (location.hash.length > 1) this.show(decodeURIComponent(location.hash.slice(1)));
  }

  part(name) {
    return this.root.querySelector(`[data-sb-${name}]`);
  }

  listen() {
    sortable(this.part("edit"), { move: (...a) => this.move(...a), step: (...a) => this.step(...a) });
    this.part("save").addEventListener("click", () => this.save());
    this.part("publish").addEventListener("click", () => this.publish());
    this.part("undo").addEventListener("click", () => this.undo());
    this.part("problems").addEventListener("click", () => this.nextProblem());
    this.part("try").addEventListener("change", () => this.refresh(0));
    this.part("preview").addEventListener("change", () => this.part("try").checked && this.refresh(0));
    this.part("preview").addEventListener("submit", (event) => event.preventDefault());
    this.part("preview").addEventListener("click", (event) => this.openFromPreview(event));
    this.part("edit").addEventListener("focusin", () => (this.before = JSON.stringify(this.data)));
    for (const input of this.root.querySelectorAll("[name=sb-language]")) {
      input.checked = input.value === this.language;
      input.addEventListener("change", () => this.edit(input.value));
    }
    for (const button of this.root.querySelectorAll("[data-sb-view]")) button.addEventListener("click", () => this.view(button.dataset.sbView));
    window.addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
      if (event.key.toLowerCase() === "s") this.save();
      else if (event.key.toLowerCase() === "z" && !event.shiftKey && !event.target.matches("input[type=text], textarea")) this.undo();
      else return;
      event.preventDefault();
    });
  }

  // What is edited
  textOf(texts) {
    return texts?.[this.language] || Object.values(texts ?? {}).find(Boolean) || "";
  }

  nameOf(question) {
    return `${questionsOf(this.data).indexOf(question) + 1}. ${this.textOf(question.text) || this.config.words.empty}`;
  }

  get dirty() {
    return JSON.stringify(packed(this.data)) !== this.stored;
  }

  /** Change the structure: it can be undone, and the list is drawn anew. */
  change(act, focus) {
    this.remember(JSON.stringify(this.data));
    act();
    this.render(focus);
    this.changed();
  }

  /** A text was typed: nothing is drawn anew. */
  typed() {
    if (this.before) this.remember(this.before);
    this.before = null;
    this.changed();
    const head = this.open === this.data ? null : this.part("edit").querySelector(".is-open > .sb-head .sb-name");
    if (head) head.textContent = this.textOf(this.open.text) || this.config.words.empty;
  }

  changed() {
    const dirty = this.dirty;
    this.part("state").textContent = dirty ? this.config.words.unsaved : "";
    try {
      if (dirty) sessionStorage.setItem(this.store, JSON.stringify({ seen: this.seen, data: this.data }));
      else sessionStorage.removeItem(this.store);
    } catch {
      // without storage it is kept on the page alone
    }
    this.refresh();
  }

  remember(state) {
    if (this.history.at(-1) === state) return;
    this.history.push(state);
    if (this.history.length > UNDO_STEPS) this.history.shift();
    this.part("undo").disabled = false;
  }

  undo() {
    const state = this.history.pop();
    if (!state) return;
    const place = this.open && this.open !== this.data ? this.placeOf(this.open) : null;
    this.data = JSON.parse(state);
    this.open = place ? this.at(place) ?? null : this.open ? this.data : null;
    this.part("undo").disabled = !this.history.length;
    this.render();
    this.changed();
    this.say(this.config.words.undone);
  }

  /** What was not saved when the page was left is here again, if the draft is still the same. */
  restore() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(this.store) ?? "null");
    } catch {
      return;
    }
    if (!kept || kept.seen !== this.seen || JSON.stringify(packed(kept.data)) === this.stored) return;
    const stored = this.data;
    this.data = prepare(kept.data);
    const { words } = this.config;
    this.alert(words.restored, "info", [[words.discardRestored, () => {
      this.data = stored;
      this.open = null;
      this.alert("");
      this.render();
      this.changed();
    }]]);
    this.part("state").textContent = words.unsaved;
  }

  // Places
  at(place) {
    return place.split(".").reduce((row, step) => row?.[step], this.data);
  }

  placeOf(row) {
    for (const [number, page] of this.data.pages.entries()) {
      if (page === row) return `pages.${number}`;
      const position = page.questions.indexOf(row);
      if (position >= 0) return `pages.${number}.questions.${position}`;
    }
    return "";
  }

  // Drawing
  render(focus = document.activeElement?.dataset?.focus) {
    const edit = this.part("edit");
    const { words, kinds, icons, limits } = this.config;
    let earlier = [];
    let number = 0;
    const pages = this.data.pages.map((page, at) => {
      const place = `pages.${at}`;
      const before = [...earlier];
      const items = page.questions.map((question, position) => {
        number += 1;
        const item = this.questionItem(question, `${place}.questions.${position}`, number, [...earlier]);
        earlier.push(question);
        return item;
      });
      return this.pageItem(page, place, at, before, items);
    });
    const addPage = h("button", { class: "btn", type: "button", disabled: this.data.pages.length >= limits.pages, onclick: () => this.addPage() }, icon("plus"), words.addPage);
    edit.replaceChildren(this.headItem(), h("ol", { class: "sb-pages" }, pages), addPage);
    this.kindsMenu = Object.entries(kinds).map(([kind, label]) => [kind, label, icons[kind]]);
    this.showProblems();
    if (focus) edit.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
  }

  headItem() {
    const open = this.open === this.data;
    const { words } = this.config;
    const button = h("button", { class: "sb-head", type: "button", "aria-expanded": String(open), "data-focus": "head", onclick: () => this.toggle(this.data) },
      icon("flag"), h("span", { class: "sb-name" }, words.head), h("span", { class: "sb-badge", "data-badge": "head" }));
    return h("section", { class: `sb-item sb-start${open ? " is-open" : ""}` }, button, open ? headEditor(this) : null);
  }

  pageItem(page, place, number, earlier, items) {
    const { words, limits } = this.config;
    const name = fill(words.page, { number: number + 1 });
    const full = questionsOf(this.data).length >= limits.questions;
    const button = (icons, label, act, key) => h("button", { class: "btn btn-icon btn-sm btn-ghost-secondary", type: "button", "aria-label": `${label}: ${name}`, title: label, onclick: act, "data-focus": `${place}:${key}` }, icon(icons));
    const conditional = page.show_if || this.conditionsOpen === page;
    const head = h("div", { class: "sb-page-head", "data-sort": "page", "data-at": place }, handle(this, name, `${place}:handle`), h("span", { class: "sb-page-number" }, name),
      textField(this, page, "title", `${words.pageTitle}: ${name}`, place, { size: this.config.sizes.title, compact: true }),
      number ? button("git-branch", words.condition, () => { this.conditionsOpen = page; this.render(`${place}.show_if:mode`); this.root.querySelector(`[data-focus="${place}:mode"]`)?.focus(); }, "condition") : null,
      button("trash", words.removePage, () => this.removePage(page), "remove"), h("span", { class: "sb-badge", "data-badge": place }));
    return h("li", { class: "sb-page" }, head, number && conditional ? h("div", { class: "sb-page-condition" }, conditionEditor(this, page, earlier, place)) : null,
      h("ol", { class: "sb-questions", "data-sb-list": place }, items),
      h("details", { class: "sb-add" }, h("summary", { class: "btn btn-sm", "data-focus": `${place}:add` }, icon("plus"), words.addQuestion),
        h("div", { class: "sb-kinds" }, Object.entries(this.config.kinds).map(([kind, label]) =>
          h("button", { type: "button", disabled: full, onclick: () => this.addQuestion(page, kind) }, icon(this.config.icons[kind]), label)))));
  }

  questionItem(question, place, number, earlier) {
    const { words, icons, kinds } = this.config;
    const open = this.open === question;
    const name = fill(words.question, { number });
    const text = this.textOf(question.text);
    const button = h("button", { class: "sb-head", type: "button", "aria-expanded": String(open), "data-focus": `${place}:head`, onclick: () => this.toggle(question) },
      h("span", { class: "sb-number" }, String(number)), h("span", { class: "sb-kind", title: kinds[question.kind] }, icon(icons[question.kind])),
      h("span", { class: `sb-name${text ? "" : " is-empty"}` }, text || words.empty),
      question.required ? h("span", { class: "required", title: words.required }, "*") : null,
      h("span", { class: "sb-badge", "data-badge": place }));
    const when = h("div", { class: "sq-when", "data-when": place });
    return h("li", { class: `sb-item${open ? " is-open" : ""}`, "data-sort": "question", "data-at": place },
      h("div", { class: "sb-item-head" }, handle(this, name, `${place}:handle`), button), open ? null : when,
      h("div", { class: "sb-own-problems", "data-own": place }), open ? questionEditor(this, question, place, earlier) : null);
  }

  toggle(row) {
    this.open = this.open === row ? null : row;
    this.render();
    this.markPreview();
  }

  edit(language, focus) {
    this.language = language;
    for (const input of this.root.querySelectorAll("[name=sb-language]")) input.checked = input.value === language;
    this.render(focus);
    this.refresh(0);
  }

  view(name) {
    this.root.dataset.view = name;
    for (const button of this.root.querySelectorAll("[data-sb-view]")) button.setAttribute("aria-pressed", String(button.dataset.sbView === name));
    if (name === "preview") this.refresh(0);
  }

  // Pages and questions come, go and move
  addQuestion(page, kind) {
    const question = newQuestion(kind, this.data);
    this.change(() => {
      page.questions.push(question);
      this.open = question;
    });
    this.root.querySelector(`[data-focus="${this.placeOf(question)}.text"]`)?.focus();
    this.say(fill(this.config.words.added, { name: this.nameOf(question) }));
    this.markPreview();
  }

  addPage() {
    const page = { key: newKey("page_", this.data.pages.map((row) => row.key)), title: {}, questions: [], show_if: null };
    this.change(() => this.data.pages.push(page), `pages.${this.data.pages.length}.title`);
  }

  removePage(page) {
    const name = fill(this.config.words.page, { number: this.data.pages.indexOf(page) + 1 });
    this.change(() => this.data.pages.splice(this.data.pages.indexOf(page), 1), "head");
    this.say(fill(this.config.words.removed, { name }), true);
  }

  removeQuestion(question) {
    const name = this.nameOf(question);
    const page = this.data.pages.find((row) => row.questions.includes(question));
    const position = page.questions.indexOf(question);
    this.open = null;
    this.change(() => page.questions.splice(position, 1));
    const next = page.questions[position] ?? page.questions[position - 1];
    const place = next ? `${this.placeOf(next)}:head` : `${this.placeOf(page)}:add`;
    this.root.querySelector(`[data-focus="${place}"]`)?.focus();
    this.say(fill(this.config.words.removed, { name }), true);
  }

  duplicate(question) {
    const copy = copied(question, this.data);
    const page = this.data.pages.find((row) => row.questions.includes(question));
    this.change(() => {
      page.questions.splice(page.questions.indexOf(question) + 1, 0, copy);
      this.open = copy;
    });
    this.say(fill(this.config.words.added, { name: this.nameOf(copy) }));
  }

  /** One step up or down, across the ends of pages. The focus stays on what moves. */
  step(kind, place, direction) {
    const row = this.at(place);
    const suffix = document.activeElement?.dataset?.focus?.slice(place.length) ?? "";
    if (kind === "choice") return this.stepIn(this.at(place.replace(/\.\d+$/, "")), row, direction, place, suffix, this.config.words.movedChoice);
    if (kind === "page") return this.stepIn(this.data.pages, row, direction, place, suffix, this.config.words.movedPage);
    const from = this.data.pages.find((page) => page.questions.includes(row));
    const position = from.questions.indexOf(row);
    const inside = position + direction >= 0 && position + direction < from.questions.length;
    const to = inside ? from : this.data.pages[this.data.pages.indexOf(from) + direction];
    if (!to) return;
    this.remember(JSON.stringify(this.data));
    from.questions.splice(position, 1);
    to.questions.splice(inside ? position + direction : direction < 0 ? to.questions.length : 0, 0, row);
    this.render(`${this.placeOf(row)}${suffix}`);
    this.changed();
    this.sayMoved(row, to);
  }

  stepIn(list, row, direction, place, suffix, text) {
    const position = list.indexOf(row);
    const next = position + direction;
    if (next < 0 || next >= list.length) return;
    this.remember(JSON.stringify(this.data));
    list.splice(position, 1);
    list.splice(next, 0, row);
    this.render(`${place.replace(/\d+$/, String(next))}${suffix}`);
    this.changed();
    this.say(fill(text, { name: this.textOf(row.text), number: next + 1, count: list.length }));
  }

  /** What was dragged is put before (or after) what it was dropped on. */
  move(kind, place, { at, after, inside }) {
    const row = this.at(place);
    const listOf = (path) => this.at(path.replace(/\.\d+$/, ""));
    const target = inside ? null : this.at(at);
    const to = inside ? this.at(at).questions : listOf(at);
    this.change(() => {
      const from = listOf(place);
      from.splice(from.indexOf(row), 1);
      to.splice(inside ? 0 : to.indexOf(target) + (after ? 1 : 0), 0, row);
    }, null);
    if (kind === "question") this.sayMoved(row, this.data.pages.find((page) => page.questions.includes(row)));
    const moved = kind === "choice" ? `${place.replace(/\d+$/, String(to.indexOf(row)))}` : this.placeOf(row);
    this.root.querySelector(`[data-focus="${moved}:handle"]`)?.focus();
  }

  sayMoved(question, page) {
    const values = { name: this.textOf(question.text), number: page.questions.indexOf(question) + 1, count: page.questions.length, page: this.data.pages.indexOf(page) + 1 };
    this.say(fill(this.config.words.moved, values));
  }

  // Preview and problems
  refresh(after = PREVIEW_AFTER) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), after);
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const body = new FormData(this.part("preview"));
    body.set("definition", JSON.stringify(packed(this.data)));
    body.set("language", this.language);
    if (this.part("try").checked) body.set("try", "1");
    const answer = await this.send(this.config.previewUrl, body, this.asking.signal);
    if (!answer?.ok) {
      if (answer?.json?.detail) this.alert(answer.json.detail);
      return;
    }
    this.problems = answer.json.problems;
    this.conditionWords = answer.json.words;
    this.draw(answer.json.html);
    this.showProblems();
  }

  draw(html) {
    const paper = this.part("preview");
    const active = paper.contains(document.activeElement) ? document.activeElement : null;
    const same = active?.name ? `[name="${CSS.escape(active.name)}"]${active.type === "radio" || active.type === "checkbox" ? `[value="${CSS.escape(active.value)}"]` : ""}` : null;
    paper.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    if (same) paper.querySelector(same)?.focus();
    this.markPreview();
  }

  markPreview() {
    const place = this.open && this.open !== this.data ? this.placeOf(this.open) : "";
    for (const row of this.part("preview").querySelectorAll(".sp-question")) row.classList.toggle("is-edited", row.dataset.place === place);
    const row = place && this.part("preview").querySelector(".is-edited");
    if (row && this.part("preview").scrollHeight > this.part("preview").clientHeight) this.part("preview").scrollTo({ top: row.offsetTop - 80, behavior: "smooth" });
  }

  openFromPreview(event) {
    const row = event.target.closest(".sp-question");
    if (!row || this.part("try").checked || !event.target.closest("legend, label.aq-text, .sq-when")) return;
    event.preventDefault();
    this.view("edit");
    this.show(row.dataset.place);
  }

  showProblems() {
    const { words } = this.config;
    const edit = this.part("edit");
    for (const old of edit.querySelectorAll(".sb-problem")) old.remove();
    for (const old of edit.querySelectorAll(".is-wrong")) old.classList.remove("is-wrong");
    const counts = {};
    for (const problem of this.problems) {
      const owner = /^pages\.\d+(\.questions\.\d+)?/.exec(problem.place)?.[0] ?? "head";
      counts[owner] = (counts[owner] ?? 0) + 1;
      this.showProblem(problem, owner);
    }
    for (const badge of edit.querySelectorAll("[data-badge]")) {
      const count = counts[badge.dataset.badge] ?? 0;
      badge.textContent = count ? String(count) : "";
      badge.title = count ? this.count(count) : "";
    }
    for (const place of edit.querySelectorAll("[data-when]")) {
      const text = this.conditionWords[place.dataset.when];
      place.replaceChildren(...(text ? [icon("git-branch"), fill(words.when, { condition: text })] : []));
    }
    const total = this.problems.length;
    const button = this.part("problems");
    button.replaceChildren(icon(total ? "alert-triangle" : "circle-check"), total ? this.count(total) : words.none);
    button.classList.toggle("has-problems", total > 0);
    for (const code of this.languages) {
      const missing = this.problems.filter((problem) => problem.code === "text_missing" && problem.place.endsWith(`.${code}`)).length;
      const badge = this.root.querySelector(`[data-sb-missing="${code}"]`);
      badge.hidden = !missing;
      badge.textContent = String(missing);
    }
  }

  count(number) {
    return number === 1 ? this.config.words.problem : fill(this.config.words.problems, { count: number });
  }

  /** Beside its field where that is on the page; of a closed question below its name (missing texts only as a number). */
  showProblem(problem, owner) {
    const edit = this.part("edit");
    const text = h("p", { class: "sb-problem", "data-problem": problem.place }, problem.message);
    let place = problem.place;
    if (problem.code === "text_missing") {
      if (!place.endsWith(`.${this.language}`)) return;
      place = place.slice(0, -this.language.length - 1);
    }
    for (let near = place; near.length > owner.length; near = near.slice(0, near.lastIndexOf("."))) {
      const field = edit.querySelector(`[data-place="${CSS.escape(near)}"]`);
      if (!field) continue;
      field.classList.add("is-wrong");
      if (field.matches("select, input, .sb-several")) field.closest("li, .field, fieldset").append(text);
      else field.append(text);
      return;
    }
    if (problem.code !== "text_missing") edit.querySelector(`[data-own="${CSS.escape(owner)}"]`)?.append(text);
    else if (place === owner) edit.querySelector(`[data-own="${CSS.escape(owner)}"]`)?.append(text);
  }

  nextProblem() {
    if (!this.problems.length) return;
    this.problemAt = ((this.problemAt ?? -1) + 1) % this.problems.length;
    this.view("edit");
    this.show(this.problems[this.problemAt].place);
  }

  /** Opens what is at that place, in the language it is about, and goes there. */
  show(place) {
    const language = this.languages.find((code) => place.endsWith(`.${code}`));
    const field = language ? place.slice(0, -language.length - 1) : place;
    const owner = /^pages\.\d+(\.questions\.\d+)?/.exec(place)?.[0];
    const row = owner?.includes("questions") ? this.at(owner) : owner ? null : this.data;
    if (row) this.open = row;
    if (/\.(key)$/.test(field)) this.keysOpen = true;
    if (language && language !== this.language) this.edit(language);
    else this.render(null);
    const found = this.nearest(field) ?? this.part("edit");
    found.scrollIntoView({ block: "center" });
    (found.matches("[data-focus]") ? found : found.querySelector("[data-focus]"))?.focus({ preventScroll: true });
    this.markPreview();
  }

  nearest(place) {
    for (let near = place; near; near = near.includes(".") ? near.slice(0, near.lastIndexOf(".")) : "") {
      const found = this.root.querySelector(`[data-sb-edit] [data-focus="${CSS.escape(near)}"], [data-sb-edit] [data-place="${CSS.escape(near)}"], [data-sb-edit] [data-at="${CSS.escape(near)}"]`);
      if (found) return found;
    }
    return null;
  }

  // Saving
  /** The answer with its JSON; null where none came, or not one of ours (a page to log in). */
  async send(url, body, signal) {
    body.set("csrfmiddlewaretoken", this.plain.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(url, { method: "POST", body, signal, headers: { Accept: "application/json" } });
      if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return { ok: false, json: null };
      return { ok: answer.ok, status: answer.status, json: await answer.json() };
    } catch {
      return signal?.aborted ? null : { ok: false, json: null };
    }
  }

  async save() {
    if (this.saving) return false;
    const { words } = this.config;
    const sent = JSON.stringify(packed(this.data));
    const body = new FormData();
    body.set("definition", sent);
    body.set("seen", this.seen);
    this.saving = true;
    this.part("state").textContent = words.saving;
    const answer = await this.send(location.pathname, body);
    this.saving = false;
    if (!answer?.ok) {
      this.part("state").textContent = words.unsaved;
      this.refused(answer?.json);
      return false;
    }
    this.alert("");
    this.seen = answer.json.seen;
    this.stored = sent;
    this.problems = answer.json.problems;
    this.showProblems();
    this.changed();
    if (!this.dirty) this.part("state").textContent = words.saved;
    return true;
  }

  refused(answer) {
    const { words, detailUrl } = this.config;
    if (!answer) return this.alert(words.offline);
    if (answer.code !== "draft_changed") {
      this.problems = answer.problems?.length ? answer.problems : this.problems;
      this.showProblems();
      return this.alert(answer.detail);
    }
    const overwrite = () => {
      this.seen = answer.seen;
      this.save();
    };
    this.alert(answer.detail, "danger", [[words.theirs, () => window.open(detailUrl, "_blank", "noopener")], [words.overwrite, overwrite]]);
  }

  async publish() {
    if (this.dirty && !(await this.save())) return;
    if (!this.dirty) location.assign(this.config.publishUrl);
  }

  alert(text, kind = "danger", actions = []) {
    const box = this.part("alert");
    box.hidden = !text;
    box.className = `alert alert-${kind} sb-alert`;
    box.replaceChildren(h("span", {}, text), ...actions.map(([label, act]) => h("button", { class: "btn btn-sm", type: "button", onclick: act }, label)));
    if (text) box.scrollIntoView({ block: "nearest" });
  }

  say(text, shown = false) {
    this.part("said").textContent = text;
    if (shown) this.part("state").textContent = text;
  }
}

for (const root of document.querySelectorAll("[data-survey-builder]")) new Builder(root);
