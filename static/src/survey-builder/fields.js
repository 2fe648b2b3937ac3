// The fields of a question, a page, and the head, each with its place in the definition.
import { conditionEditor, select } from "./conditions.js";
import { fit, newRow, renameQuestion, renameRow } from "./data.js";
import { fill, h, icon, newId } from "./dom.js";

/** A text in the language that is edited; below it which languages miss it. */
export function textField(builder, owner, name, label, place, { lines = 0, size, needed = false, compact = false } = {}) {
  const id = newId();
  const { language } = builder;
  const own = place ? `${place}.${name}` : name;
  const texts = () => (owner[name] ??= {});
  const type = (event) => {
    const value = event.target.value;
    if (value) texts()[language] = value;
    else delete texts()[language];
    builder.typed();
    showMissing();
  };
  const elsewhere = Object.values(owner[name] ?? {}).find(Boolean) ?? "";
  const input = h(lines ? "textarea" : "input", {
    id, class: `form-control${compact ? " form-control-sm" : ""}`, rows: lines || null, type: lines ? null : "text", maxlength: size, lang: language,
    value: owner[name]?.[language] ?? "", placeholder: elsewhere, oninput: type, "aria-label": compact ? label : null,
    "data-focus": own, dir: "auto",
  });
  const chips = h("span", { class: "sb-missing" });
  const showMissing = () => {
    const missing = builder.languages.filter((code) => !owner[name]?.[code]?.trim());
    const asked = needed || missing.length < builder.languages.length;
    chips.replaceChildren(...(asked ? missing.filter((code) => code !== language) : []).map((code) =>
      h("button", { type: "button", class: "sb-chip", onclick: () => builder.edit(code, own) }, builder.config.languages[code])));
    if (chips.childElementCount) chips.prepend(builder.config.words.missing, " ");
  };
  showMissing();
  return h("div", { class: "field sb-field", "data-place": own }, compact ? null : h("label", { class: "form-label", for: id }, label), input, chips);
}

function plainField(builder, owner, name, label, place, { type = "text", whole = false, min, max } = {}) {
  const id = newId();
  const take = (event) => {
    const value = event.target.value.trim();
    if (!value) delete owner[name];
    else owner[name] = whole && /^\d+$/.test(value) ? Number(value) : value;
    builder.typed();
  };
  const mode = type === "date" ? null : whole ? "numeric" : "decimal";
  const input = h("input", { id, class: "form-control", type: whole ? "number" : type, min, max, step: whole ? 1 : null, inputmode: mode, value: owner[name] ?? "", oninput: take, "data-focus": `${place}.${name}` });
  return h("div", { class: "field sb-field", "data-place": `${place}.${name}` }, h("label", { class: "form-label", for: id }, label), input);
}

function check(builder, owner, name, label, place) {
  const input = h("input", {
    class: "form-check-input", type: "checkbox", checked: Boolean(owner[name]), "data-focus": `${place}.${name}`,
    onchange: (event) => builder.change(() => (event.target.checked ? (owner[name] = true) : delete owner[name])),
  });
  return h("label", { class: "form-check", "data-place": `${place}.${name}` }, input, h("span", { class: "form-check-label" }, label));
}

export function headEditor(builder) {
  const { words, sizes } = builder.config;
  const field = (name, lines, needed) => textField(builder, builder.data, name, words[name], "", { lines, size: sizes[name], needed });
  return h("div", { class: "sb-editor" }, field("title", 0, true), field("intro", 3), field("thanks", 2));
}

export function questionEditor(builder, question, place, earlier) {
  const { words, sizes, kinds, fits } = builder.config;
  const has = (name) => fits[name].includes(question.kind);
  const kind = select(Object.entries(kinds), question.kind, (event) => builder.change(() => fit(question, event.target.value, fits)), { id: newId(), "data-focus": `${place}.kind` });
  kind.classList.remove("form-select-sm");
  const parts = [
    textField(builder, question, "text", words.text, place, { lines: 2, size: sizes.text, needed: true }),
    h("div", { class: "sb-pair" }, h("div", { class: "field", "data-place": `${place}.kind` }, h("label", { class: "form-label", for: kind.id }, words.kind), kind),
      textField(builder, question, "help", words.help, place, { size: sizes.help })),
    check(builder, question, "required", words.required, place),
  ];
  if (has("low_label")) {
    parts.push(h("div", { class: "sb-pair" }, textField(builder, question, "low_label", words.lowLabel, place, { size: sizes.low_label }),
      textField(builder, question, "high_label", words.highLabel, place, { size: sizes.high_label })));
  }
  if (has("choices")) parts.push(rowsEditor(builder, question, "choices", place));
  if (has("rows")) parts.push(rowsEditor(builder, question, "rows", place));
  if (has("randomise")) parts.push(check(builder, question, "randomise", words.randomise, place));
  if (has("minimum")) parts.push(bounds(builder, question, place));
  if (has("max_length")) parts.push(h("div", { class: "sb-pair" }, plainField(builder, question, "max_length", words.maxLength, place, { whole: true, min: 1, max: 5000 })));
  parts.push(conditionEditor(builder, question, earlier, place), keys(builder, question, place), tools(builder, question, place));
  return h("div", { class: "sb-editor" }, parts);
}

function bounds(builder, question, place) {
  const { words } = builder.config;
  const suffix = { multiple: "Count", number: "Number", date: "Date" }[question.kind];
  const options = question.kind === "multiple" ? { whole: true, min: 1, max: question.choices?.length } : { type: question.kind === "date" ? "date" : "text" };
  const field = (name) => plainField(builder, question, name, words[name + suffix], place, options);
  return h("div", { class: "sb-pair" }, field("minimum"), field("maximum"));
}

function rowsEditor(builder, question, name, place) {
  const { words, sizes, limits } = builder.config;
  const rows = (question[name] ??= []);
  const own = `${place}.${name}`;
  const add = (after = rows.length, texts = [""]) => {
    if (rows.length + texts.length > limits.choices) return builder.say(words.tooMany);
    builder.change(() => texts.forEach((text, number) => {
      const row = newRow(rows, name);
      if (text) row.text[builder.language] = text;
      rows.splice(after + number, 0, row);
    }), `${own}.${after + texts.length - 1}.text`);
  };
  const list = h("ul", { class: "sb-rows" }, rows.map((row, number) => rowItem(builder, question, name, row, number, own, add, sizes)));
  const label = name === "rows" ? words.addRow : words.addChoice;
  return h("fieldset", { class: "sb-rows-field", "data-place": own }, h("legend", {}, name === "rows" ? words.rows : words.choices), list,
    h("button", { class: "btn btn-sm", type: "button", onclick: () => add() }, icon("plus"), label));
}

function rowItem(builder, question, name, row, number, own, add, sizes) {
  const { words } = builder.config;
  const rows = question[name];
  const place = `${own}.${number}`;
  const label = fill(name === "rows" ? words.row : words.choice, { number: number + 1 });
  const field = textField(builder, row, "text", label, place, { size: sizes.choice, needed: true, compact: true });
  const input = field.querySelector("input");
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      add(number + 1);
    } else if (event.key === "Backspace" && !input.value && !Object.values(row.text).some(Boolean) && rows.length > 1) {
      event.preventDefault();
      builder.change(() => rows.splice(number, 1), `${own}.${Math.max(number - 1, 0)}.text`);
    }
  });
  input.addEventListener("paste", (event) => {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    const first = input.value ? [] : [lines.shift()];
    if (first.length) row.text[builder.language] = first[0];
    add(number + 1, lines);
  });
  const other = name === "choices" && question.kind !== "ranking"
    ? h("label", { class: "form-check sb-other", "data-place": `${place}.other` }, h("input", {
        class: "form-check-input", type: "checkbox", checked: Boolean(row.other), "data-focus": `${place}.other`,
        onchange: (event) => builder.change(() => rows.forEach((one) => (one === row && event.target.checked ? (one.other = true) : delete one.other))),
      }), h("span", { class: "form-check-label" }, words.other))
    : null;
  const remove = h("button", { class: "btn btn-icon btn-sm btn-ghost-secondary", type: "button", "aria-label": `${words.remove}: ${label}`, title: words.remove, onclick: () => builder.change(() => rows.splice(number, 1)) }, icon("x"));
  return h("li", { class: "sb-row", "data-sort": "choice", "data-at": place }, handle(builder, label, `${place}:handle`), field, other, remove);
}

export function handle(builder, name, focus) {
  const label = fill(builder.config.words.handle, { name });
  return h("button", { class: "sb-handle", type: "button", "data-sb-handle": "", "aria-label": label, title: label, "data-focus": focus }, icon("grip-vertical"));
}

function keyField(builder, label, value, place, rename) {
  const id = newId();
  const take = (event) => builder.change(() => rename(event.target.value.trim()));
  return h("div", { class: "field sb-field", "data-place": place }, h("label", { class: "form-label", for: id }, label),
    h("input", { id, class: "form-control form-control-sm", type: "text", value, maxlength: 40, spellcheck: "false", autocapitalize: "off", onchange: take, "data-focus": place }));
}

function keys(builder, question, place) {
  const { words } = builder.config;
  const name = question.rows ? "rows" : "choices";
  const rows = (question[name] ?? []).map((row, number) =>
    keyField(builder, builder.textOf(row.text) || fill(words.choice, { number: number + 1 }), row.key, `${place}.${name}.${number}.key`, (key) => renameRow(builder.data, question, row, key)));
  return h("details", { class: "sb-keys", open: builder.keysOpen, ontoggle: (event) => (builder.keysOpen = event.target.open) },
    h("summary", {}, words.keys, " ", h("code", {}, question.key)), h("p", { class: "form-hint" }, words.keysHelp),
    h("div", { class: "sb-key-grid" }, keyField(builder, words.text, question.key, `${place}.key`, (key) => renameQuestion(builder.data, question, key)), rows));
}

function tools(builder, question, place) {
  const { words } = builder.config;
  const button = (name, label, act, css = "") => h("button", { class: `btn btn-sm ${css}`, type: "button", onclick: act, "data-focus": `${place}:${name}` }, icon(name), label);
  return h("div", { class: "sb-tools" },
    button("chevron-up", words.moveUp, () => builder.step("question", place, -1)), button("chevron-down", words.moveDown, () => builder.step("question", place, 1)),
    button("copy", words.duplicate, () => builder.duplicate(question)), button("trash", words.remove, () => builder.removeQuestion(question), "btn-ghost-danger"));
}
