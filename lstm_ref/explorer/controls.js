// What the figures have in common: copies of pictures, sliders, choices, and how a figure follows its model.

const make = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// All of a figure. JupyterLab is to leave the keys to its controls.
const framed = (...parts) => {
  const root = make("div", { className: "lstm-alive" }, ...parts);
  root.querySelectorAll("input, select, button, summary").forEach((one) => (one.dataset.lmSuppressShortcuts = "true"));
  return root;
};

const randomName = () => Math.random().toString(36).slice(2);

// A copy of a picture, with ids that nothing else on the page has and without the values in words.
const picture = (text) => {
  const own = text.match(/aria-labelledby=["'](.*?)-title/)[1];
  const copy = `${own}-${randomName()}`;
  const svg = make("div", { innerHTML: text.replaceAll(`${own}-`, `${copy}-`) }).firstElementChild;
  const desc = svg.querySelector("desc");
  desc.textContent = desc.textContent.replace(/ Values.*/, "");
  return svg;
};

const set = (model, changes) => {
  for (const [key, value] of Object.entries(changes)) model.set(key, value);
  model.save_changes();
};

// A slider for one number of the model: the trait `key`, or what stands at a `path` in it.
const slider = (model, key, path, [words, letter, index, nth = ""], { low, high, by = 0.01, write = number }) => {
  const input = make("input", { type: "range", name: [key, ...path].join(" "), min: low, max: high, step: by });
  const shown = make("span", { className: "shown", ariaHidden: "true" });
  const symbol = make("span", { ariaHidden: "true" }, make("i", {}, letter), make("sub", {}, index), nth);
  const spoken = `${letter} ${index.replace("\u2212", " minus ")}${nth && `, element ${nth.slice(1, -1)}`}`;
  const name = make("span", {}, `${words} `, symbol, make("span", { className: "spoken" }, spoken));
  input.addEventListener("input", () => {
    const changed = { [key]: structuredClone(model.get(key)) };
    const holder = [key, ...path].slice(0, -1).reduce((value, place) => value[place], changed);
    holder[[key, ...path].at(-1)] = Number(input.value);
    set(model, changed);
  });
  // A finger that scrolls the page may begin on a slider: what it set there is taken back.
  let before;
  input.addEventListener("pointerdown", () => (before = structuredClone(model.get(key))));
  input.addEventListener("pointercancel", () => set(model, { [key]: before }));
  const show = () => {
    input.value = path.reduce((value, place) => value[place], model.get(key));
    input.ariaValueText = shown.textContent = write(path.reduce((value, place) => value[place], model.get(key)));
  };
  return { row: make("label", { className: "slider" }, name, shown, input), show };
};

// Radio buttons for one trait of the model: `options` is a list of [value, words].
const choice = (model, key, legend, options) => {
  const name = randomName();
  const inputs = options.map(([value]) => {
    const input = make("input", { type: "radio", name });
    input.addEventListener("change", () => set(model, { [key]: value }));
    return input;
  });
  const rows = options.map(([, words], k) => make("label", { className: "option" }, inputs[k], words));
  const show = () => options.forEach(([value], k) => (inputs[k].checked = model.get(key) === value));
  return { row: make("fieldset", {}, make("legend", {}, legend), make("div", { className: "options" }, ...rows)), show };
};

// A menu for one trait of the model: `options` is a list of [value, words].
const menu = (model, key, words, options) => {
  const select = make("select", { name: key }, ...options.map(([value, shown]) => make("option", { value }, shown)));
  select.addEventListener("change", () => set(model, { [key]: select.value }));
  return { row: make("label", { className: "menu" }, words, select), show: () => (select.value = model.get(key)) };
};

// What the figure does in words: to be seen at once, and to be announced to a screen reader when the figure rests.
const announcer = () => {
  const seen = make("p", { ariaHidden: "true" });
  const live = make("div", { className: "spoken", ariaLive: "polite" });
  const show = (words) => (seen.textContent = words);
  const announce = () => {
    if (live.textContent !== seen.textContent) live.textContent = seen.textContent;
  };
  return { parts: [seen, live], show, announce };
};

// Call `show` whenever the model changes, and `announce` too unless a control is being moved: then once it rests.
const follow = (model, keys, root, show, announce) => {
  let moving = false;
  const changed = () => {
    show();
    if (!moving) announce();
  };
  root.addEventListener("input", () => (moving = true), true);
  const rest = () => {
    moving = false;
    announce();
  };
  ["change", "focusout"].forEach((event) => root.addEventListener(event, rest));
  keys.forEach((key) => model.on(`change:${key}`, changed));
  changed();
  return () => {
    keys.forEach((key) => model.off(`change:${key}`, changed));
    root.remove();
  };
};

const list = (values) =>
  values.length > 2
    ? `${written(Math.min(...values))} to ${written(Math.max(...values))}`
    : values.map(written).join(" and ");

const describeStep = ({ c_prev, kept, let_in, c_t, h_t }) =>
  `Of an old memory of ${list(c_prev)} the unit keeps ${list(kept)} and lets in ${list(let_in)}: ` +
  `the memory becomes ${list(c_t)}, and the output is ${list(h_t)}.` +
  ([...c_prev, ...c_t].some((value) => value < 0) ? " What is below zero is hatched." : "");
