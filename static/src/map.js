// The relationship map: drag people, drop one onto another, draw lines; zoom; all of it by keyboard as well.
// Without this file the map still shows, and the forms below it change it. Paths as in interactions/relationship_map.py.
const STEP = 20;
const EDGE = 24;
const LARGEST = 10_000;
const LEAST = 0.75; // what fitting shrinks to at most: smaller cannot be read
const SETTLE = 500; // ms after the last arrow key before the place is kept
const views = new Map(); // path -> { zoom, left, top }: an answer of the server redraws the map, and the view stays

const words = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");

class RelationshipMap {
  constructor(root) {
    this.root = root;
    this.frame = root.querySelector("[data-map-frame]");
    this.svg = root.querySelector(".map-svg");
    [this.width, this.height, this.gap, this.indent] = root.dataset.card.split(" ").map(Number);
    this.nodes = new Map([...root.querySelectorAll("[data-node]")].map((node) => [node.dataset.node, node]));
    this.paths = [...root.querySelectorAll("path[data-from]")];
    this.editable = "placeUrl" in root.dataset;
    this.undoButton = root.querySelector("[data-map-undo]");
    this.dialog = root.querySelector("#map-drop");
    this.moves = [];
    root.classList.toggle("is-editable", this.editable);
    for (const tools of root.querySelectorAll("[data-map-tools]")) tools.hidden = false;
    this.listen();
    this.restore();
  }

  listen() {
    const on = (element, name, handler) => element?.addEventListener(name, handler.bind(this));
    on(this.frame, "pointerdown", this.press);
    on(this.frame, "click", this.click);
    on(this.frame, "dragstart", (event) => event.preventDefault());
    on(this.frame, "keydown", this.key);
    on(this.frame, "focusin", (event) => this.select(event.target.closest("[data-node]")));
    on(this.frame, "scroll", this.remember);
    on(this.undoButton, "click", this.undo);
    on(this.root.querySelector("[data-map-line]"), "click", () => this.beginLine());
    on(this.root.querySelector("[data-map-print]"), "click", () => print());
    on(this.root.querySelector("[data-map-drop]"), "submit", this.choose);
    for (const button of this.root.querySelectorAll("[data-map-zoom]")) {
      button.addEventListener("click", () => this.zoom(Number(button.dataset.mapZoom)));
    }
  }

  say(text) {
    this.root.querySelector("[data-map-status]").textContent = text;
  }

  fail(text) {
    this.say(text);
    const toast = document.getElementById("toast-error")?.content.cloneNode(true);
    if (!toast) return;
    toast.querySelector("span").textContent = text;
    document.getElementById("toasts")?.append(toast);
  }

  // View
  setZoom(zoom) {
    this.scale = Math.min(Math.max(zoom, 0.3), 2);
    const box = this.svg.viewBox.baseVal;
    this.svg.setAttribute("width", Math.round(box.width * this.scale));
    this.svg.setAttribute("height", Math.round(box.height * this.scale));
    this.remember();
  }

  zoom(direction) {
    if (direction) this.setZoom(this.scale * (direction > 0 ? 1.2 : 1 / 1.2));
    else this.fit();
  }

  fit() {
    this.setZoom(Math.min(1, Math.max(LEAST, this.frame.clientWidth / this.svg.viewBox.baseVal.width)));
  }

  remember() {
    views.set(location.pathname, { zoom: this.scale, left: this.frame.scrollLeft, top: this.frame.scrollTop });
  }

  restore() {
    const view = views.get(location.pathname);
    if (!view) {
      this.fit();
      return;
    }
    this.setZoom(view.zoom);
    this.frame.scrollTo(view.left, view.top);
  }

  // Places
  at(node) {
    return { x: Number(node.getAttribute("x")), y: Number(node.getAttribute("y")) };
  }

  put(node, { x, y }) {
    const place = { x: Math.round(Math.min(Math.max(x, 0), LARGEST)), y: Math.round(Math.min(Math.max(y, 0), LARGEST)) };
    node.setAttribute("x", place.x);
    node.setAttribute("y", place.y);
    const box = this.svg.viewBox.baseVal;
    const width = Math.max(box.width, place.x + this.width + EDGE);
    const height = Math.max(box.height, place.y + this.height + EDGE);
    if (width > box.width || height > box.height) {
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.setZoom(this.scale);
    }
    this.redraw(node.dataset.node);
    return place;
  }

  redraw(pk) {
    for (const path of this.paths) {
      if (path.dataset.from !== pk && path.dataset.to !== pk) continue;
      const [from, to] = [this.nodes.get(path.dataset.from), this.nodes.get(path.dataset.to)];
      if (!from || !to) continue;
      const draw = { influence: this.straight, conflict: this.zigzag }[path.dataset.kind] ?? this.reports;
      path.setAttribute("d", draw.call(this, this.at(from), this.at(to), "stacked" in to.dataset && "own" in to.dataset));
    }
  }

  reports(above, below, stacked) {
    const [x, y] = [above.x + this.width / 2, above.y + this.height];
    const [middleX, middleY] = [below.x + this.width / 2, below.y + this.height / 2];
    if (below.y < y + 12) return `M${x} ${above.y + this.height / 2}L${middleX} ${middleY}`;
    if (stacked) return `M${x} ${y}V${y + this.gap / 2}H${below.x - this.indent / 2}V${middleY}H${below.x}`;
    return `M${x} ${y}V${below.y - Math.min(this.gap / 2, 26)}H${middleX}V${below.y}`;
  }

  ends(source, target) {
    const [dx, dy] = [target.x - source.x, target.y - source.y];
    const reach = Math.min(dx ? this.width / 2 / Math.abs(dx) : 1, dy ? this.height / 2 / Math.abs(dy) : 1, 0.5);
    const [x, y] = [source.x + this.width / 2, source.y + this.height / 2];
    return [x + dx * reach, y + dy * reach, x + dx * (1 - reach), y + dy * (1 - reach)];
  }

  straight(source, target) {
    const [x1, y1, x2, y2] = this.ends(source, target);
    return `M${x1} ${y1}L${x2} ${y2}`;
  }

  zigzag(source, target) {
    const [x1, y1, x2, y2] = this.ends(source, target);
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length < 1) return `M${x1} ${y1}`;
    const teeth = Math.max(2, Math.round(length / 12));
    const [stepX, stepY] = [(x2 - x1) / teeth, (y2 - y1) / teeth];
    const [sideX, sideY] = [(-(y2 - y1) / length) * 5, ((x2 - x1) / length) * 5];
    const points = Array.from({ length: teeth }, (_none, n) => {
      const side = n % 2 ? -1 : 1;
      return `${x1 + stepX * (n + 0.5) + sideX * side} ${y1 + stepY * (n + 0.5) + sideY * side}`;
    });
    return `M${x1} ${y1}L${points.join("L")}L${x2} ${y2}`;
  }

  // Pointer: a card is dragged, the ground is panned. By touch only the chosen card moves, so that a finger scrolls.
  press(event) {
    if (event.button !== 0) return;
    const node = event.target.closest("[data-node]");
    this.dragged = false;
    if (!node) {
      if (event.pointerType === "mouse") this.pan(event);
      return;
    }
    const chosen = node.classList.contains("is-selected");
    const touch = event.pointerType !== "mouse";
    this.tapped = touch && !chosen ? node : null;
    if (this.editable && !this.lineFrom && !("left" in node.dataset) && (!touch || chosen)) this.drag(event, node);
  }

  drag(event, node) {
    const before = this.at(node);
    const start = { x: event.clientX, y: event.clientY };
    let target = null;
    const move = (moved) => {
      const [dx, dy] = [moved.clientX - start.x, moved.clientY - start.y];
      if (!this.dragged && Math.hypot(dx, dy) < 5) return;
      this.dragged = true;
      node.classList.add("is-dragged");
      this.put(node, { x: before.x + dx / this.scale, y: before.y + dy / this.scale });
      const under = document.elementsFromPoint(moved.clientX, moved.clientY);
      const next = under.map((one) => one.closest("[data-node]")).find((one) => one && one !== node && !("left" in one.dataset));
      if (next !== target) {
        target?.classList.remove("is-target");
        next?.classList.add("is-target");
        target = next;
      }
    };
    const end = (ended) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", escape, true);
      node.classList.remove("is-dragged");
      target?.classList.remove("is-target");
      if (!this.dragged) return;
      if (ended.type !== "pointerup") this.put(node, before);
      else if (target) {
        this.put(node, before);
        this.ask(node, target);
      } else this.keep(node, before);
    };
    const escape = (pressed) => pressed.key === "Escape" && end(pressed);
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
    addEventListener("keydown", escape, true);
  }

  pan(event) {
    const start = { x: event.clientX + this.frame.scrollLeft, y: event.clientY + this.frame.scrollTop };
    this.frame.classList.add("is-panning");
    const move = (moved) => this.frame.scrollTo(start.x - moved.clientX, start.y - moved.clientY);
    const end = () => {
      removeEventListener("pointermove", move);
      this.frame.classList.remove("is-panning");
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end, { once: true });
    addEventListener("pointercancel", end, { once: true });
  }

  click(event) {
    const node = event.target.closest("[data-node]");
    if (!node) return;
    if (this.dragged || this.tapped === node || this.lineFrom) event.preventDefault();
    this.select(node);
    if (this.lineFrom && !this.dragged) this.endLine(node);
    this.dragged = false;
    this.tapped = null;
  }

  select(node) {
    if (!node || node === this.selected) return;
    this.selected?.classList.remove("is-selected");
    this.selected = node;
    node.classList.add("is-selected");
  }

  // Keyboard
  key(event) {
    const node = event.target.closest("[data-node]");
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && this.lineFrom) this.lineFrom = null;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!node || !this.editable) return;
    if (steps && !("left" in node.dataset)) {
      const size = event.shiftKey ? STEP * 5 : STEP;
      this.nudge(node, steps[0] * size, steps[1] * size);
    } else if (event.key === "l") this.beginLine(node);
    else if (event.key === "u") this.undo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  nudge(node, dx, dy) {
    if (this.nudging && this.nudging.node !== node) this.settle();
    this.nudging ??= { node, before: this.at(node) };
    const { x, y } = this.at(node);
    this.put(node, { x: x + dx, y: y + dy });
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SETTLE);
  }

  settle() {
    clearTimeout(this.timer);
    const { node, before } = this.nudging ?? {};
    this.nudging = null;
    if (node) this.keep(node, before);
  }

  // Changes
  async send(url, values) {
    const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: this.token() });
    try {
      const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.ok) return "";
      const found = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
      return found.detail || this.root.dataset.saidFailed;
    } catch {
      return this.root.dataset.saidFailed;
    }
  }

  token() {
    return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  /** Keeps where the person stands now; `undone`: the move that is taken back, to the chart's own place if it was one. */
  async keep(node, before, undone = null) {
    const place = this.at(node);
    if (place.x === before.x && place.y === before.y) return;
    const values = undone?.own ? {} : place;
    const error = await this.send(this.root.dataset.placeUrl, { person: node.dataset.node, ...values });
    if (error) {
      this.put(node, before);
      this.fail(error);
      return;
    }
    if (undone) node.toggleAttribute("data-own", undone.own);
    else {
      this.moves.push({ node, before, own: "own" in node.dataset });
      delete node.dataset.own;
    }
    this.redraw(node.dataset.node);
    if (this.undoButton) this.undoButton.disabled = this.moves.length === 0;
    this.say(undone ? this.root.dataset.saidUndone : words(this.root.dataset.saidMoved, { name: node.dataset.name }));
  }

  undo() {
    this.settle();
    const last = this.moves.pop();
    if (!last) return;
    const now = this.at(last.node);
    this.put(last.node, last.before);
    this.keep(last.node, now, last);
  }

  beginLine(node = this.selected) {
    if (!node) {
      this.fail(this.root.dataset.saidSelect);
      return;
    }
    this.lineFrom = node;
    this.say(words(this.root.dataset.saidLine, { name: node.dataset.name }));
    node.querySelector("a").focus();
  }

  endLine(node) {
    const from = this.lineFrom;
    if (node === from) return;
    this.lineFrom = null;
    this.ask(from, node);
  }

  ask(node, other) {
    const names = { name: node.dataset.name, other: other.dataset.name };
    const form = this.dialog.querySelector("form");
    this.dialog.querySelector("[data-map-drop-title]").textContent = words(this.root.dataset.saidOnto, names);
    for (const kind of ["Reports", "Influence", "Conflict"]) {
      const label = this.dialog.querySelector(`[data-map-${kind.toLowerCase()}]`);
      label.textContent = words(label.dataset[`map${kind}`], names);
    }
    for (const name of ["person", "source"]) form.elements[name].value = node.dataset.node;
    for (const name of ["superior", "target"]) form.elements[name].value = other.dataset.node;
    form.elements.note.value = "";
    this.dialog.querySelector("[data-map-drop-error]").textContent = "";
    this.dialog.showModal();
  }

  async choose(event) {
    event.preventDefault();
    event.stopPropagation();
    const { target: form, submitter } = event;
    const values = Object.fromEntries(new FormData(form, submitter));
    const error = await this.send(submitter.formAction, values);
    if (error) {
      this.dialog.querySelector("[data-map-drop-error]").textContent = error;
      return;
    }
    this.dialog.close();
    window.htmx.ajax("GET", location.pathname, { target: "#panel", swap: "innerHTML" });
  }
}

function start(scope) {
  for (const root of scope.querySelectorAll?.("[data-map]:not([data-map-on])") ?? []) {
    root.dataset.mapOn = "";
    new RelationshipMap(root);
  }
}

start(document);
document.addEventListener("htmx:afterSettle", () => start(document));
