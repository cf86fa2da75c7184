/** Postcodes: in which Kreise they lie, which rent levels they have, who is responsible there. Mirrors finder/places.go and finder/offices.go. */
import type { Access, Body, District, Packed, Place, Where } from "./rules";

const GAP_LETTER = 35, LEVEL_LETTER = 40, RENT_LEVELS = 7;

interface Row { set: number[]; low: number; high: number }

/** The table of postcodes, unpacked when one is asked for. */
export class Places {
  readonly weak: boolean; // nobody has compared the table with the law as a whole
  private rows: Map<number, Row> | undefined;
  private districts: District[];

  constructor(private packed: Packed) {
    this.weak = !!packed.weak;
    let ags = 0;
    this.districts = packed.districts.map((d) => {
      const [, grows, mark, name] = /^(\d+)([*-])(.*)$/.exec(d)!;
      ags += Number(grows);
      return { ags: String(ags).padStart(5, "0"), name: name!, city: mark === "*" };
    });
  }

  /** The place of a postcode; undefined when it is not in the table. */
  find(postcode: number): Place | undefined {
    const row = (this.rows ??= unpack(this.packed)).get(postcode);
    if (!row) return undefined;
    const districts = row.set.map((i) => this.districts[i]!);
    return { postcode: String(postcode).padStart(5, "0"), districts, rent_level: { low: row.low, high: row.high }, used: false };
  }
}

function unpack({ gaps, runs, levels }: Packed): Map<number, Row> {
  let first = 0; // district of the run before
  const sets = runs.split(" ").filter(Boolean).flatMap((run) => {
    const [ids, times] = run.split("*");
    const [from, ...more] = ids!.split("+").map(Number);
    first += from!;
    return Array<number[]>(Number(times ?? 1)).fill([first, ...more.map((n) => first + n)]);
  });
  const rows = new Map<number, Row>();
  let at = 0, i = 0;
  for (const [, digits, letter] of gaps.matchAll(/!(\d+)!|([^])/g)) {
    at += digits ? Number(digits) : letter!.charCodeAt(0) - GAP_LETTER;
    const level = levels.charCodeAt(i) - LEVEL_LETTER;
    rows.set(at, { set: sets[i]!, low: Math.floor(level / RENT_LEVELS) + 1, high: (level % RENT_LEVELS) + 1 });
    i++;
  }
  return rows;
}

/** Who is responsible in a place; nothing for an authority of the whole country. */
export function where(access: Access, place: Place | undefined, bodies: Body[]): Where[] {
  if (!place || access.level === "federal") return [];
  const all = place.districts.flatMap((d) => whereIn(access, d, bodies));
  return all.filter((w, i) => all.findIndex((other) => other.kind === w.kind && other.name === w.name) === i);
}

function whereIn(access: Access, d: District, bodies: Body[]): Where[] {
  const borough = d.ags.startsWith("11") || d.ags.startsWith("02");
  const own: Where = { kind: borough ? "borough" : access.level === "municipality" && !d.city ? "within" : "district", name: d.name };
  const body = bodies.filter((b) => b.office === access.office && d.ags.startsWith(b.ags))
    .reduce<Body | undefined>((best, b) => (best && best.ags.length >= b.ags.length ? best : b), undefined);
  if (!body) return access.level === "state" ? [] : [own];
  if (!body.name) return [own];
  return [{ kind: "body", name: body.name }, ...(body.children ? [{ kind: "children", name: d.name } as Where] : [])];
}
