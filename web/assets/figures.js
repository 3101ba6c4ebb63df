// Figures come alive on the page: each static picture (svg[data-figure]) gives way to what its own module
// renders from the state that the page holds, without a kernel. Where anything fails, the picture stays.
// The modules are scripts that the page has loaded by now; web/nothing_inline.py makes them.
{
  const STATES = 'script[type="application/vnd.jupyter.widget-state+json"]';

  const stateOf = (name) =>
    [...document.querySelectorAll(STATES)]
      .flatMap((script) => Object.values(JSON.parse(script.textContent).state))
      .find(({ state }) => state.figure === name).state;

  // What anywidget calls a model.
  const modelOf = (values) => {
    let listeners = [];
    const tell = (event, ...news) => listeners.filter(([name]) => name === event).forEach(([, call]) => call(...news));
    const model = {
      get: (name) => values[name],
      set(name, value) {
        if (values[name] === value) return;
        values[name] = value;
        tell(`change:${name}`, model, value);
        tell("change", model);
      },
      on: (event, call) => listeners.push([event, call]),
      off: (event, call) =>
        (listeners = listeners.filter(([name, own]) => (event && name !== event) || (call && own !== call))),
      save_changes() {},
      send() {},
    };
    return model;
  };

  const enliven = async (picture) => {
    const live = document.createElement("div");
    try {
      const state = stateOf(picture.dataset.figure);
      const made = window.lstmFigures[state.module];
      const widget = typeof made === "function" ? await made() : made;
      live.setAttribute("role", "group");
      live.setAttribute("aria-label", picture.querySelector("title").textContent);
      picture.after(live);
      await widget.render({ model: modelOf(state), el: live });
      picture.style.display = "none";
    } catch {
      live.remove();
    }
  };

  // The page is there to be read first.
  addEventListener("DOMContentLoaded", () =>
    setTimeout(() => document.querySelectorAll("svg[data-figure]").forEach(enliven)),
  );
}
