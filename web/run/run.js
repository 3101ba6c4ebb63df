// Run, in a chapter: its cells become editable and Python runs them, here in the page.
import { makeCell } from "./cell.js";
import { Kernel } from "./kernel.js";
import { make } from "./parts.js";
import { cellsOfPage } from "./store.js";
import { follow } from "./widgets.js";

const MEGA = 1e6;
const STOPPED = "Stopped. Python starts afresh: what the cells had made is gone. Run all above brings it back.";

const summary = (run, cells) => {
  const able = cells.some(({ need }) => need) ? " that can run here" : "";
  const folded = cells.some((cell) => !cell.need && cell.hides()) ? "; the solutions stay folded" : "";
  const unsolved = run.filter((cell) => cell.unsolved).length;
  const exercises = unsolved === 1 ? " One exercise is" : ` ${unsolved} exercises are`;
  return `All ${run.length} cells${able} have run${folded}.${unsolved ? `${exercises} still to be solved.` : ""}`;
};

// `shown` is the number of the cell at which a reader asked for what was typed there before; Python then waits.
export const start = (bar, shown) => {
  const { plots, total, needs } = JSON.parse(bar.dataset.run);
  const said = bar.querySelector("[role=status]");
  const say = (words) => (said.textContent = words);
  const button = (words, more = {}) => make("button", { type: "button", className: "run-button", textContent: words, ...more });
  const progress = make("progress", { max: 1, value: 0, ariaLabel: "Loading Python", hidden: true });
  const runAll = button("Run all cells");
  const stopAll = button("Stop", { hidden: true });
  const resetAll = button("Reset all");
  const again = button("Start Python again", { hidden: true });
  const keys = make(
    "p",
    { className: "run-keys", id: "run-keys" },
    "Shift+Enter runs a cell and goes on to the next, Ctrl+Enter stays. Tab passes by; where you have typed, it indents, and Escape, then Tab, leaves.",
  );
  const first = bar.querySelector("button");
  const actions = make("div", { className: "run-actions" }, again, runAll, stopAll, resetAll);
  const hadFocus = document.activeElement === first;
  first.replaceWith(actions);
  bar.querySelector(".run-offer").replaceWith(keys);
  actions.before(progress);
  if (hadFocus) runAll.focus();

  let kernel, cells, queue = [], running = null, ready = false;
  let here = false; // whether Python was loaded before: another start is no other download
  let task = {}; // all: the cells of the whole chapter, or place: the cell at which all above were asked for

  const boot = () => {
    ready = false;
    again.hidden = true;
    progress.hidden = false;
    progress.value = 0;
    let spoken = 0;
    const one = new Kernel({
      plots,
      total,
      widget: follow,
      progress(loaded) {
        if (one !== kernel || ready) return;
        progress.value = loaded / total;
        progress.textContent = `${Math.round((100 * loaded) / total)} %`;
        // A screen reader hears of every quarter, not of every byte.
        const quarter = Math.floor((4 * loaded) / total);
        if (quarter === spoken || here) return;
        spoken = quarter;
        say(quarter < 4 ? `Loading Python: ${(loaded / MEGA).toFixed(0)} of ${(total / MEGA).toFixed(0)} MB.` : "Starting Python.");
      },
      ready() {
        if (one !== kernel) return;
        ready = here = true;
        progress.hidden = true;
        say("Python is ready: change any cell and run it.");
        pump();
      },
      broken(words) {
        if (one !== kernel) return;
        const what = ready ? "broke" : "did not start";
        halt(`Python broke: ${words}`);
        progress.hidden = true;
        again.hidden = false;
        say(`Python ${what}: ${words}. Start it again here, or by running a cell.`);
      },
    });
    kernel = one;
  };

  const pump = async () => {
    stopAll.hidden = !queue.length && !running;
    if (!ready || running || !queue.length) return;
    running = queue.shift();
    stopAll.hidden = false;
    const cell = running;
    const mine = kernel;
    const began = performance.now();
    say(`Cell ${cell.number} is running.`);
    cell.begin();
    if (task.place !== cell) task.place?.tell(`running cell ${cell.number}, ${queue.length} to go`);
    await mine.run(cell.source(), cell.number, cell.hear);
    if (mine !== kernel) return;
    running = null;
    const seconds = (performance.now() - began) / 1000;
    cell.end(seconds);
    if (cell.failed) queue.splice(0).forEach((other) => other.idle());
    say(`Cell ${cell.number}${cell.failed ? " failed" : ""}: ${cell.heard() || "done"}${queue.length ? ` ${queue.length} to go.` : ""}`);
    if (!queue.length) conclude(cell);
    pump();
  };

  // After several cells the last word is about them all.
  const conclude = (cell) => {
    const { all, place } = task;
    task = {};
    cells.forEach((other) => other.settle?.());
    if (place !== cell) place?.tell(cell.failed ? `stopped at cell ${cell.number}` : "the cells above have run");
    if (cell.failed && (all || (place && place !== cell))) {
      const go = button(`Go to cell ${cell.number}`);
      go.addEventListener("click", cell.show);
      say(`Stopped at cell ${cell.number}: ${cell.heard()} `);
      said.append(go);
    } else if (all) say(summary(all, cells));
  };

  // This Python ends, and with it all that the cells had made.
  const halt = (why) => {
    const cell = running;
    queue.splice(0).forEach((other) => other.idle());
    running = null;
    task.place?.tell("stopped");
    task = {};
    kernel.stop();
    kernel = undefined;
    cell?.stopped(why);
    cells.forEach((other) => other.forget?.());
    stopAll.hidden = true;
  };

  const stop = () => {
    halt("Stopped");
    boot();
    say(STOPPED);
  };

  const run = (wanted, what) => {
    const fresh = wanted.filter((cell) => cell !== running && !queue.includes(cell));
    fresh.forEach((cell) => cell.wait());
    queue.push(...fresh);
    if (fresh.length && what) {
      task.place?.tell("");
      task = what;
      what.place?.tell("waiting");
    }
    if (!kernel) boot();
    if (!ready && fresh.length) say("Python is still on its way; the cell runs when it is here.");
    pump();
  };

  const able = (cell) => !cell.need && !cell.hides();
  const above = (cell) => cells.slice(0, cells.indexOf(cell)).filter((other) => able(other) && !other.ran);
  const next = (cell) => cells.slice(cells.indexOf(cell) + 1).find((other) => !other.need && other.visible());
  const chapter = { run, stop, above, next, save: (name, changes) => kernel?.set(name, changes) };
  cells = cellsOfPage().map((node, k) => makeCell(node, k + 1, needs[k + 1], chapter));
  document.querySelectorAll(".run-kept").forEach((note) => note.remove());

  runAll.addEventListener("click", () => {
    const all = cells.filter(able);
    run(all, { all });
  });
  stopAll.addEventListener("click", () => {
    stop();
    runAll.focus();
  });
  again.addEventListener("click", () => {
    boot();
    runAll.focus();
  });
  resetAll.addEventListener("click", () => {
    cells.forEach((cell) => cell.reset?.());
    say("Every cell is as the book has it; what you typed is gone.");
  });
  if (shown) {
    cells[shown - 1].show?.();
    say("What you typed is back. Python starts when you run a cell.");
  } else boot();
};
