// The unit's diagram at one step of a sequence, and controls to go through the steps.

const PACE = 700, CALM = 2000; // milliseconds a step; the second where the reader wants little motion

const render = ({ model, el }) => {
  const every = JSON.parse(model.get("signals"));
  const labels = model.get("labels");
  const pictures = Object.entries(model.get("pictures")).map(([style, svg]) => [style, picture(svg)]);
  const go = (t) => set(model, { t: Math.max(0, Math.min(t, labels.length - 1)) });
  const button = (words, act) => {
    const made = make("button", { type: "button" }, words);
    made.addEventListener("click", act);
    return made;
  };

  const back = button("Step back", () => go(model.get("t") - 1));
  const play = button("Play", () => {
    if (model.get("t") === labels.length - 1) go(0);
    set(model, { playing: !model.get("playing") });
  });
  const forward = button("Step forward", () => go(model.get("t") + 1));
  const scale = { low: 0, high: labels.length - 1, by: 1, write: (t) => labels[t] };
  const scrub = slider(model, "t", [], ["step", "t", ""], scale);
  const style = choice(model, "style", "Drawn as", [["pipe", "a pipe"], ["cell", "a cell"]]);
  const frame = make("div", { className: "frame" });
  const summary = announcer();
  const steps = make("div", {}, scrub.row, make("div", { className: "buttons" }, back, play, forward));
  const root = framed(frame, ...summary.parts, make("div", { className: "panel" }, steps, style.row));
  el.append(root);

  let timer;
  const signals = () => {
    const at = ([name, values]) => [name, Array.isArray(values[0]) ? values[model.get("t")] : values];
    return Object.fromEntries(Object.entries(every).map(at));
  };
  const run = () => {
    clearTimeout(timer);
    const pace = matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM : PACE;
    if (model.get("playing")) timer = setTimeout(() => go(model.get("t") + 1), pace);
  };
  const show = () => {
    if (model.get("playing") && model.get("t") === labels.length - 1) set(model, { playing: false });
    const [, svg] = pictures.find(([name]) => name === model.get("style"));
    if (svg.parentElement !== frame) frame.replaceChildren(svg);
    move(svg, signals());
    scrub.show();
    style.show();
    play.textContent = model.get("playing") ? "Pause" : "Play";
    summary.show(`${labels[model.get("t")]}. ${describeStep(signals())}`);
    run();
  };
  const announce = () => model.get("playing") || summary.announce();
  const leave = follow(model, ["t", "style", "playing"], root, show, announce);
  return () => {
    clearTimeout(timer);
    leave();
  };
};

export default { render };
