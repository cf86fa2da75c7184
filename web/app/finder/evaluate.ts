/**
 * Says how every benefit stands for a household, by the rules and in the words
 * of docs/finder.md, Results. Mirrors finder/evaluate.go and finder/next.go.
 */
import { uncertain, type BenefitDef, type Compiled } from "./compile";
import { firstOfMonth } from "./dates";
import { AGE } from "./household";
import { where } from "./places";
import { Run } from "./run";
import type { BenefitResult, Bundle, BundleResult, Range, Reason, Request, Result, State } from "./rules";
import { FAR, isNo, isYes, known, least, of, YES, type Value } from "./value";

const HORIZON = 24; // months that from_date looks ahead
const ANY_AMOUNT = 1e6; // an amount that may reach this is not narrowed by anything

interface Verdict { is: Value; amount?: Value }

/** Evaluates a household. It throws InvalidInput when a field is wrong. */
export function evaluate(rules: Compiled, input: Request): Result {
  const run = new Run(rules, input);
  const verdicts: Verdict[] = [], benefits: BenefitResult[] = [];
  for (const b of rules.benefits) {
    const verdict = judge(run, b);
    verdicts.push(verdict);
    benefits.push(benefit(run, b, verdict, input));
  }
  const bundles = rules.bundles.map((b) => bundle(run, b.rule, b.prefer(run, run.asker), verdicts));
  const best = input.next ? nextOf(run, verdicts) : -1;
  const result: Result = { date: input.date, benefits, bundles };
  if (run.place) result.place = run.place;
  if (best >= 0) result.next = rules.questions[best]!.id;
  return result;
}

function judge(run: Run, b: BenefitDef): Verdict {
  if (run.nobody) {
    const asks = run.rules.facts[AGE]!.cause;
    return { is: of(0, 1, asks), amount: of(0, FAR, asks) };
  }
  let is: Value = YES;
  for (const c of b.conditions) is = least(is, c.test(run, run.asker));
  return { is, amount: isNo(is) ? undefined : b.amount?.(run, run.asker) };
}

function benefit(run: Run, b: BenefitDef, v: Verdict, input: Request): BenefitResult {
  const { rule } = b, amount = v.amount ?? of(0, 0);
  const name = rule.name.findLast((n) => n.from <= input.date) ?? rule.name[0]!;
  const out: BenefitResult = {
    id: rule.id, name: name.key, state: "depends", sure: !v.is.weak, unit: rule.unit,
    reasons: [], missing: [], alternatives: rule.alternatives ?? [],
  };
  out.state = stateOf(run, b, v, input, out);
  const due = out.state !== "likely_no" && out.state !== "from_date" && v.is.hi === 1;
  if (due && b.amount && amount.hi < ANY_AMOUNT) out.amount = { low: Math.max(0, amount.lo), high: Math.max(0, amount.hi) };
  const pays = b.pays && v.is.hi === 1 && !run.nobody && span(b.pays(run, run.asker));
  if (pays) out.pays = pays;
  if ((out.amount && amount.weak) || (out.state === "unclear" && isNo(v.is))) out.sure = false;
  out.reasons = reasons(run, b);
  const asks = v.is.asks | amount.asks;
  if (v.is.hi === 1) out.missing = run.rules.questions.filter((_, i) => (asks >>> i) & 1).map((q) => q.id);
  const laws = v.is.laws | amount.laws;
  if (laws && run.pins.every((pin) => pin < 0)) {
    out.law = run.rules.points.filter((_, i) => (laws >> BigInt(i)) & 1n);
    if (v.is.asks === 0) out.outcomes = outcomes(run, b, out.law, input);
    if (out.outcomes?.length === 0) delete out.outcomes;
  }
  const there = where(rule.access, run.place, run.rules.bodies);
  if (there.length > 0) out.where = there;
  return out;
}

function stateOf(run: Run, b: BenefitDef, v: Verdict, input: Request, out: BenefitResult): State {
  if (b.received && !run.nobody && isYes(b.received(run, run.asker))) return "received";
  const ahead = (): boolean => !!(out.first = b.behind.find((o) => isYes(o.test(run, run.asker)))?.benefit);
  if (isYes(v.is)) return ahead() ? "other_first" : "likely_yes";
  if (isNo(v.is) && b.conditions.every((c) => c.yields || !isNo(c.test(run, run.asker))) && ahead()) return "other_first";
  delete out.first;
  if (isNo(v.is)) {
    const from = later(run, b, input);
    if (from) {
      out.from = from;
      return "from_date";
    }
    return v.is.weak || byPlace(run, b) ? "unclear" : "likely_no";
  }
  return v.is.asks === 0 ? "unclear" : "depends";
}

/** Whether a benefit is ruled out by the rent level of the postcode alone, while the table it comes from is not certain. */
const byPlace = (run: Run, b: BenefitDef): boolean => !!run.place?.used && run.rules.places.weak && !isNo(judge(run.unplaced(), b).is);

/** The first of a month from which a benefit is no longer ruled out, when only time is wanting. */
function later(run: Run, b: BenefitDef, input: Request): string {
  if (b.conditions.some((c) => !c.waits && isNo(c.test(run, run.asker)))) return "";
  const open = (date: string): boolean => {
    const ahead = new Run(run.rules, { ...input, date });
    ahead.law = run.law; // only the time that passes counts, not figures that nobody knows yet
    return !isNo(judge(ahead, b).is);
  };
  if (!open(firstOfMonth(input.date, HORIZON))) return "";
  for (let month = 1; ; month++) {
    const date = firstOfMonth(input.date, month);
    if (open(date)) return date;
  }
}

function reasons(run: Run, b: BenefitDef): Reason[] {
  return b.conditions.map((c) => {
    const v = run.nobody ? of(0, 1) : c.test(run, run.asker);
    const verdict = spoken(v);
    const reason: Reason = { id: c.id, text: `condition.${b.rule.id}.${c.id}.${verdict}`, verdict, law: c.law, sure: c.sure };
    if (!c.value || !c.limit || run.nobody) return reason;
    const value = span(c.value(run, run.asker)), limit = span(c.limit(run, run.asker));
    return { ...reason, ...(value && { value }), ...(limit && { limit }), ...(c.unit && { unit: c.unit }) };
  });
}

const spoken = (v: Value): Reason["verdict"] => (isYes(v) ? "yes" : isNo(v) ? "no" : "unknown");
const span = (v: Value): Range | undefined => (v.hi >= ANY_AMOUNT ? undefined : { low: v.lo, high: v.hi });

/** What each reading of each uncertain point would give. */
function outcomes(run: Run, b: BenefitDef, points: string[], input: Request): NonNullable<BenefitResult["outcomes"]> {
  return points.flatMap((point) => Array.from({ length: readings(run, point) }, (_, variant) => {
    const pinned = { ...input, pinned: { [point]: variant } };
    const other = new Run(run.rules, pinned);
    const { state, amount } = benefit(other, b, judge(other, b), pinned);
    return { point, variant, state, ...(amount && { amount }) };
  }));
}

function readings(run: Run, point: string): number {
  let most = 0;
  run.rules.params.forEach((p, i) => {
    const d = run.law.params[i];
    if (d && uncertain(d) && run.rules.points[p.point] === point) most = Math.max(most, d.readings.length);
  });
  return most || 2;
}

function bundle(run: Run, rule: Bundle, prefer: Value, verdicts: Verdict[]): BundleResult {
  const options = rule.options.map((o) => {
    let low = 0, high = 0, sure = true;
    for (const id of o.benefits) {
      const i = run.rules.benefits.findIndex((b) => b.rule.id === id);
      const { is, amount } = verdicts[i]!;
      if (isNo(is) || !run.rules.benefits[i]!.amount || !amount) continue;
      if (isYes(is)) low += Math.max(0, amount.lo);
      high += Math.max(0, amount.hi);
      sure &&= amount.hi < ANY_AMOUNT;
    }
    return { id: o.id, benefits: o.benefits, ...(sure && { amount: { low, high } }) };
  });
  return { id: rule.id, prefer: run.nobody ? "unknown" : spoken(prefer), options };
}

/** The id of the question that is likely to decide most; undefined when none would. */
export function next(rules: Compiled, input: Request): string | undefined {
  const run = new Run(rules, input);
  const best = nextOf(run, rules.benefits.map((b) => judge(run, b)));
  return best >= 0 ? rules.questions[best]!.id : undefined;
}

function nextOf(run: Run, verdicts: Verdict[]): number {
  let open = 0;
  for (const { is, amount } of verdicts) if (is.hi === 1) open |= is.asks | (amount?.asks ?? 0);
  for (const sensitive of [false, true]) {
    let best = -1, bestScore = -1;
    run.rules.questions.forEach((q, i) => {
      if (!((open >>> i) & 1) || (run.asked >>> i) & 1 || !!q.sensitive !== sensitive || isNo(q.test(run, run.asker))) return;
      const score = scoreOf(run, i, verdicts);
      if (score > bestScore) [best, bestScore] = [i, score];
    });
    if (best >= 0) return best;
  }
  return -1;
}

/** The mean number of benefits that the answers to a question would decide. */
function scoreOf(run: Run, question: number, verdicts: Verdict[]): number {
  const tries = Math.max(0, ...run.rules.questions[question]!.list.map((f) => run.rules.facts[f]!.try.length));
  let decided = 0;
  for (let k = 0; k < tries; k++) {
    const trial = run.answered(question, k);
    verdicts.forEach(({ is }, i) => {
      if (known(is) || !((is.asks >>> question) & 1)) return;
      if (known(judge(trial, run.rules.benefits[i]!).is)) decided++;
    });
  }
  return decided / Math.max(1, tries);
}
