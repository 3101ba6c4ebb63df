// Exercises answered in the page. A form (form.answer) has fields of four kinds: a number, options to tick, lines of a
// drawing, and things to put in order. What is right is there as hashes, which web/answers.py makes. An exercise that is
// answered is told to the document: the event "exercise-solved", whose detail names it, { exercise: "2.1" }.
{
  const hash = (exercise, text) => {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(`${exercise}:${text}`)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    return value.toString(16).padStart(8, "0");
  };
  const many = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

  const value = (text) => {
    const [, above, below = "1"] = /^(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)(?:\/(\d+\.?\d*))?$/i.exec(text) ?? [];
    return Number(above) / Number(below);
  };
  // What a reader who types 0.5, 0,5, 1/2, −3 or 1,024 may mean: the last is a thousand, or a little more than one.
  const readings = (text) => {
    const plain = text.replace(/[−–]/g, "-").replace(/\s/g, "");
    const thousands = /^-?\d{1,3}(,\d{3})+$/.test(plain) ? [plain.replace(/,/g, "")] : [];
    return [plain.replace(",", "."), ...thousands].map(value).filter((number) => !Number.isNaN(number));
  };

  // Each kind says what is wrong with its answer: nothing if it is right.
  const verdicts = {
    number(field, its) {
      const input = field.querySelector("input");
      const counts = readings(input.value).map((number) => Math.round(number / field.dataset.tolerance));
      const near = counts.flatMap((count) => [count - 1, count, count + 1]).map((count) => its(String(count)));
      const is = (wanted) => near.includes(wanted);
      const right = is(field.dataset.right);
      input.setAttribute("aria-invalid", String(!right));
      if (right) return "";
      if (!input.value.trim()) return "A number is still missing.";
      if (!counts.length) return `“${input.value}” cannot be read as a number.`;
      return is(input.dataset.slip) ? `${input.value} is what the unfinished cell gives.` : `${input.value} is not it.`;
    },
    choice(field, its, wanted) {
      const ticked = [...field.querySelectorAll("input:checked")];
      const good = ticked.filter((input) => wanted.has(its(input.value))).length;
      if (good === wanted.size && good === ticked.length) return "";
      if (!ticked.length) return "Nothing is ticked yet.";
      const more = ticked.length - good;
      return `${good} of ${wanted.size} found${more ? `, ${more} too many` : ""}.`;
    },
    wires(field, its, wanted) {
      const inputs = [...field.querySelectorAll("input")];
      const wrong = inputs.filter((input) => input.checked !== wanted.has(its(input.value)));
      const spoilt = wrong.find((input) => input.checked !== input.defaultChecked);
      if (spoilt) return `${spoilt.ariaLabel} was right as drawn.`;
      const extra = wrong.filter((input) => input.checked).length;
      const missing = wrong.length - extra;
      const counts = [extra && `${many(extra, "line")} too many`, missing && `${missing} missing`];
      return wrong.length ? `Still to find: ${counts.filter(Boolean).join(", ")}.` : "";
    },
    order(field, its, wanted) {
      const items = [...field.querySelectorAll("li")].map((item) => item.dataset.item);
      const late = items.flatMap((item, k) => items.slice(0, k).filter((above) => wanted.has(its(`${item}<${above}`))));
      return late.length ? `${many(late.length, "pair")} the wrong way round.` : "";
    },
  };

  // The things of an order move by their buttons; the focus goes along. Where the pointer has stayed, it is another's
  // button by now, and what moved before is meant, as long as it can move on.
  const beside = ({ value }, item) => (value === "up" ? item.previousElementSibling : item.nextElementSibling);
  let last = null;
  const move = (pressed, { detail, timeStamp, clientX, clientY }, say) => {
    const soon = detail && last?.button.form === pressed.form && timeStamp - last.timeStamp < 1000;
    const stayed = soon && last.clientX === clientX && last.clientY === clientY;
    const button = stayed && beside(last.button, last.button.closest("li")) ? last.button : pressed;
    last = { button, timeStamp, clientX, clientY };
    const item = button.closest("li");
    const other = beside(button, item);
    if (other) other[button.value === "up" ? "before" : "after"](item);
    button.focus({ preventScroll: true });
    const all = [...item.parentElement.children];
    say(`${item.dataset.name} is ${other ? "now" : "already"} ${all.indexOf(item) + 1} of ${all.length}.`);
  };

  const svg = (name, attributes, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    node.append(...children);
    return node;
  };

  // A line that a drawing lacks, from the cell or from an input of its own to a network; beside where another may run.
  const ASIDE = 20;
  const missing = (drawing, from, to) => {
    const box = (place) => {
      const { x, y, width, height } = drawing.querySelector(`[data-place="${place}"]`).getBBox();
      return { x: x + width / 2, y: y + height / 2, across: width / 2 };
    };
    const target = box(to.replace("box_", ""));
    const input = drawing.querySelector(`[data-place^="${from}@"]`);
    const other = input && box(`x_t@${to}`);
    const source = input ? { ...other, y: 2 * target.y - other.y } : box("cell");
    const [aside, length] = [input ? 0 : ASIDE, Math.hypot(target.x - source.x, target.y - source.y)];
    const [ux, uy] = [(target.x - source.x) / length, (target.y - source.y) / length];
    const at = ({ x, y }, along, beside) => `${(x + along * ux - beside * uy).toFixed(1)},${(y + along * uy + beside * ux).toFixed(1)}`;
    const begin = input ? source.across : 0; // the cell lies over the line
    const end = -Math.sqrt(target.across ** 2 - aside ** 2);
    const signal = { plus: "c_t", c_prev: "c_prev dashed" }[from] ?? from;
    const d = `M${at(source, begin, aside)} L${at(target, end, aside)}`;
    const added = svg(
      "g",
      { class: "wire-added" },
      svg("path", { class: `wire ${signal}`, d }),
      svg("path", {
        class: `head ${signal}`,
        d: `M${at(target, end, aside)} L${at(target, end - 8, aside + 4)} L${at(target, end - 8, aside - 4)} z`,
      }),
      svg("path", { class: "wire-hit", d }),
    );
    if (input) {
      const [copy, { x, y }] = [input.cloneNode(true), box(input.dataset.place)];
      copy.removeAttribute("data-place");
      copy.setAttribute("transform", `translate(${source.x - x},${source.y - y})`);
      added.append(copy);
    }
    return added;
  };

  // A line of the drawing above answers a click as its box does, and shows whether it is ticked.
  const tie = (input, drawing) => {
    const { from, to } = input.dataset;
    const line = drawing?.querySelector(`path.wire[data-from="${from}"][data-to="${to}"]`);
    const follow = (draw) => {
      input.addEventListener("change", draw);
      input.form.addEventListener("reset", () => setTimeout(draw));
      draw();
    };
    if (!drawing) return;
    if (!line) {
      const added = missing(drawing, from, to);
      drawing.querySelector("[data-place]").before(added);
      added.querySelector(".wire-hit").addEventListener("click", () => input.click());
      follow(() => added.classList.toggle("ticked", input.checked));
      return;
    }
    const hit = svg("path", { d: line.getAttribute("d"), class: "wire-hit" });
    const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
    const cross = svg("path", { d: `M${x - 6},${y - 6} l12,12 m0,-12 l-12,12`, class: "wire-cross" });
    line.after(cross);
    line.parentNode.append(hit);
    const point = (on) => hit.classList.toggle("pointed", on);
    hit.addEventListener("click", () => input.click());
    input.addEventListener("focus", () => point(input.matches(":focus-visible")));
    input.addEventListener("blur", () => point(false));
    follow(() => [line, cross].forEach((one) => one.classList.toggle("cut", !input.checked)));
  };

  document.querySelectorAll("form.answer").forEach((form) => {
    const [verdict, hint, why] = [".verdict", ".hint", ".why"].map((one) => form.querySelector(one));
    const fields = [...form.querySelectorAll(".field")];
    const its = (text) => hash(form.dataset.exercise, text);
    const say = (text, how = "") => {
      verdict.textContent = text;
      verdict.classList.remove("visually-hidden");
      form.dataset.verdict = how;
    };
    const clear = () => {
      say("");
      hint.hidden = true;
      if (why) why.hidden = true;
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const named = (field, words) =>
        words && fields.length > 1 && field.querySelector("legend") ? `${field.querySelector("legend").textContent} ${words}` : words;
      const wrong = fields
        .map((field) => named(field, verdicts[field.dataset.kind](field, its, new Set(field.dataset.right.split(" ")))))
        .filter(Boolean);
      clear();
      say(wrong.length ? `Not yet. ${wrong.join(" ")}` : "Right.", wrong.length ? "wrong" : "right");
      hint.hidden = !wrong.length;
      if (why) why.hidden = wrong.length > 0;
      verdict.parentElement.scrollIntoView({ block: "nearest" });
      if (wrong.length) return;
      const detail = { exercise: form.dataset.exercise };
      document.dispatchEvent(new CustomEvent("exercise-solved", { detail }));
    });
    form.addEventListener("input", clear);
    form.querySelectorAll("li button").forEach((button) =>
      button.addEventListener("click", (event) => {
        clear();
        move(button, event, say);
        verdict.classList.add("visually-hidden"); // the list itself shows it
      }),
    );
    const drawing = form.closest("section").querySelector("svg.lstm-diagram");
    form.querySelectorAll("input[data-from]").forEach((input) => tie(input, drawing));
    form.hidden = false;
  });
}
