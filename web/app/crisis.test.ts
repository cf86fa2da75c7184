import assert from "node:assert/strict";
import { test } from "node:test";
import { dangers, split, type Danger } from "./crisis";

const found: [string, Danger[]][] = [
  ["Ich will nicht mehr leben.", ["life"]],
  ["ICH MOECHTE STERBEN", ["life"]],
  ["ich bring mich um", ["life"]],
  ["Ich denke oft an Selbstmordgedanken…", ["life"]],
  ["manchmal würde ich mir am liebsten das Leben nehmen", ["life"]],
  ["mein Mann schlägt mich jeden Abend", ["violence"]],
  ["Er hat mich schon wieder geschlagen", ["violence"]],
  ["er sagt, er will mich umbringen", ["life", "violence"]],
  ["mein freund schlaegt mich und ich will nicht mehr leben", ["life", "violence"]],
  ["Ich habe alle Tabletten genommen", ["medical"]],
  ["I want to die", ["life"]],
  ["I don’t want to live any more", ["life"]],
  ["my husband beats me", ["violence"]],
  ["she took a lot of pills", ["medical"]],
  ["أُريدُ أن أموت", ["life"]],
  ["زوجي يضربني كل يوم", ["violence"]],
  ["أخذت الكثير من حبوب", ["medical"]],
  ["я не хочу жити", ["life"]],
  ["чоловік б’є мене", ["violence"]],
  ["я хочу умереть", ["life"]],
  ["муж избил меня", ["violence"]],
  ["YAŞAMAK İSTEMİYORUM", ["life"]],
  ["kocam beni dövüyor", ["violence"]],
  ["می‌خواهم بمیرم", ["life"]],
  ["شوهرم کتکم می‌زند", ["violence"]],
  ["nie chce juz zyc, chce umrzec", ["life"]],
  ["mąż mnie bije", ["violence"]],
];

test("speaks of danger", () => {
  for (const [text, want] of found) assert.deepEqual(dangers(text), want, text);
});

const harmless = [
  "", "   ", "…", "Ich habe 3.000 Euro Schulden und weiß nicht weiter.",
  "Wie kann ich einen Antrag auf Wohngeld stellen?", "Mein Vater ist letztes Jahr gestorben.",
  "Mein Vermieter droht mir mit Kündigung.", "I would like to know about my benefits.",
  "How do I apply for asylum?", "كيف أقدم طلب المساعدة؟", "У мене борги, що робити?",
  "Borçlarım var, ne yapmalıyım?", "Mam długi i nie wiem, co robić.", "من بدهی دارم",
  "Das Leben ist teuer, wir leben in Köln.", "Ich nehme Tabletten gegen Bluthochdruck.",
];

test("is silent about ordinary worries", () => {
  for (const text of harmless) assert.deepEqual(dangers(text), [], text);
});

test("typing variants fold to the same words", () => {
  assert.deepEqual(split("Schlägt"), split("schlaegt"));
  assert.deepEqual(split("إيذاء"), split("ايذاء"));
  assert.deepEqual(split("don't"), split("dont"));
  assert.deepEqual(split("می‌خواهم"), ["ميخواهم"]);
});

test("long and hostile text is read in no time to speak of", () => {
  assert.deepEqual(dangers("mich ".repeat(20_000)), []);
  assert.deepEqual(dangers("\u0301".repeat(50_000) + "\ud800"), []);
});
