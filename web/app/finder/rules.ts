/** The rules as the server exports them, and the request and result of the API (docs/finder.md). */

export type Expression = number | boolean | string | { [operator: string]: Expression | Expression[] | null };

export interface Question { id: string; facts: string[] | null; sensitive?: boolean; when?: Expression }

export interface Fact {
  id: string;
  of: "person" | "household";
  kind: "number" | "bool" | "choice" | "postcode";
  unit?: string;
  min?: number;
  max?: number;
  options?: string[];
  try?: number[];
  only?: Expression;
  else?: Answer;
}

export type Figures = number | number[] | (number | null)[][];

export interface Param {
  id: string;
  kind: "number" | "table" | "table2" | "bands";
  unit: string;
  first?: number;
  point?: string; // the point of law it is uncertain by; its id when missing
  dated: Since<{ is?: Figures; variants?: Figures[]; ends?: boolean; unknown?: boolean; weak?: boolean }>[];
}

/** A version, and the day from which it holds; no day: from before the span of the rules. */
export type Since<V> = V & { from?: string };

export interface Node { id: string; unit: string; of?: string; dated: Since<{ is: Expression; weak?: boolean }>[] }

export interface Benefit {
  id: string;
  name: { from: string; key: string }[];
  topic: string;
  unit: string;
  amount?: Expression;
  pays?: Expression;
  conditions: { id: string; test: Expression; law: string; sure: string; waits?: boolean; yields?: boolean }[];
  received?: Expression;
  behind?: { benefit: string; test: Expression }[];
  alternatives?: string[];
  access: Access;
}

/** How to get a benefit: which office, at which level, with what, and how far it goes online. */
export interface Access {
  office: string; level: string; link?: string; documents: string[] | null;
  online: { level: string; offer: string; reviewed: string };
}

/** The table of postcodes as it is packed (docs/finder.md, Places). */
export interface Packed { weak?: boolean; districts: string[]; gaps: string; runs: string; levels: string }

/** Who is responsible in a part of the country where an office is not that of the Kreis. */
export interface Body { office: string; ags: string; name?: string; children?: boolean }

export interface District { ags: string; name: string; city: boolean }
export interface Place { postcode: string; districts: District[]; rent_level: Range; used: boolean }
export interface Where { kind: "district" | "within" | "borough" | "body" | "children"; name: string }

export interface Bundle { id: string; options: { id: string; benefits: string[] }[]; prefer: Expression }

export interface RuleSet {
  from: string;
  to: string;
  questions: Question[];
  facts: Fact[];
  params: Param[] | null;
  nodes: Node[] | null;
  benefits: Benefit[];
  bundles: Bundle[] | null;
  places: Packed;
  bodies: Body[] | null;
}

/** A number, true or false, an option, a range, or null: asked, not known or not said. */
export type Answer = number | boolean | string | { low: number; high: number } | null;
export type Answers = Record<string, Answer>;

export interface Person {
  id: string;
  birth?: string;
  partner?: string;
  parents?: string[];
  kindergeld_to?: string;
  flatmate?: boolean;
  facts?: Answers;
}

export interface Request {
  date: string;
  asker?: string;
  persons?: Person[];
  household?: Answers;
  answers?: Answers;
  given?: Record<string, Answer | Answers>;
  pinned?: Record<string, number>;
  next?: boolean; // also find the next question
}

export interface Range { low: number; high: number }

export type State = "received" | "other_first" | "likely_yes" | "from_date" | "likely_no" | "unclear" | "depends";

export interface Reason {
  id: string; text: string; verdict: "yes" | "no" | "unknown"; law: string; sure: string;
  value?: Range; limit?: Range; unit?: string;
}

export interface BenefitResult {
  id: string; name: string; state: State; sure: boolean; unit: string; amount?: Range; pays?: Range;
  reasons: Reason[]; missing: string[]; law?: string[]; first?: string; from?: string;
  alternatives: string[]; outcomes?: { point: string; variant: number; state: State; amount?: Range }[];
  where?: Where[];
}

export interface BundleResult {
  id: string; prefer: "yes" | "no" | "unknown";
  options: { id: string; benefits: string[]; amount?: Range }[];
}

export interface Result { date: string; benefits: BenefitResult[]; bundles: BundleResult[]; place?: Place; next?: string }

/** What is wrong with a request: field → code. */
export class InvalidInput extends Error {
  constructor(readonly fields: Record<string, string>) { super("invalid_input"); }
}
