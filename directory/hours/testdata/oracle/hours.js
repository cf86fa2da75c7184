// Reads questions as JSON lines { value, state, from, to } (wall clock in
// Europe/Berlin), answers each with a line: { spans: [[from, to, unknown, comment]] }
// in seconds since 1970, or { error }.
import { createInterface } from 'node:readline'
import opening_hours from 'opening_hours'

for await (const line of createInterface({ input: process.stdin })) {
  const { value, state, from, to } = JSON.parse(line)
  console.log(JSON.stringify(answer(value, state, new Date(from), new Date(to))))
}

function answer (value, state, from, to) {
  try {
    const place = { lat: 52.5, lon: 13.4, address: { country_code: 'de', state } }
    const hours = new opening_hours(value, place, { locale: 'de' })
    return { spans: hours.getOpenIntervals(from, to).map(span) }
  } catch (error) {
    return { error: String(error) }
  }

  function span ([begin, end, unknown, comment]) {
    const written = comment && value.includes(`"${comment}"`) // not the name of a holiday
    return [begin / 1000, end / 1000, Boolean(unknown), written ? comment : '']
  }
}
