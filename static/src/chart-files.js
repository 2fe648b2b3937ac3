// A chart as a picture (with its title and the page's filters, as it is printed) and its table as CSV without formulas.
const WIDE = 1000;
const EDGE = 24;
const SHARP = 2;

const clean = (text) => (text ?? "").replace(/\s+/g, " ").trim();

/** The page, its active filters and what the chart says of itself, in one line. */
function about(frame) {
  const chips = [...document.querySelectorAll(".filter-bar .chip")].map((chip) => clean(chip.textContent));
  const page = clean(document.querySelector(".page-title, .account-name, h1")?.textContent);
  return [page, clean(frame.dataset.chartDetail), ...chips].filter(Boolean).join(" · ");
}

function save(blob, frame, ending) {
  const link = document.createElement("a");
  const name = frame.querySelector("[data-chart]").dataset.chart;
  link.href = URL.createObjectURL(blob);
  link.download = `${name}-${new Date().toLocaleDateString("sv")}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Text in lines of at most `width`, broken between words or, where there are none, between characters. */
function lines(pen, text, width) {
  const found = [""];
  for (const part of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) ?? []) {
    if (found.at(-1) && pen.measureText(found.at(-1) + part).width > width) found.push("");
    found[found.length - 1] += part;
  }
  return found;
}

/** Draws the chart once more beside the page, in light colours, and puts title and filters above it. */
export function savePng(frame, drawInto, chartOf) {
  const shown = frame.querySelector("[data-chart]");
  const host = document.createElement("div");
  host.className = "chart-copy";
  host.style.width = `${WIDE}px`;
  host.style.height = `${Math.max(shown.clientHeight, 360)}px`;
  document.body.append(host);
  drawInto(host);
  const chart = chartOf(host);
  const picture = chart.renderToCanvas({ pixelRatio: SHARP, backgroundColor: "#ffffff" });
  chart.dispose();
  host.remove();
  compose(frame, picture).toBlob((blob) => save(blob, frame, "png"), "image/png");
}

function compose(frame, picture) {
  const canvas = document.createElement("canvas");
  const family = getComputedStyle(document.body).fontFamily;
  const fonts = [`600 20px ${family}`, `14px ${family}`];
  const pen = canvas.getContext("2d");
  const texts = [clean(frame.dataset.chartTitle), about(frame)].map((text, at) => {
    pen.font = fonts[at];
    return lines(pen, text, WIDE - 2 * EDGE);
  });
  const head = EDGE + texts[0].length * 26 + texts[1].length * 20 + 12;
  canvas.width = WIDE * SHARP;
  canvas.height = head * SHARP + picture.height + EDGE * SHARP;
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, head * SHARP);
  pen.scale(SHARP, SHARP);
  pen.textBaseline = "top";
  let top = EDGE;
  texts.forEach((rows, at) => {
    pen.font = fonts[at];
    pen.fillStyle = at ? "#445064" : "#17212f";
    for (const row of rows) {
      pen.fillText(row, EDGE, top);
      top += at ? 20 : 26;
    }
  });
  return canvas;
}

/** A cell of a CSV; text that a spreadsheet would take for a formula gets an apostrophe in front. */
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const formula = /^\s*[=+\-@\t\r＝＋－＠]/.test(value) && !/^[+-]?[\d.,\s]*\d%?$/.test(value);
  const text = formula ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveCsv(frame, { head, rows }) {
  const text = [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
  save(new Blob([`\ufeff${text}\r\n`], { type: "text/csv;charset=utf-8" }), frame, "csv");
}
