/** Days as YYYY-MM-DD; no clock and no time zone. */

const daysIn = (year: number, month: number): number =>
  month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

const two = (n: number): string => String(n).padStart(2, "0");

export function validDate(date: string): boolean {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!m) return false;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

export const year = (date: string): number => Number(date.slice(0, 4)) || 0;

/** The first and last day that a birth (year, month or day) may mean; null when it is none. */
export function birthSpan(birth: string): [string, string] | null {
  let first = birth, last = birth;
  if (birth.length === 4) {
    [first, last] = [birth + "-01-01", birth + "-12-31"];
  } else if (birth.length === 7) {
    first = birth + "-01";
    if (!validDate(first)) return null;
    last = `${birth}-${two(daysIn(year(birth), Number(birth.slice(5))))}`;
  }
  return validDate(first) ? [first, last] : null;
}

/** Full months from a birth to a date; negative when it lies ahead. */
export function monthsBetween(birth: string, date: string): number {
  if (birth > date || !validDate(birth) || !validDate(date)) return -1;
  const months = (year(date) - year(birth)) * 12 + Number(date.slice(5, 7)) - Number(birth.slice(5, 7));
  return date.slice(8) < birth.slice(8) ? months - 1 : months;
}

/** The first day of the month that lies so many months ahead. */
export function firstOfMonth(date: string, ahead: number): string {
  const month = year(date) * 12 + Number(date.slice(5, 7)) - 1 + ahead;
  return `${String(Math.floor(month / 12)).padStart(4, "0")}-${two((month % 12) + 1)}-01`;
}
