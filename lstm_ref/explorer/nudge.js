// A plain recurrent network, and how much of a nudge of its first output is left after each step.

const DECADES = 4; // what the chart reaches above 1, and below

// The length of the nudge after each step.
const nudged = (R, inputs) => {
  let h = R.map(() => 0), nudge = R.map((_, k) => (k === 0 ? 1 : 0));
  return inputs.map((x_t) => {
    h = tanh(plus(x_t, product(R, h)));
    nudge = times(h.map((value) => 1 - value * value), product(R, nudge));
    return Math.hypot(...nudge);
  });
};

const render = ({ model, el }) => {
  const svg = picture(model.get("pictures").nudge);
  const turn = slider(model, "scale", [], ["scale of the weights", "", ""], { low: 0, high: 2, by: 0.05 });
  const summary = announcer();
  const root = framed(make("div", { className: "frame" }, svg), ...summary.parts, make("div", { className: "panel" }, turn.row));
  el.append(root);
  const network = JSON.parse(model.get("network"));
  const show = () => {
    const R = network.R.map((row) => row.map((value) => model.get("scale") * value));
    const left = nudged(R, network.inputs);
    const powers = left.map((value) => Math.min(2 * DECADES, Math.max(0, Math.log10(value) + DECADES)));
    move(svg, { nudge: powers, level: [DECADES] });
    turn.show();
    summary.show(`After 12 steps ${number(left[11])} of the nudge is left, after ${left.length} steps ${number(left.at(-1))}.`);
  };
  return follow(model, ["scale"], root, show, summary.announce);
};

export default { render };
