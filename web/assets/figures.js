// Figures come alive on the page: each static picture (svg[data-figure]) gives way to what its own module
// renders from the state that the page holds, without a kernel. Where anything fails, the picture stays.
// The modules are scripts that the page has loaded by now; web/nothing_inline.py makes them.
{
  const STATES = 'script[type="application/vnd.jupyter.widget-state+json"]';

  const stateOf = (name) =>
    [...document.querySelectorAll(STATES)]
      .flatMap((script) => Object.values(JSON.parse(script.textContent).state))
      .find(({ state }) => state.figure === name).state;

  // What anywidget calls a model, and a way to change it from outside.
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

  // Let a module render what a picture shows, both as `find` has them; the answer changes the values from outside.
  // Python in the page does so too, with what it made, and saves what a reader changes.
  window.lstmEnliven = async (picture, find, save) => {
    const live = document.createElement("div");
    try {
      const { values, module } = await find();
      const widget = typeof module === "function" ? await module() : module;
      const { model, change } = modelOf(values, save);
      live.setAttribute("role", "group");
      live.setAttribute("aria-label", picture.querySelector("title").textContent);
      picture.after(live);
      await widget.render({ model, el: live });
      picture.style.display = "none";
      return change;
    } catch {
      live.remove();
    }
  };

  const enliven = (picture) =>
    window.lstmEnliven(picture, () => {
      const values = stateOf(picture.dataset.figure);
      return { values, module: window.lstmFigures[values.module] };
    });

  // The page is there to be read first.
  addEventListener("DOMContentLoaded", () =>
    setTimeout(() => document.querySelectorAll("svg[data-figure]").forEach(enliven)),
  );
}
