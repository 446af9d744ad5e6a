/** Appointments in words. Times are those of the place, wherever the browser stands. */
import { coded, count, language, t, words } from '../i18n'
import type { Visit } from './contract'

const SIGN_LANGUAGE = 'dsl'

function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  // Their language, but the clock and the order of day and month as in Denmark.
  return new Intl.DateTimeFormat(`${language.value}-DK`, options).format(date)
}

export function clock(iso: string, zone: string): string {
  return format(new Date(iso), { hour: '2-digit', minute: '2-digit', timeZone: zone })
}

/** `tirsdag den 24. november 2026`, of a date without a time. */
export function longDate(date: string): string {
  return format(new Date(`${date}T12:00:00Z`), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

export function moment(iso: string, zone: string): string {
  const day = format(new Date(iso), { weekday: 'long', day: 'numeric', month: 'long', timeZone: zone })
  return `${day} ${clock(iso, zone)}`
}

/** The date of a moment there, as `2026-11-24`. */
export function dateOf(iso: string, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: zone }).format(new Date(iso))
}

export function whoOf(visit: Visit): string {
  const number = visit.walk_in === null ? '' : t('number_n', { n: visit.walk_in })
  return [number, visit.name].filter(Boolean).join(' ') || t('no_name')
}

export function errandsOf(visit: Visit): string {
  return visit.errands
    .map(({ service, persons }) => (persons > 1 ? t('visit_persons', { title: service.title, n: persons }) : service.title))
    .join(', ')
}

export function languageName(code: string): string {
  return code === SIGN_LANGUAGE ? t('sign_language') : words.value.languageName(code)
}

/** How the citizen hears of a change. */
export function toldOf(visit: Visit): string {
  const { contact } = visit
  if (contact?.channel === 'email') return t('told_email', { label: contact.label })
  if (contact?.channel === 'sms') return t('told_sms', { label: contact.label })
  return visit.conversation === null ? t('told_nobody') : t('told_chat')
}

/** What is told after a change of the supply. */
export function savedText(stranded: number): string {
  return stranded ? count('outside_now', stranded) : t('saved')
}

export const stateText = (visit: Visit): string => coded('visit_state', visit.state)
