// What a reader typed stays in this browser: by page, and by a cell's own text, so that a changed book forgets it.
const key = `run ${location.pathname}`;

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}");
  } catch {
    return {};
  }
};

// The cells of the page, as elements, and the code of one.
export const cellsOfPage = () =>
  [...document.querySelectorAll(".bd-article div.cell")].filter((node) => node.querySelector(".cell_input pre"));
export const codeOf = (node) => node.querySelector(".cell_input pre").textContent.replace(/\n$/, "");

// FNV-1a, and how often the same text came before.
const seen = new Map();
export const nameOf = (source) => {
  let hash = 0x811c9dc5;
  for (const letter of source) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
  const time = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, time);
  return `${hash.toString(36)}-${time}`;
};

export const typed = (name) => read()[name];

export const keep = (name, text) => {
  const { [name]: _, ...others } = read();
  const all = text === undefined ? others : { ...others, [name]: text };
  try {
    if (Object.keys(all).length) localStorage.setItem(key, JSON.stringify(all));
    else localStorage.removeItem(key);
  } catch {
    // Where a browser keeps nothing, a reload forgets.
  }
};
