// One element that adds up a shop's year, and what sets its forget valve or its output valve.

const SCALE = 1e-10, DRIVE = 30, WIDTH = 1000;
const TURNED = {
  forget: [
    ["b_f", ["bias of the forget valve", "b", "f"], { low: 0, high: 30, by: 0.5 }],
    ["W_f", ["January\u2019s weight", "W", "f"], { low: -60, high: 0, by: 0.5 }],
  ],
  output: [["threshold", ["threshold", "", ""], { low: 0, high: 400000, by: 5000 }]],
};

// Every signal of every month.
const year = (sales, b_f, W_f, threshold) => {
  const [none, zero] = [[[0, 0]], [[0]]];
  const weights = {
    ...{ W_f: [[0, W_f]], R_f: zero, P_f: zero, b_f: [b_f], W_i: none, R_i: zero, P_i: zero, b_i: [DRIVE] },
    ...{ W_g: [[1, 0]], R_g: zero, b_g: [0], W_o: none, R_o: zero },
    ...{ P_o: [[DRIVE / WIDTH / SCALE]], b_o: [(-DRIVE / WIDTH) * threshold] },
  };
  let now = { h_t: [0], c_t: [0] };
  return sales.map((sold, t) => (now = step([sold * SCALE, t % 12 ? 0 : 1], now.h_t, now.c_t, weights)));
};

const render = ({ model, el }) => {
  const svg = picture(model.get("pictures").ledger);
  const sales = JSON.parse(model.get("sales")), forget = model.get("valve") === "forget";
  const names = TURNED[model.get("valve")].map(([name]) => name);
  const turns = TURNED[model.get("valve")].map(([name, words, range]) => slider(model, name, [], words, range));
  const summary = announcer();
  const panel = make("div", { className: "panel" }, make("div", {}, ...turns.map(({ row }) => row)));
  const root = framed(make("div", { className: "frame" }, svg), ...summary.parts, panel);
  el.append(root);

  const sums = sales.map((_, t) => sales.slice(t - (t % 12), t + 1).reduce((a, b) => a + b));
  const show = () => {
    const [b_f, W_f, threshold] = ["b_f", "W_f", "threshold"].map((name) => model.get(name));
    const months = year(sales, b_f, W_f, threshold);
    const money = (name) => months.map((month) => month[name][0] / SCALE);
    const [f_t, o_t] = ["f_t", "o_t"].map((name) => months.map((month) => month[name][0]));
    const [c_t, h_t] = ["c_t", "h_t"].map(money);
    move(svg, { f_t, o_t, c_t, h_t, sums, level: [threshold] });
    turns.forEach((turn) => turn.show());
    const open = o_t.filter((value) => value > 0.5).length;
    summary.show(
      forget
        ? `At the end the memory is ${number(c_t.at(-1))}; the year brought ${number(sums.at(-1))}.`
        : `The output valve is open in ${open} of ${sales.length} months.`,
    );
  };
  return follow(model, names, root, show, summary.announce);
};

export default { render };
