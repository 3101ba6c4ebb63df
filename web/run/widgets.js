// A living figure that a cell made: the page and Python share what it shows.
import { bare, make } from "./parts.js";

const figures = new URL("../figures/", import.meta.url);
const views = new Map(); // the name of a figure -> what changes each of its views

const loading = new Map();
const load = (src) => {
  if (!loading.has(src))
    loading.set(src, new Promise((onload, onerror) => document.head.append(make("script", { src, onload, onerror }))));
  return loading.get(src);
};

// The module is a script of the site, made from a chapter's own figures; one of another making is not there.
const moduleOf = async (name) => {
  if (!window.lstmFigures?.[name]) await load(new URL(`${name}.js`, figures).href);
  return window.lstmFigures[name];
};

// Bring a picture to life in its place; where that fails, the picture stays.
export const enliven = async (picture, { name, state }, save) => {
  const find = async () => {
    const { module, ...values } = state;
    if (values.pictures)
      values.pictures = Object.fromEntries(Object.entries(values.pictures).map(([key, svg]) => [key, bare(svg)]));
    return { values, module: await moduleOf(module) };
  };
  const change = await window.lstmEnliven(picture, find, (changes) => save(name, changes));
  if (!change) return;
  views.set(name, [...(views.get(name) ?? []), change]);
  picture.remove();
};

// Python has changed a figure.
export const follow = ({ widget, changes }) => {
  for (const change of views.get(widget) ?? [])
    for (const [name, value] of Object.entries(changes)) change(name, value);
};
