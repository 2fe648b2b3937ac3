// Conditions as surveys/conditions.py decides them, over what stands in the form.

const number = (value) => (/^....-/.test(String(value)) && String(value).length === 10 ? String(value) : String(value).trim() === "" ? NaN : Number(value));
const ordered = (compare) => (given, wanted) => {
  const [left, right] = [number(given), number(wanted)];
  return typeof left === typeof right && compare(left, right);
};
const OPERATORS = {
  eq: (given, wanted) => String(given) === String(wanted),
  ne: (given, wanted) => String(given) !== String(wanted),
  lt: ordered((given, wanted) => given < wanted),
  le: ordered((given, wanted) => given <= wanted),
  gt: ordered((given, wanted) => given > wanted),
  ge: ordered((given, wanted) => given >= wanted),
  in: (given, wanted) => wanted.map(String).includes(String(given)),
  contains: (given, wanted) => Array.isArray(given) && given.includes(wanted),
};

/** Whether the condition is fulfilled by these answers. */
export function holds(condition, values) {
  if (condition.all) return condition.all.every((inner) => holds(inner, values));
  if (condition.any) return condition.any.some((inner) => holds(inner, values));
  const given = comparable(values[condition.question], condition.part);
  if (condition.op === "answered") return given !== null;
  if (condition.op === "not_answered") return given === null;
  return given !== null && OPERATORS[condition.op](given, condition.value);
}

function comparable(value, part) {
  if (value === undefined || value === null || value === "") return null;
  if (Array.isArray(value)) return value.length ? value : null;
  if (typeof value !== "object") return value;
  return value.choice ?? value.choices ?? value[part] ?? null;
}

/** What was answered to a question, as conditions compare it; null for nothing. */
export function read(question) {
  const checked = [...question.querySelectorAll("input:checked")];
  switch (question.dataset.kind) {
    case "matrix":
      return checked.length ? Object.fromEntries(checked.map((input) => [input.name.split("-row-")[1], input.value])) : null;
    case "multiple":
      return checked.length ? checked.map((input) => input.value) : null;
    case "ranking": {
      const ranked = [...question.querySelectorAll("[data-rank]")].filter((select) => select.value).sort((a, b) => a.value - b.value);
      return ranked.length ? ranked.map((select) => select.name.split("-rank-")[1]) : null;
    }
    case "text":
    case "number":
    case "date":
      return question.querySelector(".aq-input").value.trim() || null;
    default:
      return checked[0]?.value ?? null;
  }
}
