// What a cell shows, in the markup that the page has for outputs.
import { drawn, make, markdown, picture } from "./parts.js";
import { enliven } from "./widgets.js";

const text = (words, kind) =>
  make("div", { className: `output ${kind} notranslate` }, make("div", { className: "highlight" }, make("pre", {}, words)));

const html = (words) => make("div", { className: "output text_html", innerHTML: words });

const WAYS = [
  ["text/html", html],
  ["text/markdown", markdown],
  ["image/svg+xml", picture],
  ["image/png", drawn],
];

export class Output {
  constructor(number) {
    this.body = make("div", { className: "run-body" });
    this.label = make("p", { className: "run-label" });
    this.node = make("div", { className: "cell_output run-output", role: "group", ariaLabel: `Your output of cell ${number}` }, this.label, this.body);
    this.isOf(true);
    this.shown = ""; // in words, what is no text
    this.printed = "";
    this.failed = "";
  }

  // Say whether it is of the code that stands above it.
  isOf(current) {
    this.label.textContent = current ? "Your output" : "Your output, of the code before you changed it";
  }

  // What is said of it: at most some three lines.
  get said() {
    const words = this.failed || this.printed.trim() || this.shown;
    return words.split("\n").slice(0, 3).join(" ").slice(0, 160);
  }

  stream({ name, text: words }) {
    this.printed += words;
    if (this.last?.name === name) return this.last.pre.append(words);
    const made = text(words, `stream ${name === "stderr" ? "stderr run-quiet" : "highlight-myst-ansi"}`);
    this.body.append(made);
    this.last = { name, pre: made.querySelector("pre") };
  }

  display({ data, widget }, save) {
    this.last = undefined;
    const plain = data["text/plain"];
    this.shown ||= data["image/svg+xml"] || data["image/png"] ? "a figure" : plain;
    const way = WAYS.find(([kind]) => kind in data);
    let made;
    try {
      made = way?.[1](data[way[0]]);
    } catch {
      made = undefined;
    }
    made ??= text(plain, "text_plain highlight-none");
    this.body.append(made);
    if (widget) enliven(made, widget, save);
  }

  error({ last, whole }) {
    this.last = undefined;
    this.failed = last;
    const fold = make("details", {}, make("summary", {}, "Traceback"), make("pre", {}, whole));
    this.body.append(make("div", { className: "run-error" }, make("p", {}, make("code", {}, last)), fold));
  }

  note(...parts) {
    this.last = undefined;
    this.body.append(make("p", { className: "run-note" }, ...parts));
  }
}
