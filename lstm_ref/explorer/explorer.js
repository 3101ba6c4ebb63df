// The unit's diagram with controls for all that goes into it.

const SIGNALS = { x_t: ["input", "x", "t"], h_prev: ["last output", "h", "t\u22121"], c_prev: ["old memory", "C", "t\u22121"] };
const VALVES = { f_t: ["forget valve", "f", "t"], i_t: ["new-memory valve", "i", "t"], o_t: ["output valve", "o", "t"] };
const NETWORKS = { f: "forget valve", i: "new-memory valve", g: "new memory", o: "output valve" };
const KINDS = { W: "weight of the input", R: "weight of the last output", P: "weight of the memory", b: "bias" };
const LIMITS = { x_t: 2, h_prev: 1, c_prev: 3 };

// By kind of peephole: whether its matrix has a weight in row j and column k; elsewhere it is 0.
const PEEPHOLES = { none: () => false, diagonal: (j, k) => j === k, full: () => true };

// The weights of a unit with this kind of peephole.
const weightsWith = (numbers, peephole) => {
  const weights = { ...numbers };
  for (const name of ["P_f", "P_i", "P_o"])
    weights[name] = numbers[name].map((row, j) => row.map((value, k) => (PEEPHOLES[peephole](j, k) ? value : 0)));
  return weights;
};

// The place of every number in a vector or a matrix.
const places = (array) => array.flatMap((row, j) => (Array.isArray(row) ? row.map((_, k) => [j, k]) : [[j]]));

const render = ({ model, el }) => {
  const pictures = Object.entries(model.get("pictures")).map(([name, svg]) => [name, picture(svg)]);
  const numbers = model.get("numbers");
  const group = (legend, of) => make("fieldset", {}, make("legend", {}, legend), ...of.map(({ row }) => row));

  // A slider for each number of an array; where there is one alone, its place need not be said.
  const sliders = (key, path, array, words, low, high) =>
    places(array).map((place, _, { length }) => {
      const named = length > 1 ? [...words, `[${place.join(", ")}]`] : words;
      return { ...slider(model, key, [...path, ...place], named, { low, high }), place };
    });

  const incoming = Object.entries(SIGNALS).flatMap(([key, words]) =>
    sliders(key, [], model.get(key), words, -LIMITS[key], LIMITS[key]),
  );
  const openings = Object.entries(VALVES).flatMap(([key, words]) =>
    sliders("openings", [key], model.get("openings")[key], words, 0, 1),
  );
  const weightSliders = Object.keys(NETWORKS).map((network) =>
    Object.keys(KINDS).map((kind) => `${kind}_${network}`).filter((name) => name in numbers).flatMap((name) => {
      const high = Math.max(5, ...numbers[name].flat().map((value) => Math.ceil(Math.abs(value))));
      const found = sliders("numbers", [name], numbers[name], [KINDS[name[0]], name[0], network], -high, high);
      return found.map((one) => ({ ...one, name }));
    }),
  );
  const folds = Object.values(NETWORKS).map((title, k) =>
    make("details", {}, make("summary", {}, `weights: ${title}`), ...weightSliders[k].map(({ row }) => row)),
  );
  const whoSets = choice(model, "by_hand", "Who sets the valves", [
    [false, "the networks set the valves"],
    [true, "I turn the valves"],
  ]);
  // The reader's hand takes the valves over as the networks have set them.
  whoSets.row.addEventListener("change", () => {
    const { f_t, i_t, o_t } = signals({});
    const rounded = (values) => values.map((value) => Number(value.toFixed(2)));
    set(model, { openings: { f_t: rounded(f_t), i_t: rounded(i_t), o_t: rounded(o_t) } });
  });
  const peephole = choice(model, "peephole", "Peephole", Object.keys(PEEPHOLES).map((kind) => [kind, kind]));
  const valves = group("Valves", openings);
  const back = make("button", { type: "button" }, "Put everything back");
  back.addEventListener("click", () => set(model, model.get("start")));

  const frame = make("div", { className: "frame" });
  const summary = announcer();
  const sameNote = make("p", { className: "note" }, "With one element, diagonal and full are the same.");
  if (model.get("c_prev").length === 1) peephole.row.append(sameNote);
  const inputs = make("div", {}, group("What comes in", incoming));
  const networks = make("div", {}, whoSets.row, valves, peephole.row, ...folds, back);
  const panel = make("div", { className: "panel" }, inputs, networks);
  const root = framed(frame, ...summary.parts, panel);
  el.append(root);

  const signals = (turned) => {
    const weights = weightsWith(model.get("numbers"), model.get("peephole"));
    return step(model.get("x_t"), model.get("h_prev"), model.get("c_prev"), weights, turned);
  };
  const show = () => {
    const byHand = model.get("by_hand"), kind = model.get("peephole");
    const wanted = byHand ? "by_hand" : kind === "none" ? "none" : "peephole";
    const [, svg] = pictures.find(([name]) => name === wanted);
    if (svg.parentElement !== frame) frame.replaceChildren(svg);
    const now = signals(byHand ? model.get("openings") : {});
    move(svg, now);
    summary.show(describeStep(now));
    [...incoming, ...openings, ...weightSliders.flat(), whoSets, peephole].forEach((control) => control.show());
    valves.hidden = !byHand;
    [peephole.row, folds[0], folds[1], folds[3]].forEach((part) => (part.hidden = byHand));
    for (const { row, name, place: [j, k] } of weightSliders.flat())
      row.hidden = name[0] === "P" && !PEEPHOLES[kind](j, k);
  };
  return follow(model, Object.keys(model.get("start")), root, show, summary.announce);
};

export default { render };
