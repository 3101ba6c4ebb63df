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

// Bring a picture to life in its place; where that fails, the picture stays.
export const enliven = async (picture, { name, state }, save) => {
  const { module, ...values } = state;
  const live = make("div", { role: "group", ariaLabel: picture.querySelector("title")?.textContent ?? "figure" });
  try {
    if (values.pictures)
      values.pictures = Object.fromEntries(Object.entries(values.pictures).map(([key, svg]) => [key, bare(svg)]));
    const widget = await moduleOf(module);
    const { model, change } = window.lstmModelOf(values, (changes) => save(name, changes));
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
