// Bundles the front end into static/build/ (git-ignored): app.js, charts.js, select.js, theme.js, app.css, icons.svg.
// Run by `npm run build`; `npm run watch` rebuilds scripts and styles while they are edited.
import { build, context } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const source = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(source, "../..");
const output = path.join(root, "static/build");
const iconFolder = path.join(root, "node_modules/@tabler/icons/icons/outline");

const options = {
  entryPoints: ["answer.js", "app.js", "calendar.js", "charts.js", "playbook-builder.js", "select.js", "survey-builder.js", "theme.js", "answer.css", "app.css", "calendar.css"].map((name) => path.join(source, name)),
  outdir: output,
  nodePaths: [path.join(root, "node_modules")],
  bundle: true,
  minify: true,
  sourcemap: false,
  legalComments: "none",
  format: "esm",
  target: ["es2022", "safari16"],
  logLevel: "warning",
};

/** Every file below the project's own folders that may name an icon. */
async function* sources(folder = root) {
  const skipped = new Set(["node_modules", "static", "staticfiles", "locale", "tests", "docs", "benchmarks"]);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || skipped.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(full);
    else if (/\.(html|py)$/.test(entry.name)) yield full;
  }
}

/** Names in `{% icon "name" %}` (must exist) and in icon="name" or icon: "name" (data and arguments). */
async function iconNames() {
  const names = new Set();
  for await (const file of sources()) {
    const text = await readFile(file, "utf8");
    const found = text.matchAll(/\{% icon "([\w-]+)"|\bicon["']?\s*[=:]\s*["']([\w-]+)["']|# icons: (.+)/g);
    for (const [, tag, argument, listed] of found) {
      for (const name of listed ? listed.trim().split(/\s+/) : [tag ?? argument]) {
        if (existsSync(path.join(iconFolder, `${name}.svg`))) names.add(name);
        else throw new Error(`${path.relative(root, file)}: there is no Tabler icon "${name}"`);
      }
    }
  }
  return [...names].sort();
}

/** One symbol per icon, drawn by `<use href="icons.svg#name">`. */
async function sprite() {
  const symbols = [];
  for (const name of await iconNames()) {
    const svg = await readFile(path.join(iconFolder, `${name}.svg`), "utf8");
    const shapes = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
    const drawn = shapes.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "");
    symbols.push(
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
        `stroke-linecap="round" stroke-linejoin="round">${drawn}</symbol>`,
    );
  }
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  await writeFile(path.join(output, "icons.svg"), text);
}

// In place, what is no longer made goes at the end: a server that runs meanwhile keeps its files.
await mkdir(output, { recursive: true });
await sprite();
await cp(path.join(source, "img"), output, { recursive: true });
const images = await readdir(path.join(source, "img"));
const kept = new Set(["icons.svg", ...images, ...options.entryPoints.map((file) => path.basename(file))]);
for (const name of await readdir(output)) if (!kept.has(name)) await rm(path.join(output, name), { recursive: true });
if (process.argv.includes("--watch")) await (await context(options)).watch();
else await build(options);
