// Prints the public holidays of all Länder in the years given, as JSON:
// { "BE 2015": ["2015-01-01", …], … }
import Holidays from 'date-holidays'

const [first, last] = process.argv.slice(2).map(Number)
const found = {}
for (const land of Object.keys(new Holidays().getStates('DE'))) {
  const holidays = new Holidays('DE', land)
  for (let year = first; year <= last; year++) {
    found[`${land} ${year}`] = holidays.getHolidays(year).filter(h => h.type === 'public').map(h => h.date.slice(0, 10))
  }
}
console.log(JSON.stringify(found))
