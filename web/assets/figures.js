// Figures come alive on the page: each static picture (svg[data-figure]) gives way to what its own module
// renders from the state that the page holds, without a kernel. Where anything fails, the picture stays.
// The modules are scripts that the page has loaded by now; web/nothing_inline.py makes them.
{
  const STATES = 'script[type="application/vnd.jupyter.widget-state+json"]';

  const stateOf = (name) =>
    [...document.querySelectorAll(STATES)]
      .flatMap((script) => Object.values(JSON.parse(script.textContent).state))
      .find(({ state }) => state.figure === name).state;

  // What anywidget calls a model, and a way to change it from outside; Python in the page hears of what is saved.
  const modelOf = (values, save = () => {}) => {
    let listeners = [];
    let unsaved = {};
    const tell = (event, ...news) => listeners.filter(([name]) => name === event).forEach(([, call]) => call(...news));
    const change = (name, value) => {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return false;
      values[name] = value;
      tell(`change:${name}`, model, value);
      tell("change", model);
      return true;
    };
    const model = {
      get: (name) => values[name],
      set: (name, value) => change(name, value) && (unsaved[name] = value),
      on: (event, call) => listeners.push([event, call]),
      off: (event, call) =>
        (listeners = listeners.filter(([name, own]) => (event && name !== event) || (call && own !== call))),
      save_changes() {
        save(unsaved);
        unsaved = {};
      },
      send() {},
    };
    return { model, change };
  };
  window.lstmModelOf = modelOf;

  const enliven = async (picture) => {
    const live = document.createElement("div");
    try {
      const state = stateOf(picture.dataset.figure);
      const made = window.lstmFigures[state.module];
      const widget = typeof made === "function" ? await made() : made;
      live.setAttribute("role", "group");
      live.setAttribute("aria-label", picture.querySelector("title").textContent);
      picture.after(live);
      await widget.render({ model: modelOf(state).model, el: live });
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
