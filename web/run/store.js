// What a reader typed stays in this browser: by page, and by a cell's own text, so that a changed book forgets it.
const key = `run ${location.pathname}`;

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}");
  } catch {
    return {};
  }
};

// FNV-1a
const hashOf = (text) => {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
  return hash.toString(36);
};

// The cells of the page: where each is, its code, and the name of its text, with how often the same text came so far.
export const cellsOfPage = () => {
  const seen = {};
  return [...document.querySelectorAll(".bd-article div.cell")]
    .filter((node) => node.querySelector(".cell_input pre"))
    .map((node) => {
      const code = node.querySelector(".cell_input pre").textContent.replace(/\n$/, "");
      const hash = hashOf(code);
      seen[hash] = (seen[hash] ?? 0) + 1;
      return { node, code, name: `${hash}-${seen[hash]}` };
    });
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
