// Writes expected.json: what handlebars.js makes of every template of cases.json.
// For development only; the tests read the two JSON files and need no Node.
//   npm install handlebars   (anywhere; then)   NODE_PATH=…/node_modules node make_expected.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const Handlebars = createRequire(import.meta.url)("handlebars");

// Helpers that are nothing but JavaScript's own functions.
const text = (fn) => (value, ...more) =>
  value === undefined || value === null ? undefined : fn(String(value), ...more.slice(0, -1));
Handlebars.registerHelper({
  toLower: text((s) => s.toLowerCase()),
  toUpper: text((s) => s.toUpperCase()),
  trim: text((s) => s.trim()),
  replace: text((s, from, to) => s.replaceAll(from, to)),
  capitalize: text((s) => s.slice(0, 1).toUpperCase() + s.slice(1)),
  toJSON: (value) => JSON.stringify(value),
  parseJson: (value) => JSON.parse(value),
  parseInt: (value, ...more) => parseInt(value, ...more.slice(0, -1)),
  parseFloat: (value) => parseFloat(value),
  encodeURI: text((s) => encodeURI(s)),
  encodeURIComponent: text((s) => encodeURIComponent(s)),
  escapeRegExp: text((s) => s.replace(/[-[\]{}()*+?.,\\^$|#\s/]/g, "\\$&")),
  base64: text((s) => Buffer.from(s).toString("base64")),
  split: text((s, by) => s.split(by)),
  join: (list, by) => list.join(by),
  concat: (...values) => values.slice(0, -1).join(""),
  eq: (a, b) => a === b,
  gt: (a, b) => a > b,
  not: (a) => !a,
  and: (a, b) => a && b,
  or: (a, b) => a || b,
  default: (a, b) => a ?? b,
});

const { contexts, templates } = JSON.parse(readFileSync(join(here, "cases.json"), "utf8"));
const expected = templates.map((template) => {
  try {
    return Handlebars.compile(template)(contexts.main);
  } catch (wrong) {
    return { error: wrong.message.split("\n")[0] };
  }
});
writeFileSync(
  join(here, "expected.json"),
  JSON.stringify({ handlebars: Handlebars.VERSION, expected }, null, 1) + "\n",
);
