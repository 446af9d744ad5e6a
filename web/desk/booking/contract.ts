/** The JSON of /api/desk/booking. */
import type { Named, Titled } from '../contract'

export type Kind = 'in_person' | 'phone' | 'video'
export const KINDS: readonly Kind[] = ['in_person', 'phone', 'video']
export type VisitState = 'booked' | 'arrived' | 'called' | 'in_service' | 'done' | 'no_show' | 'cancelled'
/** What is done at the counter; the server says which of them can be done now. */
export const STEPS = ['arrive', 'call', 'begin', 'done', 'return', 'no-show'] as const
export type Step = (typeof STEPS)[number]

export interface Place extends Named {
  kind: Kind
  address: string
  /** Nobody has verified its hours. */
  example: boolean
  active: boolean
}

export interface Visit {
  id: string
  reference: string
  state: VisitState
  at: string
  ends_at: string
  zone: string
  place: Named
  kind: Kind
  caseworker: Named | null
  errands: { service: Titled; persons: number }[]
  language: string | null
  name: string | null
  contact: { channel: string; label: string } | null
  /** The number of the day of somebody without an appointment. */
  walk_in: number | null
  shares: boolean
  conversation: string | null
  can: string[]
}

export interface Staff extends Named {
  services: Titled[]
  languages: string[]
}

export interface Day {
  place: Place
  date: string
  today: boolean
  visits: Visit[]
  staff: Staff[]
}

export interface History {
  visit: Visit
  summary: string | null
  trail: { kind: string; actor: string; at: string }[]
}

export interface Rule {
  /** Monday is 0. */
  weekday: number
  starts: string
  /** 00:00 is the end of the day. */
  ends: string
  /** false: a break. */
  free: boolean
  valid_from: string | null
  valid_until: string | null
}

export interface PlaceSetup extends Place {
  lead_minutes: number
  horizon_days: number
  step_minutes: number
  team: string | null
  hours: Rule[]
}

export interface CaseworkerSetup extends Named {
  services: string[]
  languages: string[]
  capacity: number
  example: boolean
  active: boolean
  at: { place: string; hours: Rule[] }[]
}

export interface ServiceSetup {
  service: Titled
  first_minutes: number
  more_minutes: number
  max_persons: number
}

export interface OtherDay {
  date: string
  open: boolean
  place: string | null
  caseworker: string | null
  starts: string | null
  ends: string | null
  reason: string
}

export interface Closure {
  month: number
  day: number
  name: string
  example: boolean
}

export interface Setup {
  places: PlaceSetup[]
  caseworkers: CaseworkerSetup[]
  services: ServiceSetup[]
  visit: { opening_minutes: number; max_minutes: number }
  exceptions: (OtherDay & { number: number })[]
  closures: Closure[]
  holidays: { date: string; name: string }[]
  known_places: { id: string; name: string; address: string; verified: boolean }[]
  known_services: Titled[]
  teams: Named[]
  stranded: number
}

/** How many appointments lie outside everybody's hours after a change. */
export interface Changed {
  stranded: number
}
