// One cell: the book's code and output, and in their place the reader's.
import { editorIn } from "./editor.js";
import { Output } from "./outputs.js";
import { make } from "./parts.js";
import { keep, typed } from "./store.js";
import { Tools } from "./tools.js";

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

// A cell that cannot run here, and says so.
export const absentCell = ({ node }, number, need) => {
  node.querySelector(".cell_input").after(make("p", { className: "run-note run-absent" }, ...absentNote(`Cell ${number}`, need)));
  return { number, need, ran: false };
};

export class Cell {
  failed = false;
  unsolved = false;
  #text; // as it is now; #begun is what was run last, and #done what Python has run to its end
  #begun;
  #done;
  #editor;
  #output; // what is shown; #last is what the last run makes, which takes its place when there is something to see
  #last;
  #lacks = false; // whether it failed for a name that a cell above would have made

  constructor({ node, code, name }, number, chapter) {
    Object.assign(this, { node, number, chapter, name, original: code });
    this.input = node.querySelector(".cell_input");
    this.box = this.input.querySelector(".highlight > pre, pre").parentElement;
    this.stored = node.querySelector(".cell_output");
    this.fold = node.querySelector("details");
    this.solution = node.classList.contains("tag_solution");
    this.exercise = this.solution ? undefined : exerciseOf(node); // a solution does not answer for the reader
    this.#text = typed(name) ?? code;
    this.tools = new Tools(number, {
      run: () => chapter.run([this]),
      stop: () => chapter.stop(),
      above: () => chapter.run(chapter.above(this), { place: this }),
      reset: () => {
        this.reset();
        chapter.say(`Cell ${number} is as the book has it.`);
      },
    });
    this.input.after(this.tools.node);
    // Where a cell can be run, Copy is for the mouse: the keyboard has enough to pass.
    this.input.querySelectorAll(".copybtn").forEach((copy) => (copy.tabIndex = -1));
    this.#show();
    this.#waitForReader();
  }

  get ran() {
    return this.#done === this.#text;
  }

  get source() {
    return this.#text;
  }

  // Whether no fold keeps it from view.
  get visible() {
    return !this.fold || this.fold.open;
  }

  // Whether it is a solution that is still folded.
  get hides() {
    return this.solution && !this.visible;
  }

  // What is said of its last run.
  get said() {
    return this.#last.said + (this.#lacks ? " Cells above have not been run." : "");
  }

  // Until it has an editor, its place can be reached by keyboard, and makes one; so does coming near the screen.
  #waitForReader() {
    Object.assign(this.box, { tabIndex: 0, role: "textbox", ariaLabel: `Code of cell ${this.number}` });
    this.box.addEventListener("focusin", this.#reached);
    if (this.changed) this.#edit();
    const near = (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      this.#edit();
    };
    const watch = new IntersectionObserver(near, { rootMargin: AHEAD });
    watch.observe(this.input);
  }

  #reached = ({ target }) => target.closest("button") || this.#edit().focus();

  #edit() {
    if (this.#editor) return this.#editor;
    for (const name of ["tabindex", "role", "aria-label"]) this.box.removeAttribute(name);
    this.box.removeEventListener("focusin", this.#reached);
    const holder = make("div", { className: "run-editor" });
    const pre = this.box.querySelector("pre");
    pre.hidden = true;
    pre.after(holder);
    this.#editor = editorIn(holder, this.#text, {
      label: `Code of cell ${this.number}`,
      describedBy: this.number === 1 ? "run-keys" : undefined, // once is enough
      run: () => this.chapter.run([this]),
      goOn: () => this.#goOn(),
      changed: (now) => {
        this.#text = now;
        keep(this.name, now === this.original ? undefined : now);
        pre.textContent = now; // what the copy button takes
        if (!this.tools.busy) this.tools.tell("");
        this.#show();
      },
      indents: (yes) => this.tools.indents(yes),
    });
    return this.#editor;
  }

  #goOn() {
    this.chapter.run([this]);
    const next = this.chapter.next(this);
    next?.focus();
    next?.input.scrollIntoView({ block: "nearest" });
  }

  #show() {
    this.input.classList.toggle("run-changed", this.changed);
    this.stored?.classList.toggle("run-before", this.changed);
    this.#output?.isOf(this.#text === this.#begun);
    this.tools.show(this.changed, Boolean(this.#output));
  }

  // Show an output, or without one what the book has.
  #put(output) {
    if (this.#output === output) return;
    if (this.#output?.node.contains(document.activeElement)) this.tools.go.focus();
    this.#output?.node.remove();
    this.#output = output;
    if (this.stored) this.stored.hidden = Boolean(output);
    if (output) this.tools.node.after(output.node);
    this.#show();
  }

  focus() {
    this.#edit().focus();
  }

  reveal() {
    if (this.fold) this.fold.open = true;
    this.input.scrollIntoView({ block: "center" });
    this.tools.go.focus({ preventScroll: true });
  }

  // What Python has to say of a run.
  hear(message) {
    this.#put(this.#last);
    if (message.kind === "stream") this.#last.stream(message);
    else if (message.kind === "display") this.#last.display(message, this.chapter.save);
    else this.#fail(message);
  }

  #fail(message) {
    this.failed = true;
    this.#last.error(message);
    if (message.absent) this.#last.note(...absentNote("This", message.absent));
    this.#lacks = message.type === "NameError" && this.chapter.above(this).length > 0;
    if (!this.#lacks) return;
    const all = this.tools.button("Run all above, then this", () => {
      this.chapter.run([...this.chapter.above(this), this], { place: this });
      this.tools.go.focus();
      all.parentElement.remove();
    });
    this.#last.note("Cells above have not been run. ", all);
  }

  // The cells above have run: that they had not is no longer true.
  settle() {
    if (!this.#lacks || this.chapter.above(this).length) return;
    this.#lacks = false;
    this.#put(undefined);
    this.tools.tell("");
  }

  wait() {
    this.tools.tell("waiting");
    this.tools.busy = true;
  }

  begin() {
    this.#last = new Output(this.number);
    this.#begun = this.#text;
    this.failed = this.#lacks = false;
    this.tools.tell("running");
    this.node.classList.add("run-running");
    this.tools.busy = true;
  }

  idle() {
    this.tools.tell("");
    this.node.classList.remove("run-running");
    this.tools.busy = false;
  }

  end(time) {
    this.idle();
    this.#done = this.failed ? undefined : this.#begun;
    if (this.#output !== this.#last) {
      this.#put(this.stored ? this.#last : undefined);
      if (this.stored) this.#last.note("The cell ran and showed nothing.");
    }
    this.tools.tell(this.failed ? "failed" : `ran in ${seconds(time)}`);
    const answer = this.#output?.node;
    if (this.node.contains(document.activeElement) && answer?.clientHeight < innerHeight / 2)
      answer.scrollIntoView({ block: "nearest" });
    const verdict = this.exercise && /^(right$|not yet)/m.exec(this.#last.printed)?.[0];
    this.unsolved = verdict === "not yet";
    if (verdict === "right" && this.#begun !== this.original)
      document.dispatchEvent(new CustomEvent("exercise-solved", { detail: { exercise: this.exercise } }));
  }

  stopped(why) {
    this.idle();
    this.#put(this.#last);
    const above = this.number > 1 ? "; the cells above have to run again" : "";
    this.#last.note(`${why}. What the cells had made is gone${above}.`);
  }

  get changed() {
    return this.#text !== this.original;
  }

  // Python has gone, and with it what this cell made.
  forget() {
    this.#done = undefined;
  }

  reset() {
    this.#text = this.original;
    keep(this.name, undefined);
    this.#editor?.dispatch({ changes: { from: 0, to: this.#editor.state.doc.length, insert: this.original } });
    this.#put(undefined);
    this.tools.tell("");
  }
}
