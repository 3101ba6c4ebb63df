// The bar that offers to run a chapter's Python here. What does so is loaded when it is asked for.
import { button, make } from "./parts.js";
import { cellsOfPage, typed } from "./store.js";

const offer = (bar) => {
  const said = bar.querySelector("[role=status]");
  const script = new URL(`${document.documentElement.dataset.content_root}_static/run/run.js`, location.href);
  let begun = 0;
  const begin = async (number) => {
    if (begun % 2) return;
    begun += 1;
    script.search = new URLSearchParams({ v: VERSION, try: begun }); // a browser may remember that an address failed
    const run = await import(script).catch(() => (begun += 1) && null);
    if (run) run.start(bar, number);
    else said.textContent = "Python could not be loaded. Is the connection up? Try again.";
  };
  bar.querySelector("button").addEventListener("click", () => begin());

  const kept = cellsOfPage()
    .map(({ node, name }, k) => ({ node, number: k + 1, text: typed(name) }))
    .filter(({ text }) => text !== undefined);
  for (const { node, number } of kept) {
    const show = button("Show what you typed", () => begin(number), { ariaLabel: `Show what you typed: cell ${number}` });
    node.querySelector(".cell_input").after(make("p", { className: "run-note run-kept" }, "You changed this cell. ", show));
  }
  if (kept.length)
    said.textContent = `What you typed here before is kept: ${kept.length === 1 ? "one cell" : `${kept.length} cells`}.`;
};

const bar = document.querySelector(".run-bar");
// From the disk a page may start no worker.
if (location.protocol === "file:") bar?.remove();
else if (bar) offer(bar);
