import assert from "node:assert/strict";
import { test } from "node:test";
import { birthSpan, firstOfMonth, monthsBetween, validDate } from "./dates";
import { amount, parseAmount, parsePostcode } from "./number";

test("numbers are read as people write them, like on the server", () => {
  const table: [string, unknown][] = [
    ["450", 450], ["1.200", 1200], ["1,200", 1200], ["1.200,50", 1200.5], ["1,200.50", 1200.5], ["12,5", 12.5], ["0", 0],
    ["400-600", { low: 400, high: 600 }], ["400 – 600 €", { low: 400, high: 600 }], ["600 bis 400 Euro", { low: 400, high: 600 }],
    ["ca. 300", 300], ["٤٥٠", 450], ["1 200", 1200], ["400 до 600", { low: 400, high: 600 }], ["400 do 600", { low: 400, high: 600 }], ["۴۵۰ تا ۶۰۰ یورو", { low: 450, high: 600 }],
    ["400 ile 600", { low: 400, high: 600 }], ["1\u00a0200,50 євро", 1200.5],
  ];
  for (const [text, want] of table) assert.deepEqual(parseAmount(text), want, text);
  for (const text of ["", "viel", "1e9", "-", "-5-", "1-2-3", "0x10", "NaN", "9".repeat(40), "1..2..3"]) assert.equal(parseAmount(text), undefined, text);
});

test("numbers are written as the language groups them", () => {
  assert.equal(amount(1234567.5, "de"), "1.234.567,50");
  assert.equal(amount(1013, "ar"), "1,013");
  assert.equal(amount(0, "en"), "0");
  assert.equal(amount(1013.5, "uk"), "1\u00a0013,50");
});

test("dates need no clock", () => {
  assert.ok(validDate("2024-02-29") && !validDate("2023-02-29") && !validDate("2024-13-01") && !validDate("24-01-01"));
  assert.deepEqual(birthSpan("2000-02"), ["2000-02-01", "2000-02-29"]);
  assert.equal(birthSpan("2000-13"), null);
  assert.equal(monthsBetween("2000-01-31", "2000-02-29"), 0);
  assert.equal(monthsBetween("2030-01-01", "2026-01-01"), -1);
  assert.equal(firstOfMonth("2026-11-23", 2), "2027-01-01");
});

test("postcodes are read with any digits and spaces, and nothing else is one", () => {
  for (const text of ["50667", "50 667", "٥٠٦٦٧", "۵۰۶۶۷"]) assert.equal(parsePostcode(text), "50667");
  for (const text of ["5066", "506677", "5O667", ""]) assert.equal(parsePostcode(text), undefined);
});
