// What the page is made of here: elements, and pictures that keep to a strict content policy.
const HATCH = "lstm-below";
const NAMES = /(\sid=["']|\saria-(?:labelledby|describedby)=["']|href=["']#|url\(#)([^"')]+)/g;

export const make = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

export const button = (words, act, more = {}) => {
  const made = make("button", { type: "button", className: "run-button", textContent: words, ...more });
  made.addEventListener("click", act);
  return made;
};

// A strict policy blocks inline styles even where they are only parsed: they are taken out before.
const SHEET = /<style\b[^>]*>(?:\s*<!\[CDATA\[)?([\s\S]*?)(?:\]\]>\s*)?<\/style>/g;
const parsed = (text) =>
  new DOMParser().parseFromString(
    text.replace(SHEET, "").replace(/\sstyle=(?=["'])/g, " data-style="),
    "image/svg+xml",
  ).documentElement;

// A diagram without what is inline: the site has one style sheet for all, and the page one pattern of hatching.
const stripped = (svg) => {
  svg.removeAttribute("data-style");
  const pattern = svg.querySelector("pattern");
  if (pattern) {
    if (!document.getElementById(HATCH)) {
      pattern.id = HATCH;
      const holder = parsed('<svg xmlns="http://www.w3.org/2000/svg" class="lstm-diagram lstm-hatch" width="0" height="0" aria-hidden="true"/>');
      holder.append(pattern.cloneNode(true));
      document.querySelector(".bd-article").append(document.importNode(holder, true));
    }
    pattern.remove();
  }
  return svg;
};

export const bare = (text) => new XMLSerializer().serializeToString(stripped(parsed(text)));

let copies = 0;

// A picture as an element: a diagram stands in the page itself, any other by itself, with its own names and styles.
export const picture = (text) => {
  if (/^\s*<svg\b[^>]*\sclass=["'][^"']*\blstm-diagram\b/.test(text)) {
    const copy = `run-${++copies}`;
    const own = text.replace(NAMES, (_, start, names) => start + names.split(" ").map((name) => `${name}-${copy}`).join(" "));
    return make("div", { className: "lstm-figure" }, document.importNode(stripped(parsed(own)), true));
  }
  const holder = make("div", { className: "run-picture" });
  const svg = document.importNode(parsed(text), true);
  if (svg.localName !== "svg") throw new Error("no picture");
  const root = holder.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [...text.matchAll(SHEET)].map(([, rules]) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    return sheet;
  });
  for (const node of [svg, ...svg.querySelectorAll("[data-style]")]) {
    node.style.cssText = node.getAttribute("data-style") ?? "";
    node.removeAttribute("data-style");
  }
  svg.style.maxWidth = "100%";
  svg.style.height = "auto";
  if (!svg.hasAttribute("role")) svg.setAttribute("role", "img");
  if (!svg.hasAttribute("aria-label") && !svg.hasAttribute("aria-labelledby"))
    svg.setAttribute("aria-label", svg.querySelector("title")?.textContent ?? "the figure that the cell drew");
  root.append(svg);
  return holder;
};

// A photograph, drawn: a page under a strict policy shows no address made of data.
export const drawn = (bytes) => {
  const canvas = make("canvas", { role: "img", ariaLabel: "the picture that the cell made" });
  createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" })).then((image) => {
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
  });
  return canvas;
};

// What the book's cells make of Markdown: tables; anything else stays text.
export const markdown = (text) => {
  const lines = text.trim().split("\n");
  if (!/^\|[\s:|-]+\|$/.test(lines[1] ?? "")) return make("div", { className: "run-text" }, text);
  const cellsOf = (line) => line.replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const row = (tag, line) => make("tr", {}, ...cellsOf(line).map((cell) => make(tag, tag === "th" ? { scope: "col" } : {}, cell)));
  const [head, , ...rows] = lines;
  const table = make("table", { className: "table" }, make("thead", {}, row("th", head)), make("tbody", {}, ...rows.map((line) => row("td", line))));
  return make("div", { className: "pst-scrollable-table-container", tabIndex: 0, role: "group", ariaLabel: "table" }, table);
};
