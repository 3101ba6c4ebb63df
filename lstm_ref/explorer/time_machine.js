// The unit's diagram at one step of a sequence, and controls to go through the steps.

const PACE = 700, CALM = 2000; // milliseconds a step; the second where the reader wants little motion
const FLOW = 450; // milliseconds in which water and valves move from one step to the next

// Every signal a part of the way from one step to another.
const between = (from, to, part) =>
  Object.fromEntries(
    Object.entries(to).map(([name, values]) => [name, values.map((value, k) => from[name][k] + part * (value - from[name][k]))]),
  );

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

  let timer, frameAsked, shown;
  const signals = () => {
    const at = ([name, values]) => [name, Array.isArray(values[0]) ? values[model.get("t")] : values];
    return Object.fromEntries(Object.entries(every).map(at));
  };
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const run = () => {
    clearTimeout(timer);
    if (model.get("playing")) timer = setTimeout(() => go(model.get("t") + 1), calm() ? CALM : PACE);
  };
  const flow = (svg, from, to) => {
    const start = performance.now();
    const next = (now) => {
      const part = (now - start) / FLOW;
      if (part >= 1) return move(svg, to);
      move(svg, between(from, to, part), true);
      frameAsked = requestAnimationFrame(next);
    };
    next(start);
  };
  const show = () => {
    const [, svg] = pictures.find(([name]) => name === model.get("style"));
    if (svg.parentElement !== frame) frame.replaceChildren(svg);
    const now = signals(), moment = `${model.get("style")} ${model.get("t")}`;
    if (moment !== shown?.moment) {
      cancelAnimationFrame(frameAsked);
      if (model.get("playing") && shown && !calm()) flow(svg, shown.signals, now);
      else move(svg, now);
      shown = { moment, signals: now };
    }
    scrub.show();
    style.show();
    play.textContent = model.get("playing") ? "Pause" : "Play";
    summary.show(`${labels[model.get("t")]}. ${describeStep(now)}`);
    if (model.get("playing") && model.get("t") === labels.length - 1) set(model, { playing: false });
    run();
  };
  const announce = () => model.get("playing") || summary.announce();
  const leave = follow(model, ["t", "style", "playing"], root, show, announce);
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frameAsked);
    leave();
  };
};

export default { render };
