/** Weekly hours as they are typed, and as the server has them. */
import type { Rule } from './contract'

/** The hours and breaks of a week that hold between two dates; a line for each day, Monday first. */
export interface Plan {
  from: string | null
  until: string | null
  hours: string[]
  breaks: string[]
}

export const SPANS = String.raw`\s*\d\d:\d\d-\d\d:\d\d(\s*,\s*\d\d:\d\d-\d\d:\d\d)*\s*`
const WEEK = [0, 1, 2, 3, 4, 5, 6]

export function emptyPlan(): Plan {
  return { from: null, until: null, hours: WEEK.map(() => ''), breaks: WEEK.map(() => '') }
}

/** One plan for each period that there are rules for; one without hours if there are none. */
export function plansOf(rules: readonly Rule[]): Plan[] {
  const plans = new Map<string, Plan>()
  for (const rule of rules) {
    const key = `${rule.valid_from} ${rule.valid_until}`
    const plan = plans.get(key) ?? { ...emptyPlan(), from: rule.valid_from, until: rule.valid_until }
    const lines = rule.free ? plan.hours : plan.breaks
    // 00:00 as an end would read as if nothing was open.
    const ends = rule.ends === '00:00' ? '24:00' : rule.ends
    lines[rule.weekday] = [lines[rule.weekday], `${rule.starts}-${ends}`].filter(Boolean).join(', ')
    plans.set(key, plan)
  }
  return plans.size ? [...plans.values()] : [emptyPlan()]
}

export function rulesOf(plans: readonly Plan[]): Rule[] {
  return plans.flatMap((plan) =>
    WEEK.flatMap((weekday) =>
      [true, false].flatMap((free) =>
        spans((free ? plan.hours : plan.breaks)[weekday] ?? '').map(([starts, ends]) => ({
          weekday,
          starts,
          ends: ends === '24:00' ? '00:00' : ends,
          free,
          valid_from: plan.from || null,
          valid_until: plan.until || null,
        })),
      ),
    ),
  )
}

function spans(text: string): [string, string][] {
  return [...text.matchAll(/(\d\d:\d\d)\s*-\s*(\d\d:\d\d)/g)].map((found) => [found[1]!, found[2]!])
}

/** A date some days on, both as `2026-11-24`. */
export function daysOn(date: string, days: number): string {
  // At noon in UTC no change of the clock moves it to another date.
  const moved = new Date(`${date}T12:00:00Z`)
  moved.setUTCDate(moved.getUTCDate() + days)
  return moved.toISOString().slice(0, 10)
}
