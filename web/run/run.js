// Run, in a chapter: its cells become editable and Python runs them, here in the page.
import { absentCell, Cell } from "./cell.js";
import { Kernel } from "./kernel.js";
import { button, make } from "./parts.js";
import { cellsOfPage } from "./store.js";
import { follow } from "./widgets.js";

const STOPPED = "Stopped. Python starts afresh: what the cells had made is gone. Run all above brings it back.";
const KEYS =
  "Shift+Enter runs a cell and goes on to the next, Ctrl+Enter stays. Tab passes by; where you have typed, it indents, and Escape, then Tab, leaves.";

const mega = (bytes) => (bytes / 1e6).toFixed(0);
const able = (cell) => !cell.need && !cell.hides;

const summary = (run, cells) => {
  const here = cells.some(({ need }) => need) ? " that can run here" : "";
  const folded = cells.some((cell) => !cell.need && cell.hides) ? "; the solutions stay folded" : "";
  const unsolved = run.filter((cell) => cell.unsolved).length;
  const exercises = unsolved === 1 ? " One exercise is" : ` ${unsolved} exercises are`;
  return `All ${run.length} cells${here} have run${folded}.${unsolved ? `${exercises} still to be solved.` : ""}`;
};

class Chapter {
  #kernel;
  #queue = [];
  #running = null;
  #ready = false;
  #here = false; // whether Python was loaded before: another start is no other download
  #task = {}; // all: the cells of the whole chapter, or place: the cell at which all above were asked for

  constructor(bar) {
    const { plots, total, needs } = JSON.parse(bar.dataset.run);
    Object.assign(this, { plots, total });
    this.said = bar.querySelector("[role=status]");
    this.progress = make("progress", { max: 1, value: 0, ariaLabel: "Loading Python", hidden: true });
    this.runButton = button("Run all cells", () => this.#runAll());
    const resetButton = button("Reset all", () => this.#resetAll());
    const andOn = (act) => ({ detail }) => {
      if (detail > 1) return; // the second of two clicks on what stood there before
      act();
      this.runButton.focus(); // the one that was pressed has gone
    };
    this.stopButton = button("Stop", andOn(() => this.stop()), { hidden: true });
    this.againButton = button("Start Python again", andOn(() => this.boot()), { hidden: true });
    const first = bar.querySelector("button");
    const actions = make("div", { className: "run-actions" }, this.againButton, this.stopButton, this.runButton, resetButton);
    const hadFocus = document.activeElement === first;
    first.replaceWith(this.progress, actions);
    bar.querySelector(".run-offer").replaceWith(make("p", { className: "run-keys", id: "run-keys" }, KEYS));
    if (hadFocus) this.runButton.focus();
    this.cells = cellsOfPage().map((one, k) =>
      needs[k + 1] ? absentCell(one, k + 1, needs[k + 1]) : new Cell(one, k + 1, this),
    );
    document.querySelectorAll(".run-kept").forEach((note) => note.remove());
  }

  // Of many cells a screen reader hears the last alone.
  say(words, quietly = false) {
    this.said.ariaLive = quietly ? "off" : "polite";
    this.said.textContent = words;
  }

  // What a cell asks for: those above that have not run, the next that can, and that Python hear of a change.
  above(cell) {
    return this.cells.slice(0, this.cells.indexOf(cell)).filter((other) => able(other) && !other.ran);
  }

  next(cell) {
    return this.cells.slice(this.cells.indexOf(cell) + 1).find((other) => !other.need && other.visible);
  }

  save = (name, changes) => this.#kernel?.set(name, changes);

  boot() {
    this.#ready = false;
    this.againButton.hidden = true;
    this.progress.hidden = false;
    this.progress.value = 0;
    // Python that was stopped may still have something to say.
    const still = (act) => (...news) => one === this.#kernel && act(...news);
    const one = new Kernel({
      plots: this.plots,
      total: this.total,
      widget: follow,
      progress: still(this.#loading()),
      ready: still(() => this.#isReady()),
      broken: still((words) => this.#isBroken(words)),
    });
    this.#kernel = one;
  }

  // A screen reader hears of every quarter, not of every byte.
  #loading() {
    let spoken = 0;
    return (loaded) => {
      if (this.#ready) return;
      this.progress.value = loaded / this.total;
      this.progress.textContent = `${Math.round((100 * loaded) / this.total)} %`;
      const quarter = Math.floor((4 * loaded) / this.total);
      if (quarter === spoken || this.#here) return;
      spoken = quarter;
      this.say(quarter < 4 ? `Loading Python: ${mega(loaded)} of ${mega(this.total)} MB.` : "Starting Python.");
    };
  }

  #isReady() {
    this.#ready = this.#here = true;
    this.progress.hidden = true;
    this.say("Python is ready: change any cell and run it.");
    this.#pump();
  }

  #isBroken(words) {
    const what = this.#ready ? "broke" : "did not start";
    this.#halt(`Python broke: ${words}`);
    this.progress.hidden = true;
    this.againButton.hidden = false;
    this.say(`Python ${what}: ${words}. Start it again here, or by running a cell.`);
  }

  // Queue cells; `task` says what they are together.
  run(wanted, task) {
    const fresh = wanted.filter((cell) => cell !== this.#running && !this.#queue.includes(cell));
    fresh.forEach((cell) => cell.wait());
    this.#queue.push(...fresh);
    if (fresh.length && task) {
      this.#leave("");
      this.#task = task;
      task.place?.wait();
    }
    if (!this.#kernel) this.boot();
    if (!this.#ready && fresh.length) this.say("Python is still on its way; the cell runs when it is here.");
    this.#pump();
  }

  #offerStop(yes) {
    if (!yes && document.activeElement === this.stopButton) this.runButton.focus();
    this.stopButton.hidden = !yes;
  }

  // Run the next cell in the queue, unless one is running.
  async #pump() {
    this.#offerStop(this.#queue.length > 0 || this.#running !== null);
    if (!this.#ready || this.#running || !this.#queue.length) return;
    const [cell, kernel, began] = [this.#queue.shift(), this.#kernel, performance.now()];
    this.#running = cell;
    this.say(`Cell ${cell.number} is running.`, this.#queue.length > 0);
    cell.begin();
    const { place } = this.#task;
    if (place !== cell) place?.tools.tell(`running cell ${cell.number}, ${this.#queue.length} to go`);
    await kernel.run(cell.source, cell.number, (message) => cell.hear(message));
    if (kernel !== this.#kernel) return;
    this.#running = null;
    cell.end((performance.now() - began) / 1000);
    if (cell.failed) this.#queue.splice(0).forEach((other) => other.idle());
    const left = this.#queue.length;
    const how = cell.failed ? " failed" : "";
    this.say(`Cell ${cell.number}${how}: ${cell.said || "done"}${left ? ` ${left} to go.` : ""}`, left > 0);
    if (!left) this.#conclude(cell);
    this.#pump();
  }

  // The cell at which all above were asked for has no more to wait for.
  #leave(words) {
    const { place } = this.#task;
    if (!place || place === this.#running || this.#queue.includes(place)) return;
    place.idle();
    place.tools.tell(words);
  }

  // After several cells the last word is about them all.
  #conclude(cell) {
    const { all, place } = this.#task;
    this.cells.forEach((other) => other.settle?.());
    if (place !== cell) this.#leave(cell.failed ? `stopped at cell ${cell.number}` : "the cells above have run");
    this.#task = {};
    if (cell.failed && (all || (place && place !== cell))) {
      this.say(`Stopped at cell ${cell.number}: ${cell.said} `);
      this.said.append(button(`Go to cell ${cell.number}`, () => cell.reveal()));
    } else if (all) this.say(summary(all, this.cells));
  }

  // This Python ends, and with it all that the cells had made.
  #halt(why) {
    const cell = this.#running;
    this.#queue.splice(0).forEach((other) => other.idle());
    this.#running = null;
    this.#leave("stopped");
    this.#task = {};
    this.#kernel.stop();
    this.#kernel = undefined;
    cell?.stopped(why);
    this.cells.forEach((other) => other.forget?.());
    this.#offerStop(false);
  }

  stop() {
    this.#halt("Stopped");
    this.boot();
    this.say(STOPPED);
  }

  #runAll() {
    const all = this.cells.filter(able);
    this.run(all, { all });
  }

  #resetAll() {
    if (this.cells.some((cell) => cell.changed) && !confirm("Put every cell back as the book has it?")) return;
    this.cells.forEach((cell) => cell.reset?.());
    this.say("Every cell is as the book has it.");
  }
}

// `shown` is the number of the cell at which a reader asked for what was typed there before; Python then waits.
export const start = (bar, shown) => {
  const chapter = new Chapter(bar);
  if (!shown) return chapter.boot();
  chapter.cells[shown - 1].reveal?.();
  chapter.say("What you typed is back. Python starts when you run a cell.");
};
