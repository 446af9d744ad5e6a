import axe from 'axe-core'
import { h, render } from 'preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Api } from '../api'
import type { CannedReply, Card } from '../contract'
import { language } from '../i18n'
import { go, type Route } from '../router'
import { Desk } from '../state/desk'
import { Tabs } from '../state/tabs'
import { App } from '../views/app'
import { ordered } from '../views/canned'
import { laterTimes, localInput } from '../views/dialogs'
import { listed } from '../views/admin/members'
import { teamId } from '../views/admin/teams'
import { conversation, detail, FRONT, me, message, METTE, refusal, server, settled } from './world'

type Routes = Parameters<typeof server>[0]
let desk: Desk
let root: HTMLElement

const ADMIN = {
  ...FRONT,
  ...Object.fromEntries(
    [
      'manage_members',
      'manage_teams',
      'manage_hours',
      'see_statistics',
      'export_statistics',
      'edit_knowledge_notes',
      'manage_canned_replies',
      'see_audit',
      'see_dead_letters',
      'resend_dead_letters',
    ].map((action) => [action, 'everything' as const]),
  ),
}

const CARD: Card = {
  service: 'pas',
  title: 'Pas til voksne',
  summary: 'Kort.',
  authority: null,
  rows: [{ kind: 'cost', label: 'Pris', items: [{ text: '893 kr.', url: 'javascript:alert(1)', verified: false }] }],
  links: [],
  source: { title: 'borger.dk', url: 'https://www.borger.dk/' },
  checked: 'maj 2026',
}

const SAID = [
  message(1, { text: '<img src=x onerror=alert(1)> https://kk.dk/', card: CARD }),
  message(2, { author: 'guide', text: 'رقم', language: 'ar' }),
  message(3, { author: 'staff', author_name: 'Mette Holm', delivery: 'failed', channel: 'sms', address_label: '+45 •• 12' }),
]
const MINE = detail({ state: 'assigned', assignee: METTE }, SAID)

const ROUTES: Routes = {
  'GET /me': { body: me({ rights: ADMIN }) },
  'GET /events': refusal(503, 'unavailable'),
  'GET /sign-in': { body: { password: true, provider: true } },
  'GET /teams': { body: { teams: [{ id: 'borgerservice', name: 'Borgerservice', administrations: [], services: ['pas'], hours: { mo: ['10:00-16:00'] }, closed: ['2026-12-24'] }] } },
  'GET /conversations': {
    body: {
      items: [
        conversation({ priority: 3, reason: 'crisis', unread: 2 }),
        conversation({ id: 'c2', language: 'ar', last_message: { author: 'citizen', text: 'رقم', at: '' } }),
      ],
      next: '2',
      counts: { waiting: 2, mine: 1 },
    },
  },
  'GET /conversations/c1': { body: MINE },
  'GET /conversations/c1/suggestions': { body: { items: [{ service: 'pas', title: 'Pas', text: 'Det koster.' }] } },
  'GET /search': { body: { items: [{ conversation: conversation(), snippet: 'pas' }], next: null } },
  'GET /members': { body: { members: [me().member, { ...me().member, id: 'ali', name: 'Ali' }] } },
  'GET /canned-replies': { body: { items: [{ id: 1, team: null, language: 'da', shortcut: 'hej', title: 'Hej', text: 'Hej {name}' }] } },
  'GET /knowledge-notes': { body: { items: [{ id: 1, service: { id: 'pas', title: 'Pas' }, kind: 'wrong', text: 'Prisen', author: 'Ali', at: '', done: false }] } },
  'GET /dead-letters': { body: { items: [{ id: 'd', conversation_id: 'c1', channel: 'sms', state: 'failed', error: 'x', attempts: 5, created_at: '2026-11-23T10:00:00Z' }] } },
  'GET /audit': { body: { entries: [{ id: 1, at: '2026-11-23T10:00:00Z', actor: 'ali', action: 'signed_in', subject: null, details: { n: 1 } }] } },
  'GET /statistics': {
    body: {
      waiting: { median: 60, p90: 600 },
      handling: { median: null, p90: null },
      guide_alone: { count: 12, share: 0.5 },
      handovers: [{ service: null, language: 'da', count: 3 }],
      ratings: { average: 4.5, count: 2, by_star: { 5: 1, 4: 1 } },
      by_day: [{ day: '2026-11-22', conversations: 10, handovers: 2 }],
    },
  },
  'GET /welcome/token': { body: { name: 'Mette', email: 'm@kk.example', totp_secret: 'ABCDEFGH', totp_address: 'otpauth://totp/x?secret=ABCDEFGH', expires_at: '2026-11-25T10:00:00Z' } },
}

async function show(to: Route, routes: Routes = {}): Promise<void> {
  server({ ...ROUTES, ...routes })
  desk = new Desk(new Api(), new Tabs(null))
  go(to, true)
  render(h(App, { desk }), root)
  await desk.start()
  await drawn()
}

/** Whatever was read has been drawn, and its effects have run. */
async function drawn(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await settled()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const find = <T extends HTMLElement = HTMLElement>(hook: string): T | null => root.querySelector<T>(`[data-testid="${hook}"]`)
const press = (key: string): boolean =>
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))

// jsdom has the element, but nothing above the page.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true
}
HTMLDialogElement.prototype.close = function () {
  this.open = false
}

beforeEach(() => {
  language.value = 'da'
  localStorage.clear()
  document.documentElement.lang = 'da'
  document.title = 'Skrivebord'
  root = document.createElement('div')
  document.body.append(root)
})
afterEach(() => {
  desk.stop()
  render(null, root)
  root.remove()
  vi.unstubAllGlobals()
})

const list = (name: 'waiting' | 'mine', id: string | null = null): Route => ({ view: 'list', list: name, id })
const PAGES: Record<string, Route> = {
  'the list': list('waiting'),
  'a conversation': list('mine', 'c1'),
  'the search': { view: 'search', q: 'pas', id: null },
  'the way in': { view: 'welcome', token: 'token' },
  statistics: { view: 'admin', page: 'statistics' },
  members: { view: 'admin', page: 'members' },
  teams: { view: 'admin', page: 'teams' },
  'canned replies': { view: 'admin', page: 'canned' },
  'corrections to knowledge': { view: 'admin', page: 'knowledge' },
  'dead letters': { view: 'admin', page: 'dead-letters' },
  'the audit trail': { view: 'admin', page: 'audit' },
  nothing: { view: 'unknown' },
}

/** Colours and sizes are for a browser that lays out; everything else is checked here. */
async function violations(): Promise<string[]> {
  const found = await axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } },
  })
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describe('axe finds nothing', () => {
  it.each(Object.entries(PAGES))('on %s', async (_, route) => {
    await show(route)
    expect(await violations()).toEqual([])
  })

  it('on the way in for those who are not signed in', async () => {
    await show(list('waiting'), { 'GET /me': refusal(401, 'not_signed_in') })
    expect(root.querySelector('[data-testid=oidc]')?.getAttribute('href')).toBe('/desk/oidc/login')
    expect(await violations()).toEqual([])
  })

  it.each(['resolve', 'transfer', 'snooze', 'spam', 'canned', 'help'])('in the dialog %s', async (hook) => {
    await show(list('mine', 'c1'))
    find(hook)!.click()
    await drawn()
    expect(root.querySelector('dialog')).not.toBeNull()
    expect(await violations()).toEqual([])
  })

  it('but would find a button without a name', async () => {
    await show(list('waiting'))
    find('help')!.replaceChildren()
    expect((await violations())[0]).toMatch(/^button-name/)
  })
})

describe('a conversation', () => {
  it('never reads a message as markup, nor follows a link that runs', async () => {
    await show(list('mine', 'c1'))
    expect(root.querySelector('img')).toBeNull()
    expect(find('log')!.textContent).toContain('<img src=x onerror=alert(1)>')
    expect([...root.querySelectorAll('a')].filter((a) => a.href.startsWith('javascript'))).toEqual([])
    expect(root.querySelector('.log a[href="https://kk.dk/"]')).toMatchObject({ rel: 'noopener noreferrer' })
    expect(root.querySelectorAll('[style]')).toHaveLength(0)
  })

  it('says in which language and direction each message is, by which channel, and how far it came', async () => {
    await show(list('mine', 'c1'))
    const messages = [...root.querySelectorAll('[data-testid=message]')]
    expect(messages[1]!.querySelector('.text')).toMatchObject({ lang: 'ar', dir: 'rtl' })
    expect(messages[1]!.querySelector('.byline')!.textContent).toContain('arabisk')
    expect(messages[2]!.querySelector('.byline')!.textContent).toContain('Sms')
    expect(messages[2]!.querySelector('.delivery')!.textContent).toBe('Kunne ikke leveres (+45 •• 12)')
  })

  it('begins with what it is about', async () => {
    await show(list('mine', 'c1'))
    const [summary, log] = [find('summary')!, find('log')!]
    expect(summary.compareDocumentPosition(log) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
    expect(summary.textContent).toContain('Hvad koster et pas?')
  })

  it('can be claimed with one key, and not by somebody who may not', async () => {
    const free = detail({}, [message(1)])
    await show(list('waiting', 'c1'), { 'GET /conversations/c1': { body: free } })
    const claim = vi.spyOn(desk, 'claim').mockResolvedValue(true)
    expect(find('composer')).toBeNull()
    press('c')
    expect(claim).toHaveBeenCalledWith('c1')
    desk.preferences.choose({ shortcuts: false })
    press('c')
    expect(claim).toHaveBeenCalledOnce()
  })

  it('gets an answer card with one key', async () => {
    await show(list('mine', 'c1'))
    press('1')
    await drawn()
    expect(find('attached')!.textContent).toContain('Pas')
    expect(document.activeElement?.id).toBe('reply')
    press('2')
    expect(desk.drafts.of('c1').card?.service).toBe('pas')
  })

  it('keeps a draft for whoever comes back', async () => {
    await show(list('mine', 'c1'))
    const field = find<HTMLTextAreaElement>('reply')!
    field.value = 'kladde'
    field.dispatchEvent(new Event('input', { bubbles: true }))
    desk.stop()
    render(null, root)
    await show(list('mine', 'c1'))
    expect(find<HTMLTextAreaElement>('reply')!.value).toBe('kladde')
  })

  it('shows a reply that has not left as not sent, in words', async () => {
    await show(list('mine', 'c1'), { 'POST /conversations/c1/messages': [refusal(422, 'too_long', 'For lang.')] })
    desk.drafts.set('c1', { text: 'svar' })
    desk.say('c1')
    await desk.outbox.flush()
    await drawn()
    expect(find('unsent')!.textContent).toContain('Ikke sendt. For lang.')
    desk.outbox.clear()
  })

  it('has the focus when it is opened, and gives it back to its line in the list', async () => {
    await show(list('waiting'))
    go(list('waiting', 'c1'))
    await drawn()
    expect(document.activeElement?.id).toBe('conversation-title')
    press('u')
    await drawn()
    expect((document.activeElement as HTMLElement).dataset['item']).toBe('c1')
  })
})

it('goes on at the heading when the button that was pressed is gone', async () => {
  const taken = { body: detail({ state: 'assigned', assignee: METTE, version: 2 }) }
  await show(list('waiting', 'c1'), {
    'GET /conversations/c1': [{ body: detail() }, taken],
    'POST /conversations/c1/claim': { body: conversation() },
  })
  find('claim')!.focus()
  find('claim')!.click()
  await drawn()
  expect(find('claim')).toBeNull()
  expect(find('composer')).not.toBeNull()
  expect(document.activeElement?.id).toBe('conversation-title')
})

describe('the list', () => {
  it('says in words what is urgent and what is new', async () => {
    await show(list('waiting'))
    const [first, second] = [...root.querySelectorAll('[data-testid=item]')]
    expect(first!.textContent).toContain('Mulig fare')
    // While it waits nobody has read anything of it: that is no news.
    expect(first!.textContent).not.toContain('ulæste')
    expect(second!.querySelector('.snippet')).toMatchObject({ lang: 'ar', dir: 'rtl' })
    expect(document.title).toContain('2 venter')
  })

  it('is walked with keys', async () => {
    await show(list('waiting'))
    press('j')
    expect((document.activeElement as HTMLElement).dataset['item']).toBe('c1')
    press('j')
    press('j')
    expect((document.activeElement as HTMLElement).dataset['item']).toBe('c2')
    press('k')
    expect((document.activeElement as HTMLElement).dataset['item']).toBe('c1')
  })
})

it('offers only the pages that the role may see', async () => {
  await show(list('waiting'), { 'GET /me': { body: me() } })
  expect(find('list-waiting')).not.toBeNull()
  expect(root.querySelectorAll('[data-testid^=page-]')).toHaveLength(0)
})

it('shows an editor no conversations', async () => {
  await show(list('waiting'), { 'GET /me': { body: me({ rights: { manage_canned_replies: 'everything' } }) } })
  expect(find('list-waiting')).toBeNull()
  expect(find('page-canned')).not.toBeNull()
})

it('orders canned replies by the language of the citizen, then by what is looked for', () => {
  const reply = (id: number, language: string, shortcut: string): CannedReply => ({ id, team: null, language, shortcut, title: shortcut, text: 'x' })
  const all = [reply(1, 'en', 'tid'), reply(2, 'da', 'tidligere'), reply(3, 'da', 'tid')]
  expect(ordered(all, 'da', '/tid').map(({ id }) => id)).toEqual([3, 2, 1])
  expect(ordered(all, 'da', 'hund')).toEqual([])
})

it.each([
  ['2026-11-23T10:00', ['2026-11-23T11:00', '2026-11-24T09:00', '2026-11-30T09:00']],
  ['2026-11-29T23:30', ['2026-11-30T00:30', '2026-11-30T09:00']],
])('offers later times on %s', (now, expected) => {
  expect(laterTimes(new Date(now)).map(localInput)).toEqual(expected)
})

it('reads lists as people write them', () => {
  expect(listed(' da, en,\nda ,, ')).toEqual(['da', 'en'])
  expect(teamId('Børn & Unge – Nørrebro')).toBe('boern-unge-noerrebro')
})
