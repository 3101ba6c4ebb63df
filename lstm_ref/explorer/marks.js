// What the marks of a diagram show: as lstm_ref/diagrams/live.py draws them, and numbers as Python writes them.

// Write a number with so many digits after the point. JavaScript rounds a tie up, Python to the even digit.
const rounded = (value, digits, write = "toFixed") => {
  if (!Number.isFinite(value)) return String(value);
  const [long, power = ""] = value[write](digits + 25).split(/(?=e)/);
  const cut = long.slice(0, -25);
  const down = /^50*$/.test(long.slice(-25)) && /[02468]\.?$/.test(cut);
  return down ? cut.replace(/\.$/, "") + power : value[write](digits);
};

// Python's format "g": so many digits in all, without zeros at the end.
const general = (value, digits) => {
  const [mantissa, power] = rounded(value, digits - 1, "toExponential").split("e");
  if (power >= -4 && power < digits) return String(Number(`${mantissa}e${power}`));
  return `${Number(mantissa)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
};

// A number as figures write it: three digits, thousands set apart, a true minus sign.
const number = (value) => {
  const large = Math.abs(value) >= 999.5;
  const text = large ? rounded(value, 0).replace(/\B(?=(\d{3})+$)/g, ",") : general(value, 3);
  return text.replaceAll("-", "\u2212");
};

// A value as it is written on a wire.
const written = (value) => (value !== 0 && Math.abs(value) < 1e-6 ? "\u22480" : number(value));

// Move every mark of a diagram to these values: signal name -> elements.
const move = (svg, signals) => {
  for (const mark of svg.querySelectorAll("[data-signal]")) {
    const { signal, element, limit, floor, full, pivot, open } = mark.dataset;
    const value = signals[signal][element];
    mark.dataset.value = general(Number(rounded(Number(general(value, 9)), 12)), 9);
    if (pivot) {
      const turn = rounded(Number(open) + 90 * (1 - value), 2);
      mark.setAttribute("transform", `rotate(${turn} ${pivot.replace(",", " ")})`);
    } else if (limit) {
      const height = full * Math.min(1, Math.abs(value) / limit);
      mark.setAttribute("y", rounded(floor - height, 2));
      mark.setAttribute("height", rounded(height, 2));
      mark.classList.toggle("below", value < 0);
    } else mark.textContent = written(value);
  }
};
