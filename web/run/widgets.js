// A living figure that a cell made: the page and Python share what it shows.
import { bare, make } from "./parts.js";

const figures = new URL("../figures/", import.meta.url);
const views = new Map();

const loadedOnce = new Map();
const load = (tag, properties) => {
  const address = properties.src ?? properties.href;
  if (!loadedOnce.has(address))
    loadedOnce.set(
      address,
      new Promise((onload, onerror) => document.head.append(make(tag, { ...properties, onload, onerror }))),
    );
  return loadedOnce.get(address);
};

// The module is a script of the site, made from a chapter's own figures; one of another making is not there.
const moduleOf = async (name) => {
  if (!window.lstmFigures?.[name]) await load("script", { src: new URL(`${name}.js`, figures).href });
  const made = window.lstmFigures[name];
  return typeof made === "function" ? made() : made;
};

// What anywidget calls a model.
const modelOf = (values, save) => {
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

// Bring a picture to life in its place; where that fails, the picture stays.
export const enliven = async (picture, { name, state }, save) => {
  const { module, ...values } = state;
  const live = make("div", { role: "group", ariaLabel: picture.querySelector("title")?.textContent ?? "figure" });
  try {
    if (values.pictures)
      values.pictures = Object.fromEntries(Object.entries(values.pictures).map(([key, svg]) => [key, bare(svg)]));
    const widget = await moduleOf(module);
    const { model, change } = modelOf(values, (changes) => save(name, changes));
    picture.after(live);
    await widget.render({ model, el: live });
    views.set(name, [...(views.get(name) ?? []), change]);
    picture.remove();
  } catch {
    live.remove();
  }
};

// Python has changed a figure.
export const follow = ({ widget, changes }) => {
  for (const change of views.get(widget) ?? [])
    for (const [name, value] of Object.entries(changes)) change(name, value);
};
