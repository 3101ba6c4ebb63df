// The row under a cell: its buttons, its number, and how it is.
import { make } from "./parts.js";

export class Tools {
  #state = make("span", { className: "run-state" });
  #leave = make("span", { className: "run-keys run-leave", hidden: true }, "Esc, then Tab, leaves");
  #label = make("span", { className: "run-number", ariaHidden: "true" }); // the group's name says it
  #number;

  // `acts` has what each button does.
  constructor(number, { run, stop, above, reset }) {
    this.#number = number;
    this.go = this.button("Run", () => (this.go.dataset.busy ? stop() : run()));
    this.above = this.button("Run all above", above);
    this.above.hidden = number === 1;
    this.back = this.button("Reset", () => {
      reset();
      this.go.focus();
    });
    this.node = make("div", { className: "run-tools", role: "group" }, this.go, this.above, this.back, this.#label, this.#state, this.#leave);
  }

  button(words, act) {
    const ariaLabel = `${words}: cell ${this.#number}`;
    const made = make("button", { type: "button", className: "run-button", textContent: words, ariaLabel });
    made.addEventListener("click", act);
    return made;
  }

  busy(yes) {
    this.go.textContent = yes ? "Stop" : "Run";
    this.go.ariaLabel = `${this.go.textContent}: cell ${this.#number}`;
    if (yes) this.go.dataset.busy = "yes";
    else delete this.go.dataset.busy;
  }

  tell(words) {
    this.#state.textContent = words;
  }

  // Whether the cell is another than the book's, or shows something else.
  show(changed, answered) {
    this.back.hidden = !changed && !answered;
    this.node.ariaLabel = `Cell ${this.#number}${changed ? ", changed" : ""}`;
    this.#label.textContent = this.node.ariaLabel.toLowerCase();
  }

  // Whether Tab indents, and how one leaves then.
  indents(yes) {
    this.#leave.hidden = !yes;
  }
}
