// One valve on a pipe, and what is left of an old memory of 1 after many steps.

const describeOpening = (opening) => {
  if (opening === 0) return "Shut: after one step nothing of the memory is left.";
  if (opening === 1) return "Open: the memory stays as it is, for as long as you like.";
  const half = Math.log(0.5) / Math.log(opening);
  return `At each step ${number(opening)} of the memory stays: its half-life is ${number(half)} ${half === 1 ? "step" : "steps"}.`;
};

const render = ({ model, el }) => {
  const svg = picture(model.get("pictures").valve);
  const turn = slider(model, "opening", [], ["forget valve", "f", "t"], { low: 0, high: 1 });
  const summary = announcer();
  const frame = make("div", { className: "frame" }, svg);
  const root = framed(frame, ...summary.parts, make("div", { className: "panel" }, turn.row));
  el.append(root);
  const show = () => {
    const opening = model.get("opening");
    const left = Array.from({ length: model.get("steps") + 1 }, (_, k) => opening ** k);
    move(svg, { c_prev: [1], f_t: [opening], kept: [opening], left });
    turn.show();
    summary.show(describeOpening(opening));
  };
  return follow(model, ["opening"], root, show, summary.announce);
};

export default { render };
