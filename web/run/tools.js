// The row under a cell: its buttons, its number, and how it is.
import { button, make } from "./parts.js";

export class Tools {
  #state = make("span", { className: "run-state" });
  #leave = make("span", { className: "run-keys run-leave", hidden: true }, "Esc, then Tab, leaves");
  #label = make("span", { className: "run-number", ariaHidden: "true" }); // the group's name says it
  #number;

  // `acts` has what each button does.
  constructor(number, { run, stop, above, reset }) {
    this.#number = number;
    // A second click at the same place was meant for what the first one has done.
    this.go = this.button("Run", ({ detail }) => detail < 2 && (this.busy ? stop() : run()));
    const aboveButton = this.button("Run all above", above);
    aboveButton.hidden = number === 1;
    this.back = this.button("Reset", () => {
      reset();
      this.go.focus();
    });
    this.node = make("div", { className: "run-tools", role: "group" }, this.go, aboveButton, this.back, this.#label, this.#state, this.#leave);
  }

  button(words, act) {
    return button(words, act, { ariaLabel: `${words}: cell ${this.#number}` });
  }

  get busy() {
    return Boolean(this.go.dataset.busy);
  }

  set busy(yes) {
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
