// One cell: the book's code and output, and in their place the reader's.
import { editorIn } from "./editor.js";
import { Output } from "./outputs.js";
import { make } from "./parts.js";
import { keep, nameOf, typed } from "./store.js";

const AHEAD = "600px"; // how far off the screen an editor is made

const absentNote = (packages) => {
  const colab = document.querySelector('a[href^="https://colab.research.google.com/"]');
  const file = document.querySelector('a.btn-download-source-button[href$=".ipynb"]');
  const link = colab
    ? make("a", { href: colab.href }, "Open the chapter in Colab")
    : file && make("a", { href: file.href, download: "" }, "Download the notebook");
  return [`This needs ${packages}, which a page cannot have. `, ...(link ? [link, " to run it."] : [])];
};

const seconds = (time) => (time < 10 ? `${time.toFixed(1)} s` : `${Math.round(time)} s`);

export const makeCell = (node, number, need, chapter) => {
  const input = node.querySelector(".cell_input");
  const box = input.querySelector(".highlight > pre, pre").parentElement;
  const pre = box.querySelector("pre");
  const original = pre.textContent.replace(/\n$/, "");
  if (need) {
    input.after(make("p", { className: "run-note run-absent" }, ...absentNote(need)));
    return { number, need, ran: false };
  }
  const name = nameOf(original);
  const stored = node.querySelector(".cell_output");
  const fold = node.querySelector("details");
  let text = typed(name) ?? original;
  let editor, output, last, begun, done; // the last two: what was run last, and what Python has run to its end

  const button = (words, act) => {
    const made = make("button", { type: "button", className: "run-button", textContent: words, ariaLabel: `${words}: cell ${number}` });
    made.addEventListener("click", act);
    return made;
  };
  const state = make("span", { className: "run-state" });
  const go = button("Run", () => (go.dataset.busy ? chapter.stop() : chapter.run([cell])));
  const above = button("Run all above", () => chapter.run(chapter.above(cell)));
  const back = button("Reset", () => {
    cell.reset();
    go.focus();
  });
  const tools = make("div", { className: "run-tools", role: "group", ariaLabel: `Cell ${number}` }, go, above, back, state);
  above.hidden = number === 1;

  const busy = (yes) => {
    go.textContent = yes ? "Stop" : "Run";
    go.ariaLabel = `${go.textContent}: cell ${number}`;
    if (yes) go.dataset.busy = "yes";
    else delete go.dataset.busy;
  };
  const show = () => {
    back.hidden = text === original && !output;
    input.classList.toggle("run-changed", text !== original);
  };
  const put = (made) => {
    if (output === made) return;
    output?.node.remove();
    output = made;
    if (stored) stored.hidden = Boolean(made);
    if (made) tools.after(made.node);
    show();
  };

  const edit = () => {
    if (editor) return editor;
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
        if (next) next.focus();
      },
      changed(now) {
        text = now;
        keep(name, text === original ? undefined : text);
        pre.textContent = text; // what the copy button takes
        show();
      },
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
    visible: () => !fold || fold.open,
    // A folded solution does not answer for the reader.
    hides: () => Boolean(fold && !fold.open && node.classList.contains("tag_solution")),
    focus: () => edit().focus(),
    heard: () => last.first.split("\n").slice(0, 3).join(" ").slice(0, 160),
    hear: {
      stream: into((message) => last.stream(message)),
      display: into((message) => last.display(message, chapter.save)),
      error: into((message) => {
        cell.failed = true;
        last.error(message);
        if (message.absent) last.note(...absentNote(message.absent));
        const before = chapter.above(cell);
        if (message.type === "NameError" && before.length) {
          const words = before.length === 1 ? "One cell above has" : `${before.length} cells above have`;
          last.note(`${words} not been run. `, button("Run all above, then this", () => chapter.run([...before, cell])));
        }
      }),
    },
    wait() {
      state.textContent = "waiting";
      busy(true);
    },
    begin() {
      last = new Output(number);
      begun = text;
      cell.failed = false;
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
