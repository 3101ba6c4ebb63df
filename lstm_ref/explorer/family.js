// Any unit of the family: a walk along its parts, one number each, and controls for all that goes into it.

const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const sum = (...values) => values.reduce((a, b) => a + b);
const product = (...values) => values.reduce((a, b) => a * b);

// What each kind of part makes of what its wires bring: lstm_ref/diagrams/operations.py for signals of one element.
const KINDS = {
  ...{ sum, product, outer: product, read: product },
  ...{ difference: (a, b) => a - b, quotient: (a, b) => a / b, larger: Math.max },
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  tanh: Math.tanh,
  exp: Math.exp,
  softplus,
  log_sigmoid: (z) => -softplus(-z),
  one_minus: (z) => 1 - z,
  absolute: Math.abs,
  square: (z) => z * z,
  root: Math.sqrt,
  norm: () => 0,
  unit: (z) => z / Math.sqrt(z * z + 1e-12),
  shrink: (z) => z,
};

// Every signal by name: what comes in, and what each part gives.
const walk = (parts, weights, incoming) => {
  const found = { ...incoming };
  for (const { kind, gives, takes, weights: names, factor } of parts) {
    const inputs = takes.map((signal) => found[signal]);
    if (kind === "bias") found[gives] = weights[gives];
    else if (kind === "scale") found[gives] = factor * inputs[0];
    else if (kind !== "box") found[gives] = KINDS[kind](...inputs);
    else found[gives] = sum(...takes.map((signal, k) => (names[signal] ? weights[names[signal]] : 1) * inputs[k]));
  }
  return found;
};

// What becomes of all that is carried from step to step, and what comes out if that is not.
const describeUnit = ({ words, incoming }, now) => {
  const pairs = incoming.map(([name, [, letter]]) => [letter, now[name], now[name.replace("_prev", "_t")]]);
  const carried = pairs.map(([letter, before, after]) => `${letter} goes from ${written(before)} to ${written(after)}`);
  return `${words}: ${carried.join(", ")}.${"h_prev" in now ? "" : ` The output h is ${written(now.h_t)}.`}`;
};

// A large drawing keeps its letters legible and moves in its window, which the keys then have to reach.
const fit = (svg, frame) => {
  const { width, height } = svg.viewBox.baseVal;
  svg.style.minWidth = `${0.53 * width}px`;
  svg.style.maxWidth = `min(100%, ${1.25 * width}px)`;
  svg.style.maxHeight = `max(68vh, ${0.75 * height}px)`;
  frame.replaceChildren(svg);
  frame.tabIndex = frame.scrollHeight > frame.clientHeight || frame.scrollWidth > frame.clientWidth ? 0 : -1;
};

const symbol = ([letter, index]) => [make("i", {}, letter), make("sub", {}, index)];

// The equation of a sum, or what the weights are called that no box has.
const titled = ({ sum, terms }) => {
  const right = terms.flatMap((term, k) => [k ? " + " : "", ...term.flatMap((each) => [...symbol(each), " "])]);
  return sum ? [...symbol(sum), " = ", ...right] : ["other weights"];
};

const render = ({ model, el }) => {
  const units = Object.entries(JSON.parse(model.get("described")));
  const pictures = Object.fromEntries(units.map(([name]) => [name, picture(model.get("pictures")[name])]));
  const choose = menu(model, "unit", "Unit", units.map(([name, { words }]) => [name, words]));
  const panels = units.map(([name, { incoming, folds }]) => {
    const turn = (key) => ([own, words, low = -5, high = 5]) => slider(model, key, [name, own], words, { low, high });
    const x = slider(model, "x_t", [], ["input", "x", "t"], { low: -2, high: 2 });
    const inputs = [x, ...incoming.map(turn("memories"))];
    const weights = folds.map(({ sliders }) => sliders.map(turn("numbers")));
    const rows = (controls) => controls.map(({ row }) => row);
    const group = (legend, parts) => make("fieldset", {}, make("legend", {}, legend), ...parts);
    const folded = folds.map((fold, k) => make("details", {}, make("summary", {}, ...titled(fold)), ...rows(weights[k])));
    const panel = make("div", { className: "panel" }, group("What comes in", rows(inputs)), group("Weights", folded));
    return { name, panel, controls: [...inputs, ...weights.flat()] };
  });
  // All that the unit in the menu now has: its parts, and every signal by name.
  const current = () => {
    const unit = model.get("unit"), [, described] = units.find(([name]) => name === unit);
    const incoming = { x_t: model.get("x_t"), ...model.get("memories")[unit] };
    return { unit, described, now: walk(described.parts, model.get("numbers")[unit], incoming) };
  };
  const on = make("button", { type: "button" }, "One step on");
  const back = make("button", { type: "button" }, "Put everything back");
  const buttons = make("div", { className: "buttons" }, on, back);
  on.addEventListener("click", () => {
    const { unit, described, now } = current();
    const carried = described.incoming.map(([name]) => [name, now[name.replace("_prev", "_t")]]);
    set(model, { memories: { ...model.get("memories"), [unit]: Object.fromEntries(carried) } });
  });
  back.addEventListener("click", () => set(model, model.get("start")));

  const frame = make("div", { className: "frame window", role: "group", ariaLabel: "Drawing" });
  const summary = announcer();
  const root = framed(choose.row, frame, ...summary.parts, buttons, ...panels.map(({ panel }) => panel));
  el.append(root);

  const show = () => {
    const { unit, described, now } = current(), svg = pictures[unit];
    if (svg.parentElement !== frame) fit(svg, frame);
    move(svg, Object.fromEntries(Object.entries(now).map(([name, value]) => [name, [value]])));
    summary.show(describeUnit(described, now));
    panels.forEach(({ name, panel }) => (panel.hidden = name !== unit));
    [choose, ...panels.find(({ name }) => name === unit).controls].forEach((control) => control.show());
  };
  return follow(model, Object.keys(model.get("start")), root, show, summary.announce);
};

export default { render };
