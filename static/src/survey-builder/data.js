// The definition while it is edited: what surveys/definition.py reads, every list there, every condition a group.
const KEYED = ["single", "multiple", "ranking"];

/** Makes lists and texts where there are none, and a group of every condition. */
export function prepare(data) {
  data.pages ??= [];
  for (const part of [data, ...data.pages]) part.title ??= {};
  data.intro ??= {};
  data.thanks ??= {};
  for (const page of data.pages) {
    page.questions ??= [];
    page.show_if = grouped(page.show_if);
    for (const question of page.questions) {
      question.text ??= {};
      question.show_if = grouped(question.show_if);
      for (const row of [...(question.choices ?? []), ...(question.rows ?? [])]) row.text ??= {};
    }
  }
  return data;
}

function grouped(condition) {
  if (!condition || !Object.keys(condition).length) return null;
  return "op" in condition ? { all: [condition] } : condition;
}

/** As it is saved: a group of one is that one. */
export function packed(data) {
  const copy = structuredClone(data);
  for (const page of copy.pages) {
    for (const part of [page, ...page.questions]) {
      if (part.show_if) part.show_if = simple(part.show_if);
      else delete part.show_if;
    }
  }
  return copy;
}

function simple(condition) {
  const inner = condition.all ?? condition.any;
  return inner?.length === 1 && "op" in inner[0] ? inner[0] : condition;
}

export const questionsOf = (data) => data.pages.flatMap((page) => page.questions);

/** A key of this form that is not taken. */
export function newKey(prefix, taken) {
  for (let number = 1; ; number += 1) if (!taken.includes(`${prefix}${number}`)) return `${prefix}${number}`;
}

export function newQuestion(kind, data) {
  const question = { key: newKey("q", questionsOf(data).map((row) => row.key)), kind, text: {} };
  if (["nps", "csat", "ces"].includes(kind)) question.required = true;
  fit(question, kind, null);
  return question;
}

/** Gives a question what its kind needs and takes what it cannot have; `fits` names the kinds of each field. */
export function fit(question, kind, fits) {
  const rows = question.choices ?? question.rows;
  question.kind = kind;
  for (const [name, kinds] of Object.entries(fits ?? {})) {
    if (!kinds.includes(kind) || ["minimum", "maximum"].includes(name)) delete question[name];
  }
  const name = KEYED.includes(kind) ? "choices" : kind === "matrix" ? "rows" : null;
  if (name) question[name] = rows ?? [newRow([], name), newRow([{ key: name === "rows" ? "r1" : "c1" }], name)];
  if (!["single", "multiple"].includes(kind)) for (const row of question[name] ?? []) delete row.other;
}

export function newRow(rows, name) {
  return { key: newKey(name === "rows" ? "r" : "c", rows.map((row) => row.key)), text: {} };
}

/** A copy of a question under a key of its own. */
export function copied(question, data) {
  const copy = structuredClone(question);
  const stem = question.key.replace(/_\d+$/, "").slice(0, 36);
  copy.key = newKey(`${stem}_`, questionsOf(data).map((row) => row.key));
  return copy;
}

function* comparisons(condition) {
  if (!condition) return;
  for (const inner of [...(condition.all ?? []), ...(condition.any ?? [])]) yield* comparisons(inner);
  if ("op" in condition) yield condition;
}

function* everyComparison(data) {
  for (const page of data.pages) for (const part of [page, ...page.questions]) yield* comparisons(part.show_if);
}

/** Conditions follow a question whose key is changed. */
export function renameQuestion(data, question, key) {
  for (const row of everyComparison(data)) if (row.question === question.key) row.question = key;
  question.key = key;
}

/** Conditions follow a choice or a row whose key is changed. */
export function renameRow(data, question, row, key) {
  for (const comparison of everyComparison(data)) {
    if (comparison.question !== question.key) continue;
    if (comparison.part === row.key) comparison.part = key;
    if (comparison.value === row.key) comparison.value = key;
    if (Array.isArray(comparison.value)) comparison.value = comparison.value.map((v) => (v === row.key ? key : v));
  }
  row.key = key;
}
