/** Evaluates households for finder/same_test.go: the rules on the first line, one request on each other, one result for each. */
import { readFileSync } from "node:fs";
import { compile } from "../../web/app/finder/compile";
import { evaluate, next } from "../../web/app/finder/evaluate";
import { InvalidInput } from "../../web/app/finder/rules";

const [rules, ...requests] = readFileSync(0, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const compiled = compile(rules);

const answer = (request: never): unknown => {
  try {
    return { result: evaluate(compiled, request), next: next(compiled, request) ?? "" };
  } catch (err) {
    if (err instanceof InvalidInput) return { fields: err.fields };
    throw err;
  }
};

const lines = requests.map((request) => JSON.stringify(answer(request)));
process.stdout.write(lines.join("\n"));
