// The condition of a page or a question: groups of comparisons over earlier questions.
import { h, icon } from "./dom.js";

const DEEPEST = 3;

/** The editor of `owner.show_if`; `earlier` are the questions that may be asked. */
export function conditionEditor(builder, owner, earlier, place) {
  const { words } = builder.config;
  const root = h("fieldset", { class: "sb-condition", "data-place": `${place}.show_if` }, h("legend", {}, words.condition));
  if (!earlier.length && !owner.show_if) {
    root.append(h("p", { class: "form-hint" }, words.noEarlier));
    return root;
  }
  const mode = owner.show_if ? ("any" in owner.show_if ? "any" : "all") : "";
  const options = [["", words.always], ["all", words.ifAll], ["any", words.ifAny]];
  const choose = (event) => {
    const next = event.target.value;
    const inner = owner.show_if?.all ?? owner.show_if?.any ?? [comparison(builder, earlier)];
    builder.change(() => (owner.show_if = next ? { [next]: inner } : null));
  };
  root.append(select(options, mode, choose, { "aria-label": words.condition, "data-focus": `${place}:mode` }));
  if (owner.show_if) root.append(group(builder, owner.show_if, earlier, `${place}.show_if`, 1));
  return root;
}

function comparison(builder, earlier) {
  const last = earlier.at(-1);
  const row = { question: last?.key ?? "", op: "eq", value: "" };
  if (last) settle(builder, row, last);
  return row;
}

/** Gives a comparison an operator, a row and a value that fit the question. */
function settle(builder, row, question) {
  const operators = builder.config.operators[question.kind];
  const preferred = question.kind in builder.config.scales ? "le" : operators[0];
  if (!operators.includes(row.op) || row.op === "eq") row.op = preferred;
  if (question.kind === "matrix") row.part = question.rows?.[0]?.key ?? "";
  else delete row.part;
  row.value = startValue(builder, row, question);
}

function startValue(builder, row, question) {
  const scale = builder.config.scales[question.kind];
  const first = scale ? (question.kind === "nps" ? 6 : Math.floor((scale[0] + scale[1]) / 2)) : question.choices?.[0]?.key ?? "";
  return row.op === "in" ? [first] : first;
}

function group(builder, condition, earlier, place, depth) {
  const { words } = builder.config;
  const name = "any" in condition ? "any" : "all";
  const inner = condition[name];
  const list = h("ul", { class: "sb-group", "data-place": place });
  inner.forEach((row, number) => {
    const remove = h("button", {
      class: "btn btn-icon btn-sm btn-ghost-secondary", type: "button", "aria-label": words.remove, title: words.remove,
      onclick: () => builder.change(() => inner.splice(number, 1)),
    }, icon("x"));
    const own = `${place}.${name}.${number}`;
    const part = "op" in row ? comparisonRow(builder, row, earlier, own) : nested(builder, row, earlier, own, depth);
    list.append(h("li", { "data-place": own }, part, remove));
  });
  const add = (label, row, focus) =>
    h("button", { class: "btn btn-sm", type: "button", "data-focus": focus, onclick: () => builder.change(() => inner.push(row())) }, icon("plus"), label);
  const tools = h("li", { class: "sb-group-tools" }, add(words.addComparison, () => comparison(builder, earlier), `${place}:add`));
  const other = name === "all" ? "any" : "all";
  if (depth < DEEPEST) tools.append(add(words.addGroup, () => ({ [other]: [comparison(builder, earlier)] }), `${place}:group`));
  list.append(tools);
  return list;
}

function nested(builder, condition, earlier, place, depth) {
  const { words } = builder.config;
  const name = "any" in condition ? "any" : "all";
  const change = (event) =>
    builder.change(() => {
      const inner = condition[name];
      delete condition[name];
      condition[event.target.value] = inner;
    });
  const options = [["all", words.groupAll], ["any", words.groupAny]];
  return h("div", { class: "sb-nested" }, select(options, name, change, { "aria-label": words.condition, "data-focus": `${place}:mode` }),
    group(builder, condition, earlier, place, depth + 1));
}

function comparisonRow(builder, row, earlier, place) {
  const { words } = builder.config;
  const question = earlier.find((one) => one.key === row.question);
  const options = earlier.map((one) => [one.key, builder.nameOf(one)]);
  if (!question) options.unshift([row.question, row.question ? `? ${row.question}` : words.choose]);
  const ask = (event) =>
    builder.change(() => {
      row.question = event.target.value;
      const next = earlier.find((one) => one.key === row.question);
      if (next) settle(builder, row, next);
    });
  const parts = [select(options, row.question, ask, { "aria-label": words.asked, "data-place": `${place}.question`, "data-focus": `${place}:q` })];
  if (question) parts.push(...answerParts(builder, row, question, place));
  return h("div", { class: "sb-comparison" }, parts);
}

function answerParts(builder, row, question, place) {
  const { words, operators, operatorWords } = builder.config;
  const parts = [];
  if (question.kind === "matrix") {
    const rows = (question.rows ?? []).map((one) => [one.key, builder.textOf(one.text) || one.key]);
    const pick = (event) => builder.change(() => (row.part = event.target.value));
    parts.push(select(rows, row.part, pick, { "aria-label": words.part, "data-place": `${place}.part`, "data-focus": `${place}:part` }));
  }
  const fitting = operators[question.kind];
  const known = fitting.includes(row.op) ? fitting : [row.op, ...fitting];
  const change = (event) =>
    builder.change(() => {
      const [before, after] = [row.op, event.target.value];
      row.op = after;
      if (after === "in" && !Array.isArray(row.value)) row.value = row.value === "" || row.value === undefined ? [] : [row.value];
      else if (before === "in" && after !== "in") row.value = row.value?.[0] ?? "";
      if (["answered", "not_answered"].includes(after)) delete row.value;
      else if (row.value === undefined) row.value = startValue(builder, row, question);
    });
  parts.push(select(known.map((op) => [op, operatorWords[op]]), row.op, change, { "aria-label": words.operator, "data-place": `${place}.op`, "data-focus": `${place}:op` }));
  if (!["answered", "not_answered"].includes(row.op)) parts.push(valueOf(builder, row, question, place));
  return parts;
}

function valueOf(builder, row, question, place) {
  const { words, scales } = builder.config;
  const scale = scales[question.kind];
  const points = scale ? Array.from({ length: scale[1] - scale[0] + 1 }, (_one, n) => [scale[0] + n, String(scale[0] + n)]) : null;
  const options = points ?? question.choices?.map((one) => [one.key, builder.textOf(one.text) || one.key]);
  const props = { "aria-label": words.value, "data-place": `${place}.value`, "data-focus": `${place}:v` };
  if (row.op === "in" && options) return several(builder, row, options, props);
  const take = (value) => (points && value !== "" ? Number(value) : value);
  if (options) {
    const known = options.some(([value]) => String(value) === String(row.value)) ? options : [["", words.choose], ...options];
    return select(known, row.value, (event) => builder.change(() => (row.value = take(event.target.value))), props);
  }
  const date = question.kind === "date";
  return h("input", {
    ...props, class: "form-control form-control-sm", type: date ? "date" : "text", inputmode: date ? null : "decimal", value: row.value ?? "",
    onchange: (event) => builder.change(() => (row.value = event.target.value.trim())),
  });
}

function several(builder, row, options, props) {
  const toggle = (value, on) =>
    builder.change(() => (row.value = options.map(([key]) => key).filter((key) => (key === value ? on : row.value.includes(key)))));
  return h("span", { class: "sb-several", role: "group", ...props },
    options.map(([value, label]) =>
      h("label", {}, h("input", { type: "checkbox", checked: row.value.includes(value), "data-focus": `${props["data-focus"]}:${value}`, onchange: (event) => toggle(value, event.target.checked) }), h("span", {}, label))));
}

export function select(options, chosen, onchange, props = {}) {
  return h("select", { class: "form-select form-select-sm", ...props, onchange },
    options.map(([value, label]) => h("option", { value, selected: String(value) === String(chosen ?? "") }, label)));
}
