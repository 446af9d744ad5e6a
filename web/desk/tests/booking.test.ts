import axe from 'axe-core'
import { h, render } from 'preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Api } from '../api'
import type { Day, Rule, Setup, Visit } from '../booking/contract'
import { daysOn, plansOf, rulesOf } from '../booking/hours'
import { clock, dateOf, toldOf } from '../booking/words'
import { language } from '../i18n'
import { go, href, parse, type Route } from '../router'
import { Desk } from '../state/desk'
import { Tabs } from '../state/tabs'
import { App } from '../views/app'
import { type Asked, me, refusal, server, settled } from './world'

const ZONE = 'Europe/Copenhagen'
const TODAY = '2026-11-24'
const PLACE = { id: 'raadhus', name: 'Rådhuset', kind: 'in_person', address: 'Pladsen 1', example: true, active: true } as const

function visit(change: Partial<Visit> = {}): Visit {
  return {
    id: 'v1',
    reference: 'K7MP-4RXD',
    state: 'booked',
    at: '2026-11-24T08:00:00Z',
    ends_at: '2026-11-24T08:20:00Z',
    zone: ZONE,
    place: { id: PLACE.id, name: PLACE.name },
    kind: 'in_person',
    caseworker: { id: 'anna', name: 'Anna' },
    errands: [{ service: { id: 'pas', title: 'Pas' }, persons: 2 }],
    language: 'dsl',
    name: 'Mette <b>Hansen</b>',
    contact: { channel: 'sms', label: '20 12 34 56' },
    walk_in: null,
    shares: true,
    conversation: 'c1',
    can: ['arrive', 'call', 'move', 'cancel'],
    ...change,
  }
}

const NUMBER = visit({ id: 'v2', state: 'arrived', name: null, contact: null, walk_in: 3, can: ['call'], caseworker: null })
const OVER = visit({ id: 'v3', state: 'done', name: 'Per', can: [] })
const DAY: Day = {
  place: PLACE,
  date: TODAY,
  today: true,
  visits: [visit(), NUMBER, OVER],
  staff: [{ id: 'anna', name: 'Anna', services: [{ id: 'pas', title: 'Pas' }], languages: ['da', 'dsl'] }],
}
const HOURS: Rule[] = [
  { weekday: 0, starts: '09:00', ends: '12:00', free: true, valid_from: null, valid_until: null },
  { weekday: 0, starts: '13:00', ends: '00:00', free: true, valid_from: null, valid_until: null },
  { weekday: 0, starts: '10:00', ends: '10:30', free: false, valid_from: null, valid_until: null },
  { weekday: 6, starts: '09:00', ends: '10:00', free: true, valid_from: '2026-12-01', valid_until: '2026-12-31' },
]
const SETUP: Setup = {
  places: [{ ...PLACE, lead_minutes: 60, horizon_days: 90, step_minutes: 15, team: null, hours: HOURS }],
  caseworkers: [
    { id: 'anna', name: 'Anna', services: ['pas'], languages: ['da', 'dsl'], capacity: 2, example: true, active: false, at: [{ place: PLACE.id, hours: HOURS }] },
  ],
  services: [{ service: { id: 'pas', title: 'Pas' }, first_minutes: 15, more_minutes: 10, max_persons: 8 }],
  visit: { opening_minutes: 5, max_minutes: 120 },
  exceptions: [{ number: 1, date: TODAY, open: false, place: null, caseworker: 'anna', starts: null, ends: null, reason: 'Kursus' }],
  closures: [{ month: 12, day: 24, name: 'Juleaftensdag', example: true }],
  holidays: [{ date: '2026-12-25', name: 'Juledag' }],
  known_places: [],
  known_services: [{ id: 'mitid', title: 'MitID' }],
  teams: [{ id: 'pas', name: 'Pas' }],
  stranded: 0,
}
const RIGHTS = { manage_booking: 'common', manage_supply: 'everything' } as const
const ROUTES: Parameters<typeof server>[0] = {
  'GET /me': { body: me({ rights: RIGHTS }) },
  'GET /events': refusal(503, 'unavailable'),
  'GET /teams': { body: { teams: [] } },
  'GET /booking/places': { body: { items: [PLACE], zone: ZONE, today: TODAY } },
  [`GET /booking/places/raadhus/days/${TODAY}`]: { body: DAY },
  'GET /booking/outside': { body: { items: [visit()] } },
  'GET /booking/appointments/v1': {
    body: { visit: visit(), summary: '- Mit pas er væk', trail: [{ kind: 'confirmed', actor: 'citizen', at: '2026-11-23T08:00:00Z' }] },
  },
  'GET /booking/appointments/v1/times': { body: { items: [{ at: '2026-11-25T08:00:00Z', place: PLACE.id }] } },
  'POST /booking/appointments/v1/steps/arrive': { body: visit({ state: 'arrived' }) },
  'POST /booking/appointments/v1/move': { body: visit() },
  'POST /booking/appointments/v1/cancel': { body: visit({ state: 'cancelled' }) },
  'GET /booking/supply': { body: SETUP },
  'PUT /booking/supply/places/raadhus/hours': { body: { stranded: 2 } },
}

let desk: Desk
let root: HTMLElement
let asked: Asked[]

HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}

beforeEach(() => {
  language.value = 'da'
  localStorage.clear()
  sessionStorage.clear()
  document.documentElement.lang = 'da'
  root = document.createElement('div')
  document.body.append(root)
})
afterEach(() => {
  desk.stop()
  render(null, root)
  root.remove()
  vi.unstubAllGlobals()
})

async function drawn(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await settled()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function show(page: 'day' | 'places' | 'caseworkers' | 'lengths' | 'days', routes: typeof ROUTES = {}): Promise<void> {
  asked = server({ ...ROUTES, ...routes })
  desk = new Desk(new Api(), new Tabs(null))
  go({ view: 'booking', page, place: '', date: '' }, true)
  render(h(App, { desk }), root)
  await desk.start()
  // The pages are a file of their own, which has to be read first.
  await vi.waitFor(() => expect(root.querySelector('h1#page')).not.toBeNull(), { timeout: 10_000 })
  await drawn()
}

const find = (hook: string, within: Element = root): HTMLElement => within.querySelector<HTMLElement>(`[data-testid="${hook}"]`)!
const press = async (hook: string, within: Element = root): Promise<void> => {
  find(hook, within).click()
  await drawn()
}
const lastPost = (): Asked => asked.filter(({ method }) => method !== 'GET').at(-1)!

async function violations(): Promise<string[]> {
  const found = await axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } },
  })
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describe('axe finds nothing', () => {
  it.each(['day', 'places', 'caseworkers', 'lengths', 'days'] as const)('on the page %s', async (page) => {
    await show(page)
    expect(await violations()).toEqual([])
  })

  it.each([
    ['day', ['take-number']],
    ['day', ['more']],
    ['day', ['more', 'move']],
    ['day', ['more', 'cancel-visit']],
    ['places', ['add-place']],
    ['places', ['edit-hours']],
    ['caseworkers', ['add-caseworker']],
    ['lengths', ['add-length']],
    ['days', ['add-day']],
    ['days', ['add-closure']],
  ] as const)('on %s, in the dialog %s', async (page, hooks) => {
    await show(page)
    for (const hook of hooks) await press(hook)
    expect(root.querySelector('dialog')).not.toBeNull()
    expect(await violations()).toEqual([])
  })
})

describe('the day', () => {
  it('shows who comes, in order, and what is over only if asked for', async () => {
    await show('day')
    const lines = (): string[] => [...root.querySelectorAll('[data-testid=visit] h3')].map((one) => one.textContent!)
    expect(lines()).toEqual(['Mette <b>Hansen</b> Ventes', 'Nr. 3 Er her'])
    expect(find('visit').textContent).toContain('Pas (2 personer)')
    expect(find('visit').textContent).toContain('Dansk tegnsprog')
    expect(find('visit').querySelector('time')!.textContent).toBe('09.00')
    root.querySelector<HTMLInputElement>('.tick input')!.click()
    await drawn()
    expect(lines()).toHaveLength(3)
    expect(root.textContent).toContain('Ingen har bekræftet dem')
  })

  it('says what was done, and keeps the place of whoever reads', async () => {
    await show('day')
    await press('arrive')
    expect(lastPost().path).toBe('/booking/appointments/v1/steps/arrive')
    expect(find('polite').textContent).toBe('Mette <b>Hansen</b>: Er her')
    expect(document.activeElement?.id).toBe('visit-v1')
  })

  it('asks who calls before it calls anybody', async () => {
    await show('day', { 'POST /booking/places/raadhus/next': { body: { visit: null } } })
    await press('call-next')
    expect(find('urgent').textContent).toBe('Vælg først, hvem du er.')
    const who = [...root.querySelectorAll('select')].find((one) => one.textContent!.includes('Anna'))!
    who.value = 'anna'
    who.dispatchEvent(new Event('change', { bubbles: true }))
    await drawn()
    await press('call-next')
    expect(lastPost()).toMatchObject({ path: '/booking/places/raadhus/next', body: { caseworker: 'anna' } })
    expect(find('polite').textContent).toBe('Ingen venter på dig.')
  })

  it('moves to a time that was chosen, and says how the citizen hears of it', async () => {
    await show('day')
    await press('more')
    expect(find('visit-summary').textContent).toBe('- Mit pas er væk')
    await press('move')
    expect(root.querySelector('dialog')!.textContent).toContain('sms: 20 12 34 56')
    await press('confirm')
    expect(find('urgent').textContent).toBe('Vælg en tid.')
    root.querySelector<HTMLInputElement>('dialog input[type=radio]')!.click()
    await drawn()
    await press('confirm')
    expect(lastPost()).toMatchObject({ path: '/booking/appointments/v1/move', body: { place: 'raadhus', at: '2026-11-25T08:00:00Z' } })
    expect(root.querySelector('dialog')).toBeNull()
  })

  it('keeps the dialog and says why, if it does not work', async () => {
    await show('day', { 'POST /booking/appointments/v1/cancel': refusal(409, 'visit_illegal_transition', 'Det går ikke.') })
    await press('more')
    await press('cancel-visit')
    await press('confirm')
    expect(root.querySelector('dialog .problem-box')!.textContent).toBe('Det går ikke.')
  })

  it('is said to be missing where nothing is set up', async () => {
    await show('day', { 'GET /booking/places': { body: { items: [], zone: ZONE, today: TODAY } } })
    expect(root.textContent).toContain('Der er ikke sat noget sted op')
  })
})

it('tells how many appointments a change leaves outside the hours', async () => {
  await show('places')
  await press('edit-hours')
  await press('save')
  expect(lastPost().body).toEqual({ rules: expect.arrayContaining(HOURS) })
  expect(find('polite').textContent).toBe('Gemt. 2 aftaler ligger nu uden for alles arbejdstid.')
})

it('offers each page only to whoever has the right to it', async () => {
  await show('day', { 'GET /me': { body: me({ rights: { manage_booking: 'common' } }) } })
  expect([...root.querySelectorAll('[data-testid^=booking-]')]).toHaveLength(1)
})

describe('hours', () => {
  it('are the same after they were typed', () => {
    const plans = plansOf(HOURS)
    expect(plans.map(({ hours }) => hours[0])).toEqual(['09:00-12:00, 13:00-24:00', ''])
    expect(plans[0]!.breaks[0]).toBe('10:00-10:30')
    expect(rulesOf(plans)).toHaveLength(HOURS.length)
    expect(rulesOf(plans)).toEqual(expect.arrayContaining(HOURS))
    expect(rulesOf(plansOf([]))).toEqual([])
  })

  it.each([
    ['2026-12-31', 1, '2027-01-01'],
    ['2026-03-29', -1, '2026-03-28'],
    ['2026-10-24', 1, '2026-10-25'],
    ['2028-02-28', 1, '2028-02-29'],
  ])('%s and %i days are %s', (date, days, expected) => {
    expect(daysOn(date, days)).toBe(expected)
  })
})

it('reads the clock of the place, on both sides of the change', () => {
  expect(clock('2026-10-25T00:30:00Z', ZONE)).toBe('02.30')
  expect(clock('2026-10-25T01:30:00Z', ZONE)).toBe('02.30')
  expect(dateOf('2026-11-24T23:30:00Z', ZONE)).toBe('2026-11-25')
})

it.each([
  [{ channel: 'email', label: 'm@x.dk' }, 'c1', 'Der sendes ingen mail herfra. Skriv selv til borgeren: m@x.dk'],
  [null, null, 'Borgeren kan ikke nås herfra.'],
])('is honest about whether the citizen hears of a change', (contact, conversation, expected) => {
  expect(toldOf(visit({ contact, conversation }))).toBe(expected)
})

it.each(['/desk/booking/day?place=a&date=2026-11-24', '/desk/booking/places'])('finds %s again', (address) => {
  const route = parse(new URL(address, 'https://x.dk')) as Route
  expect(href(route)).toBe(address)
})
