// Two valves and what passes them: the old memory and the new memory meet at the T-joint.

const TURNED = {
  f_t: [["forget valve", "f", "t"], 0],
  i_t: [["new-memory valve", "i", "t"], 0],
  g_t: [["new memory", "g", "t"], -1],
};

const render = ({ model, el }) => {
  const svg = picture(model.get("pictures").joint);
  const names = Object.keys(TURNED);
  const turns = names.map((name) => slider(model, name, [], TURNED[name][0], { low: TURNED[name][1], high: 1 }));
  const summary = announcer();
  const panel = make("div", { className: "panel" }, make("div", {}, ...turns.map(({ row }) => row)));
  const root = framed(make("div", { className: "frame" }, svg), ...summary.parts, panel);
  el.append(root);
  const show = () => {
    const [f_t, i_t, g_t, c_prev] = [...names, "c_prev"].map((name) => [model.get(name)]);
    const kept = times(f_t, c_prev), let_in = times(i_t, g_t), c_t = plus(kept, let_in);
    move(svg, { c_prev, f_t, i_t, g_t, kept, let_in, c_t });
    turns.forEach((turn) => turn.show());
    summary.show(`Of the old memory ${number(kept[0])} stays, of the new ${number(let_in[0])} comes in, and ` +
      `${number(c_t[0])} flows on.`);
  };
  return follow(model, names, root, show, summary.announce);
};

export default { render };
