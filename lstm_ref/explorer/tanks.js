// Two tanks, and valves that see the memory through a diagonal or a full peephole.

const DRIVE = 100;
const PEEPHOLES = { diagonal: [[-DRIVE, 0], [0, -DRIVE]], full: [[0, -DRIVE], [0, 0]] };

const render = ({ model, el }) => {
  const svg = picture(model.get("pictures").tanks);
  const levels = ["first", "second"];
  const turns = levels.map((name) => slider(model, name, [], [`old memory, ${name} element`, "", ""], { low: 0, high: 2 }));
  const kind = choice(model, "peephole", "Peephole", Object.keys(PEEPHOLES).map((name) => [name, name]));
  const summary = announcer();
  const panel = make("div", { className: "panel" }, make("div", {}, ...turns.map(({ row }) => row)), kind.row);
  const root = framed(make("div", { className: "frame" }, svg), ...summary.parts, panel);
  el.append(root);
  const show = () => {
    const c_prev = levels.map((name) => model.get(name));
    const f_t = sigmoid(plus(product(PEEPHOLES[model.get("peephole")], c_prev), [DRIVE, DRIVE]));
    const kept = times(f_t, c_prev);
    move(svg, { c_prev, f_t, kept });
    for (const wires of svg.querySelectorAll("[data-kind]"))
      wires.setAttribute("display", wires.dataset.kind === model.get("peephole") ? "inline" : "none");
    [...turns, kind].forEach((control) => control.show());
    summary.show(`The first valve lets ${written(kept[0])} of ${written(c_prev[0])} pass, the second ` +
      `${written(kept[1])} of ${written(c_prev[1])}.`);
  };
  return follow(model, [...levels, "peephole"], root, show, summary.announce);
};

export default { render };
