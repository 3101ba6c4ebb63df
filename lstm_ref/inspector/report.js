// A report's own part: heat maps of a layer's signals, and the figure of one of its elements.

const WORDS = {
  f_t: ["forget valve", "f"],
  i_t: ["new-memory valve", "i"],
  o_t: ["output valve", "o"],
  c_t: ["memory", "C"],
  h_t: ["output", "h"],
};

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
const fractions = (text) => Float32Array.from(new Uint16Array(bytes(text)), (whole) => whole / 65535);

// Every signal of a layer, (T, H) row by row, from what the page holds.
const unpacked = ({ f_t, i_t, g_t, o_t, c_t, c_0, h_0, ...rest }) => {
  const layer = { ...rest, f_t: fractions(f_t), i_t: fractions(i_t), o_t: fractions(o_t) };
  layer.g_t = fractions(g_t).map((share) => 2 * share - 1);
  layer.c_t = new Float32Array(bytes(c_t));
  layer.h_t = layer.c_t.map((c, k) => layer.o_t[k] * Math.tanh(c));
  const after = (first, signal) => Float32Array.from([...new Float32Array(bytes(first)), ...signal.slice(0, -rest.H)]);
  return Object.assign(layer, { c_prev: after(c_0, layer.c_t), h_prev: after(h_0, layer.h_t) });
};

// What the figure of one element shows, step by step.
const ofElement = (layer, element) => {
  const at = (name) => Array.from({ length: layer.T }, (_, t) => layer[name][t * layer.H + element]);
  const own = Object.fromEntries(["f_t", "i_t", "g_t", "o_t", "c_t", "h_t", "c_prev", "h_prev"].map((name) => [name, at(name)]));
  own.kept = own.f_t.map((f, t) => f * own.c_prev[t]);
  own.let_in = own.i_t.map((i, t) => i * own.g_t[t]);
  own.squashed = own.c_t.map(Math.tanh);
  return Object.fromEntries(Object.entries(own).map(([name, values]) => [name, values.map((value) => [value])]));
};

// What anywidget calls a model.
const modelOf = (values) => {
  const calls = [];
  return {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const [event, call] of [...calls]) if (event === `change:${name}`) call();
    },
    on: (event, call) => calls.push([event, call]),
    off: (event, call) => calls.splice(calls.findIndex(([name, own]) => name === event && own === call), 1),
    save_changes() {},
  };
};

// The input has many numbers, and none of them is this element's; the water's height is one for the whole layer.
const ofOne = (svg, limit) => {
  const drawn = make("div", { innerHTML: svg }).firstElementChild;
  drawn.querySelectorAll("[data-signal=x_t]").forEach((mark) => mark.remove());
  drawn.querySelectorAll("[data-limit]").forEach((group) => (group.dataset.limit = limit));
  return drawn.outerHTML;
};

const rgb = (element, name) => {
  const probe = make("span", { style: `color: var(${name})` });
  element.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return [r, g, b];
};

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

// A heat map: what to do when a place is chosen, and how to show another layer or another place.
const map = (name, choose) => {
  const [words, letter] = WORDS[name];
  const canvas = make("canvas", { role: "img" });
  const column = make("i"), row = make("i");
  const box = make("div", { className: "map" }, canvas, column, row);
  const symbol = make("span", {}, `${words} `, make("i", {}, letter), make("sub", {}, "t"));
  const here = make("span", { className: "here" });
  const figure = make("figure", {}, make("figcaption", {}, symbol, here), box);
  let layer, top;
  canvas.addEventListener("click", (event) => {
    const { left, top: above, width, height } = canvas.getBoundingClientRect();
    const place = (share, size) => Math.min(size - 1, Math.max(0, Math.floor(share * size)));
    choose(place((event.clientX - left) / width, layer.T), place((event.clientY - above) / height, layer.H));
  });
  const paint = (shown) => {
    layer = shown;
    const { T, H } = layer, values = layer[name];
    top = name === "c_t" || name === "h_t" ? largest(values) || 1 : 1;
    Object.assign(canvas, { width: T, height: H });
    box.style.height = `${Math.min(160, Math.max(40, 3 * H))}px`;
    canvas.ariaLabel = `${words} of ${H} elements over ${T} steps, from ${number(values.reduce((a, b) => Math.min(a, b)))} to ${number(values.reduce((a, b) => Math.max(a, b)))}`;
    canvas.setAttribute("aria-label", canvas.ariaLabel);
    const [paper, above, below] = ["--paper", `--${name}`, "--below"].map((each) => rgb(box, each));
    const pixels = new ImageData(T, H);
    for (let t = 0; t < T; t++)
      for (let k = 0; k < H; k++) {
        const value = values[t * H + k], share = Math.abs(value) / top, ink = value < 0 ? below : above;
        for (let c = 0; c < 3; c++) pixels.data[4 * (k * T + t) + c] = paper[c] + share * (ink[c] - paper[c]);
        pixels.data[4 * (k * T + t) + 3] = 255;
      }
    canvas.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
  };
  const point = (t, k) => {
    const { T, H } = layer;
    column.style.cssText = `left: ${(100 * (t + 0.5)) / T}%; top: 0; bottom: 0; width: 1px`;
    row.style.cssText = `top: ${(100 * (k + 0.5)) / H}%; left: 0; right: 0; height: 1px`;
    here.textContent = number(layer[name][t * H + k]);
  };
  return { figure, paint, point };
};

const data = JSON.parse(document.getElementById("data").textContent);
const state = modelOf({ layer: 0, element: 0, t: 0, style: "pipe" });
const maps = Object.keys(WORDS).map((name) =>
  map(name, (t, element) => {
    state.set("element", element);
    machine.set("t", t);
  }),
);
const place = document.getElementById("machine"), controls = document.getElementById("element");
let layer, machine, leave = () => {};

const point = () => maps.forEach((one) => one.point(state.get("t"), state.get("element")));

const showElement = () => {
  leave();
  const limit = largest(layer.c_t) || 1;
  const drawn = Object.entries(data.pictures[layer.peephole]).map(([style, svg]) => [style, ofOne(svg, limit)]);
  machine = modelOf({
    signals: JSON.stringify(ofElement(layer, state.get("element"))),
    labels: layer.labels,
    pictures: Object.fromEntries(drawn),
    t: state.get("t"),
    style: state.get("style"),
    playing: false,
  });
  machine.on("change:t", () => {
    state.set("t", machine.get("t"));
    point();
  });
  machine.on("change:style", () => state.set("style", machine.get("style")));
  leave = render({ model: machine, el: place });
  point();
};

const showLayer = () => {
  layer = unpacked(data.layers[state.get("layer")]);
  maps.forEach((one) => one.paint(layer));
  state.set("t", Math.min(state.get("t"), layer.T - 1));
  state.set("element", Math.min(state.get("element"), layer.H - 1));
  const scale = { low: 0, high: layer.H - 1, by: 1, write: String };
  const element = slider(state, "element", [], ["element", "", ""], scale);
  controls.replaceChildren(element.row);
  element.show();
  showing = element.show;
  showElement();
};
let showing = () => {};

state.on("change:element", () => {
  showing();
  showElement();
});
state.on("change:layer", showLayer);

if (data.layers.length > 1) {
  const select = make("select", {}, ...data.layers.map(({ name }, k) => make("option", { value: k }, name)));
  select.addEventListener("change", () => state.set("layer", Number(select.value)));
  document.getElementById("maps").append(make("label", {}, "Layer: ", select));
}
document.getElementById("maps").append(...maps.map(({ figure }) => figure));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => maps.forEach((one) => one.paint(layer)));
showLayer();
