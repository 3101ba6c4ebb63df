// Python in a worker: loads Pyodide and what the chapter needs, counting the bytes, and runs cells one by one.
import { loadPyodide } from "./pyodide.mjs";

const send = (kind, more) => self.postMessage({ kind, ...more });

// Whatever is fetched is counted as it comes: one download, and a bar that tells the truth. What a server compresses
// is seen here only when it is unpacked: such a file counts by its share.
const plainFetch = self.fetch;
let loaded = 0;
const countedFetch = async (address, options, share = 1) => {
  const answer = await plainFetch(address, options);
  if (!answer.ok) throw new Error(`${new URL(answer.url).pathname}: ${answer.status}`);
  const count = new TransformStream({
    transform(piece, stream) {
      loaded += piece.byteLength * share;
      send("progress", { loaded });
      stream.enqueue(piece);
    },
  });
  const { status, headers } = answer;
  return new Response(answer.body.pipeThrough(count), { status, headers });
};

const read = async (answer) => {
  const { status, headers } = answer;
  return new Response(await answer.arrayBuffer(), { status, headers });
};

// The last line of an error says what it is.
const broken = (error) => {
  const lines = String(error.message ?? error).trim().split("\n");
  send("broken", { words: lines.at(-1).replace(/\.$/, "") });
};

let pyodide, kernel;

const start = async ({ packages, ahead, absent }) => {
  const here = (name) => new URL(name, import.meta.url).href;
  // All at once: what Pyodide would ask for one after the other is on its way before it asks. Read to the end, too: a
  // browser keeps few connections, and an answer that waits to be read holds one.
  const fetched = ([name, size, weight]) => [here(name), countedFetch(here(name), {}, weight / size).then(read)];
  const coming = new Map(ahead.map(fetched));
  coming.forEach((answer) => answer.catch(() => {}));
  self.fetch = (address, options) => {
    const name = String(address.url ?? address);
    const answer = coming.get(name) ?? countedFetch(address, options);
    coming.delete(name);
    return answer;
  };
  const env = { MPLBACKEND: "agg", HOME: "/home/reader" };
  pyodide = await loadPyodide({ indexURL: here("./"), packages, env, fullStdLib: false });
  pyodide._api.on_fatal = broken; // the promise of a cell in which Python itself breaks never settles
  kernel = pyodide.pyimport("kernel").Kernel(
    (message) => self.postMessage(JSON.parse(message)),
    pyodide.toPy(absent),
  );
  send("ready");
};

const run = async ({ source, number }) => {
  // Where matplotlib cannot be had, the cell itself says so.
  if (/\bplots\b|matplotlib|pylab/.test(source))
    await pyodide.loadPackage("matplotlib", { messageCallback() {} }).catch(() => {});
  await kernel.run(source, number);
  send("done");
};

// A figure that an earlier Python made can be moved before this one is here.
const widget = ({ name, changes }) => kernel?.set_widget(name, JSON.stringify(changes));

const tasks = { start, run, widget };
self.onmessage = async ({ data }) => {
  try {
    await tasks[data.task](data);
  } catch (error) {
    broken(error);
  }
};
