// Python, seen from the page: one worker, one cell at a time. RUNTIME is written in when the site is built.
const core = ["numpy", "lstm-ref", "page-kernel"];

export const filesFor = (plots) => [...RUNTIME.core, ...(plots ? RUNTIME.matplotlib : [])];

export class Kernel {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  #hear;
  #settle;

  // `broken` is told in words why this Python cannot start, or cannot go on.
  // `total` is what the page said that Python weighs: the files, and the scripts, which are here by now.
  constructor({ plots, total, progress, widget, ready, broken }) {
    const files = filesFor(plots);
    const scripts = files.reduce((rest, [, , weight]) => rest - weight, total);
    const packages = plots ? [...core, "matplotlib"] : core;
    const tasks = {
      progress: ({ loaded }) => progress(scripts + loaded),
      ready: () => {
        this.#worker.onerror = null; // what nobody catches later may be the reader's own error, and ends nothing
        ready();
      },
      widget,
      done: () => this.#settle?.(),
      broken: ({ words }) => broken(words),
    };
    this.#worker.onmessage = ({ data }) => (tasks[data.kind] ?? this.#hear)?.(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      broken(event.message || "the browser could not start it");
    };
    this.#worker.postMessage({ task: "start", packages, ahead: files, absent: RUNTIME.absent });
  }

  // Run one cell; `hear` is told what it prints, shows and fails with.
  run(source, number, hear) {
    return new Promise((go) => {
      this.#hear = hear;
      this.#settle = go;
      this.#worker.postMessage({ task: "run", source, number });
    });
  }

  set(name, changes) {
    this.#worker.postMessage({ task: "widget", name, changes });
  }

  stop() {
    this.#worker.terminate();
    this.#settle?.();
  }
}
