// What the marks of a diagram show: as lstm_ref/diagrams/values.py draws them, and numbers as Python writes them. Only
// of a number right between two, toPrecision and toFixed write the larger, and Python the one with the even last digit.

// A number as figures write it: three digits, thousands set apart, a true minus sign.
const number = (value) => {
  const short = Number(value.toPrecision(3));
  let text = String(short);
  if (Math.abs(value) >= 999.5) text = value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  else if (short !== 0 && Math.abs(short) < 1e-4) {
    const [digits, power] = short.toExponential().split("e-");
    text = `${digits}e-${power.padStart(2, "0")}`;
  }
  return text.replaceAll("-", "\u2212");
};

// A value as it is written on a wire.
const written = (value) => (value !== 0 && Math.abs(value) < 1e-6 ? "\u22480" : number(value));

// Move every mark of a diagram to these values: signal name -> elements. Between two steps the numbers stay as they are.
const move = (svg, signals, between = false) => {
  for (const mark of svg.querySelectorAll("[data-signal]")) {
    const { signal, element, pivot, open } = mark.dataset;
    const { limit, floor, full } = mark.closest("[data-limit]")?.dataset ?? {};
    const value = signals[signal][element];
    mark.dataset.value = Number(Number(value.toPrecision(9)).toFixed(12));
    if (pivot) {
      const turn = Number(open) + 90 * (1 - value);
      mark.setAttribute("transform", `rotate(${turn.toFixed(2)} ${pivot.replace(",", " ")})`);
    } else if (limit) {
      const height = full * Math.min(1, Math.abs(value) / limit);
      mark.setAttribute("y", (floor - height).toFixed(2));
      mark.setAttribute("height", height.toFixed(2));
      mark.classList.toggle("below", value < 0);
    } else if (!between) mark.textContent = written(value);
  }
};
