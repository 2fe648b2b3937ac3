// Order: pages, questions and choices by drag (mouse, finger, pen) and by Alt+↑ and Alt+↓.
const EDGE = 70; // px from the edge of the window where dragging scrolls

/** `move(kind, from, to)` is told the place (`data-at`) of what is moved and of what it is put before; `to` "end" of a
    list is `{ at, after: true }`. */
export function sortable(root, { move, step }) {
  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-sb-handle]");
    if (!handle || event.button) return;
    event.preventDefault();
    handle.focus();
    new Drag(root, handle, event, move);
  });
  root.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!direction || !event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.target.matches("select, textarea")) return;
    const item = event.target.closest("[data-sort]");
    const inText = event.target.matches("input") && item?.dataset.sort !== "choice";
    if (!item || inText) return;
    event.preventDefault();
    step(item.dataset.sort, item.dataset.at, direction);
  });
}

class Drag {
  constructor(root, handle, event, move) {
    this.root = root;
    this.handle = handle;
    this.item = handle.closest("[data-sort]");
    this.kind = this.item.dataset.sort;
    this.move = move;
    this.start = event.clientY;
    this.line = document.createElement("li");
    this.line.className = "sb-drop";
    this.target = null;
    this.listeners = { pointermove: (e) => this.drag(e), pointerup: () => this.drop(), pointercancel: () => this.end(), keydown: (e) => e.key === "Escape" && this.end() };
    for (const [name, listener] of Object.entries(this.listeners)) window.addEventListener(name, listener);
    handle.setPointerCapture(event.pointerId);
  }

  drag(event) {
    if (!this.moving && Math.abs(event.clientY - this.start) < 4) return;
    this.moving = true;
    this.item.classList.add("is-dragged");
    if (event.clientY < EDGE) window.scrollBy(0, -12);
    if (event.clientY > window.innerHeight - EDGE) window.scrollBy(0, 12);
    const over = this.find(event.clientX, event.clientY);
    if (!over) return;
    this.target = over;
    if (over.after) over.element.after(this.line);
    else if (over.inside) over.element.prepend(this.line);
    else over.element.before(this.line);
  }

  /** What it would be dropped before or after. */
  find(x, y) {
    const items = [...this.root.querySelectorAll(`[data-sort="${this.kind}"]`)];
    const near = this.kind === "choice" ? items.filter((one) => one.parentElement === this.item.parentElement) : items;
    const empty = this.kind === "question" ? [...this.root.querySelectorAll("[data-sb-list]:not(:has([data-sort]))")] : [];
    let best = null;
    for (const element of [...near, ...empty]) {
      const box = element.getBoundingClientRect();
      const distance = y < box.top ? box.top - y : y > box.bottom ? y - box.bottom : 0;
      if (!best || distance < best.distance) best = { element, box, distance };
    }
    if (!best) return null;
    if ("sbList" in best.element.dataset) return { element: best.element, inside: true, at: best.element.dataset.sbList };
    return { element: best.element, at: best.element.dataset.at, after: y > best.box.top + best.box.height / 2 };
  }

  drop() {
    const { target, item, kind } = this;
    const moved = this.moving && target && target.element !== item;
    this.end();
    if (moved) this.move(kind, item.dataset.at, { at: target.at, after: target.after ?? false, inside: target.inside ?? false });
  }

  end() {
    this.line.remove();
    this.item.classList.remove("is-dragged");
    for (const [name, listener] of Object.entries(this.listeners)) window.removeEventListener(name, listener);
  }
}
