// Numbers in the reader's language, as core/numbers.py writes them: 1.23M, 123万, all digits in tooltips.
const language = document.documentElement.lang || "en";
const LATIN = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];
const UNITS = {
  "zh-hans": [
    [1e8, "亿"],
    [1e4, "万"],
  ],
  "zh-hant": [
    [1e8, "億"],
    [1e4, "萬"],
  ],
};

const plain = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");

export function compact(value) {
  if (Math.abs(value) < 10_000) return plain(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 2);
  const [size, unit] = (UNITS[language.toLowerCase()] ?? LATIN).find(([least]) => Math.abs(value) >= least * 0.9995);
  const mantissa = value / size;
  return `${plain(mantissa, mantissa % 1 === 0 || Math.abs(mantissa) >= 99.95 ? 0 : 1)}${unit}`;
}

const number = (value) => (Array.isArray(value) ? Number(value.at(-1)) : Number(value));
const missing = (value) => value === null || value === undefined || value === "" || value === "-";

const kinds = {
  money: (currency) => ({
    axis: compact,
    exact: (value) => `${currency ? `${currency} ` : ""}${plain(number(value), 2).replace(/\.00$/, "")}`,
  }),
  percent: () => ({
    axis: (value) => `${plain(value * 100, Math.abs(value) < 0.1 && value % 0.01 ? 1 : 0)}%`,
    exact: (value) => `${plain(number(value) * 100, 1)}%`,
  }),
  count: () => ({ axis: compact, exact: (value) => plain(number(value)) }),
};

/** {axis, exact}: the short form for axes and the exact one for tooltips. Kinds: money, percent, count. */
export function formatter({ number: kind, currency } = {}) {
  const { axis, exact } = (kinds[kind] ?? kinds.count)(currency);
  return { axis, exact: (value) => (missing(value) ? "–" : exact(value)) };
}
