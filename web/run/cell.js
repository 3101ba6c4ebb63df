// One cell: the book's code and output, and in their place the reader's.
import { editorIn } from "./editor.js";
import { Output } from "./outputs.js";
import { make } from "./parts.js";
import { codeOf, keep, nameOf, typed } from "./store.js";

const AHEAD = "600px"; // how far off the screen an editor is made

const absentNote = (what, packages) => {
  const colab = document.querySelector('a[href^="https://colab.research.google.com/"]');
  const file = document.querySelector('a.btn-download-source-button[href$=".ipynb"]');
  const link = colab
    ? make("a", { href: colab.href }, "Open the chapter in Colab")
    : file && make("a", { href: file.href, download: "" }, "Download the notebook");
  return [`${what} needs ${packages}, which a page cannot have. `, ...(link ? [link, " to run it."] : [])];
};

const seconds = (time) => (time < 0.05 ? "under 0.1 s" : time < 10 ? `${time.toFixed(1)} s` : `${Math.round(time)} s`);

// The exercise under whose heading a cell stands, by its number.
const exerciseOf = (node) =>
  /^Exercise (\d+\.\d+)/.exec(node.closest("section")?.querySelector(":scope > h3")?.textContent)?.[1];

export const makeCell = (node, number, need, chapter) => {
  const input = node.querySelector(".cell_input");
  const box = input.querySelector(".highlight > pre, pre").parentElement;
  const pre = box.querySelector("pre");
  const original = codeOf(node);
  const name = nameOf(original);
  if (need) {
    input.after(make("p", { className: "run-note run-absent" }, ...absentNote(`Cell ${number}`, need)));
    return { number, need, ran: false };
  }
  const stored = node.querySelector(".cell_output");
  const fold = node.querySelector("details");
  // A solution does not answer for the reader.
  const solution = node.classList.contains("tag_solution");
  const exercise = solution ? undefined : exerciseOf(node);
  let text = typed(name) ?? original;
  let editor, output, last, begun, done; // the last two: what was run last, and what Python has run to its end
  let lacks = false; // whether it failed for a name that a cell above would have made

  const button = (words, act) => {
    const made = make("button", { type: "button", className: "run-button", textContent: words, ariaLabel: `${words}: cell ${number}` });
    made.addEventListener("click", act);
    return made;
  };
  const label = make("span", { className: "run-number", ariaHidden: "true" }); // the group's name says it
  const state = make("span", { className: "run-state" });
  const leave = make("span", { className: "run-keys run-leave", hidden: true }, "Esc, then Tab, leaves");
  const go = button("Run", () => (go.dataset.busy ? chapter.stop() : chapter.run([cell])));
  const above = button("Run all above", () => chapter.run(chapter.above(cell), { place: cell }));
  const back = button("Reset", () => {
    cell.reset();
    go.focus();
  });
  const tools = make("div", { className: "run-tools", role: "group" }, go, above, back, label, state, leave);
  above.hidden = number === 1;

  const busy = (yes) => {
    go.textContent = yes ? "Stop" : "Run";
    go.ariaLabel = `${go.textContent}: cell ${number}`;
    if (yes) go.dataset.busy = "yes";
    else delete go.dataset.busy;
  };
  const show = () => {
    const changed = text !== original;
    back.hidden = !changed && !output;
    input.classList.toggle("run-changed", changed);
    tools.ariaLabel = `Cell ${number}${changed ? ", changed" : ""}`;
    label.textContent = tools.ariaLabel.toLowerCase();
  };
  const put = (made) => {
    if (output === made) return;
    if (output?.node.contains(document.activeElement)) go.focus();
    output?.node.remove();
    output = made;
    if (stored) stored.hidden = Boolean(made);
    if (made) tools.after(made.node);
    show();
  };

  // Until it has an editor, its place can be reached by keyboard, and makes one.
  const reached = ({ target }) => target.closest("button") || edit().focus();
  const edit = () => {
    if (editor) return editor;
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    box.removeEventListener("focusin", reached);
    const holder = make("div", { className: "run-editor" });
    pre.hidden = true;
    pre.after(holder);
    editor = editorIn(holder, text, {
      label: `Code of cell ${number}`,
      describedBy: "run-keys",
      run: () => chapter.run([cell]),
      goOn() {
        chapter.run([cell]);
        const next = chapter.next(cell);
        if (next) {
          next.focus();
          next.reveal();
        }
      },
      changed(now) {
        text = now;
        keep(name, text === original ? undefined : text);
        pre.textContent = text; // what the copy button takes
        show();
      },
      indents: (yes) => (leave.hidden = !yes),
    });
    return editor;
  };

  // What comes of a run goes to an output that takes the place of the last one when there is something to see.
  const into = (act) => (message) => {
    put(last);
    act(message);
  };
  const cell = {
    number,
    get ran() {
      return done === text;
    },
    forget: () => (done = undefined),
    failed: false,
    source: () => text,
    unsolved: false,
    visible: () => !fold || fold.open,
    hides: () => Boolean(solution && fold && !fold.open),
    focus: () => edit().focus(),
    reveal: () => input.scrollIntoView({ block: "nearest" }),
    show() {
      if (fold) fold.open = true;
      input.scrollIntoView({ block: "center" });
      go.focus({ preventScroll: true });
    },
    tell: (words) => (state.textContent = words),
    heard: () => last.first.split("\n").slice(0, 3).join(" ").slice(0, 160),
    hear: {
      stream: into((message) => last.stream(message)),
      display: into((message) => last.display(message, chapter.save)),
      error: into((message) => {
        cell.failed = true;
        last.error(message);
        if (message.absent) last.note(...absentNote("This", message.absent));
        lacks = message.type === "NameError" && chapter.above(cell).length > 0;
        if (!lacks) return;
        const all = button("Run all above, then this", () => {
          chapter.run([...chapter.above(cell), cell], { place: cell });
          go.focus();
          all.parentElement.remove();
        });
        last.note("Cells above have not been run. ", all);
      }),
    },
    // The cells above have run: that they had not is no longer true.
    settle() {
      if (!lacks || chapter.above(cell).length) return;
      lacks = false;
      put(undefined);
      state.textContent = "";
    },
    wait() {
      state.textContent = "waiting";
      busy(true);
    },
    begin() {
      last = new Output(number);
      begun = text;
      cell.failed = lacks = false;
      state.textContent = "running";
      node.classList.add("run-running");
      busy(true);
    },
    idle() {
      state.textContent = "";
      node.classList.remove("run-running");
      busy(false);
    },
    end(time) {
      cell.idle();
      done = cell.failed ? undefined : begun;
      if (output !== last) {
        put(stored ? last : undefined);
        if (stored) last.note("The cell ran and showed nothing.");
      }
      state.textContent = cell.failed ? "failed" : `ran in ${seconds(time)}`;
      const verdict = exercise && /^(right$|not yet)/m.exec(last.printed)?.[0];
      cell.unsolved = verdict === "not yet";
      if (verdict === "right" && begun !== original)
        document.dispatchEvent(new CustomEvent("exercise-solved", { detail: { exercise } }));
    },
    stopped(why) {
      cell.idle();
      put(last);
      last.note(`${why}. What the cells had made is gone; the cells above have to run again.`);
    },
    reset() {
      text = original;
      keep(name, undefined);
      editor?.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: original } });
      put(undefined);
      state.textContent = "";
    },
  };

  input.after(tools);
  show();
  // Where a cell can be run, Copy is for the mouse: the keyboard has enough to pass.
  input.querySelectorAll(".copybtn").forEach((copy) => (copy.tabIndex = -1));
  Object.assign(box, { tabIndex: 0, role: "textbox", ariaLabel: `Code of cell ${number}` });
  box.addEventListener("focusin", reached);
  if (text !== original) edit();
  const watch = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      edit();
    },
    { rootMargin: AHEAD },
  );
  watch.observe(input);
  return cell;
};
