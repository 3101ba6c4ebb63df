// Reads formulas, [[TeX, is it displayed?], …], and writes for each its MathML, or the error that Temml found in it.
import temml from "temml";

let input = "";
for await (const part of process.stdin) input += part;

const typeset = ([tex, displayMode]) => {
  try {
    return { mathml: temml.renderToString(tex, { displayMode, throwOnError: true }) };
  } catch (error) {
    return { error: error.message };
  }
};
process.stdout.write(JSON.stringify(JSON.parse(input).map(typeset)));
