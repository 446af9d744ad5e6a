import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Api } from '../api'
import { language } from '../i18n'
import { Desk, listOf } from '../state/desk'
import { Tabs } from '../state/tabs'
import { ALI, type Asked, conversation, detail, me, message, METTE, refusal, server, settled } from './world'

let desk: Desk
let asked: Asked[]

const QUIET = {
  'GET /me': { body: me() },
  'GET /events': refusal(503, 'unavailable'),
  'GET /teams': { body: { teams: [{ id: 'borgerservice', name: 'Borgerservice', administrations: [], services: [] }] } },
  'GET /conversations': { body: { items: [], next: null, counts: { waiting: 1 } } },
  'GET /conversations/c1': { body: detail() },
  'GET /conversations/c1/messages': { body: { messages: [] } },
  'DELETE /session': { status: 204 },
}
type Routes = Parameters<typeof server>[0]

async function enter(routes: Routes = {}): Promise<void> {
  asked = server({ ...QUIET, ...routes })
  desk = new Desk(new Api(), new Tabs(null))
  await desk.start()
  await settled()
}
const paths = (method: string): string[] => asked.filter((one) => one.method === method).map(({ path }) => path)

beforeEach(() => {
  localStorage.clear()
  language.value = 'da'
})
afterEach(() => {
  desk.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('coming in', () => {
  it('takes the language of the member', async () => {
    const { member } = me()
    await enter({ 'GET /me': { body: me({ member: { ...member, ui_language: 'en' } }) } })
    expect(desk.session.standing.value).toBe('in')
    expect(language.value).toBe('en')
    expect(desk.teamName('borgerservice')).toBe('Borgerservice')
  })

  it('tells a server that is away from nobody being signed in', async () => {
    await enter({ 'GET /me': refusal(401, 'not_signed_in') })
    expect(desk.session.standing.value).toBe('out')
    expect(desk.session.ended.value).toBe(false)
    desk.stop()
    await enter({ 'GET /me': 'lost' })
    expect(desk.session.standing.value).toBe('away')
  })
})

describe('claiming', () => {
  it('says who was faster', async () => {
    await enter({
      'POST /conversations/c1/claim': refusal(409, 'taken', 'Optaget.'),
      'GET /conversations/c1': [{ body: detail() }, { body: detail({ state: 'assigned', assignee: ALI, version: 2 }) }],
    })
    await desk.opened.open('c1')
    expect(await desk.claim('c1')).toBe(false)
    expect(desk.notices.bar.value).toMatchObject({ kind: 'problem', text: 'Ali Demir har lige taget samtalen.' })
    expect(desk.opened.detail.value?.conversation.assignee).toEqual(ALI)
  })

  it('gives the reason in the words of the server when it is another one', async () => {
    await enter({ 'POST /conversations/c1/claim': refusal(409, 'at_capacity', 'Du har allerede tre.') })
    await desk.claim('c1')
    expect(desk.notices.urgent.value.text).toBe('Du har allerede tre.')
  })

  it('asks once however often it is pressed', async () => {
    await enter({ 'POST /conversations/c1/claim': { body: conversation() } })
    await Promise.all([desk.claim('c1'), desk.claim('c1')])
    expect(paths('POST')).toEqual(['/conversations/c1/claim'])
  })
})

describe('writing', () => {
  it('sends what was drafted, with its card, and empties the field', async () => {
    await enter({ 'POST /conversations/c1/messages': { status: 202, body: { message_id: 'm', seq: 2 } } })
    desk.drafts.set('c1', { text: ' Hej ', card: { service: 'pas', title: 'Pas' } })
    expect(desk.say('c1')).toBe(true)
    await desk.outbox.flush()
    const sent = asked.find(({ method }) => method === 'POST')!
    expect(sent.body).toMatchObject({ text: 'Hej', card: { service: 'pas' } })
    expect((sent.body as { client_message_id: string }).client_message_id).not.toBe('')
    expect(desk.drafts.of('c1')).toEqual({ text: '', card: null })
  })

  it('sends nothing that is empty', async () => {
    await enter()
    desk.drafts.set('c1', { text: '  \n' })
    expect(desk.say('c1')).toBe(false)
  })

  it('puts a refused reply in front of what was begun since', async () => {
    await enter({ 'POST /conversations/c1/messages': refusal(422, 'too_long', 'For lang.') })
    desk.drafts.set('c1', { text: 'første' })
    desk.say('c1')
    await desk.outbox.flush()
    desk.drafts.set('c1', { text: 'anden' })
    desk.rewrite(desk.outbox.of('c1')[0]!.clientId)
    expect(desk.drafts.of('c1').text).toBe('første\n\nanden')
    expect(desk.outbox.items.value).toEqual([])
  })

  it('tells of typing now and then only', async () => {
    await enter({ 'POST /conversations/c1/typing': { status: 204 } })
    desk.wrote('c1')
    desk.wrote('c1')
    expect(paths('POST')).toEqual(['/conversations/c1/typing'])
  })
})

describe('leaving', () => {
  it('leaves nothing of citizens in the browser', async () => {
    await enter({ 'POST /conversations/c1/messages': 'lost' })
    desk.drafts.set('c1', { text: 'om en borger' })
    desk.outbox.add('c1', 'til en borger')
    await settled()
    expect(JSON.stringify({ ...localStorage })).toContain('borger')
    await desk.signOut()
    expect(JSON.stringify({ ...localStorage })).not.toContain('en borger')
    expect(desk.session.standing.value).toBe('out')
    expect(desk.opened.id.value).toBeNull()
  })

  it('keeps drafts and replies when the session ends by itself', async () => {
    await enter({ 'POST /conversations/c1/typing': refusal(401, 'not_signed_in') })
    desk.drafts.set('c1', { text: 'kladde' })
    desk.wrote('c1')
    await settled()
    expect(desk.session.ended.value).toBe(true)
    expect(desk.drafts.of('c1').text).toBe('kladde')
  })

  it('shows nobody the drafts of another member', async () => {
    await enter()
    desk.drafts.set('c1', { text: 'hemmeligt' })
    desk.stop()
    await enter({ 'GET /me': { body: me({ member: { ...me().member, id: 'ali' } }) } })
    expect(desk.drafts.of('c1').text).toBe('')
  })
})

describe('events', () => {
  it('bring the messages of the open conversation by number', async () => {
    await enter({ 'GET /conversations/c1/messages': { body: { messages: [message(2)] } } })
    await desk.opened.open('c1')
    desk.hear({ type: 'message', conversation: 'c1', seq: 2 })
    await settled()
    expect(paths('GET')).toContain('/conversations/c1/messages?after=1')
    expect(desk.opened.lastSeq.value).toBe(2)
  })

  it('do not look at a conversation that nobody has open, nor again at what is known', async () => {
    await enter()
    await desk.opened.open('c1')
    const looks = (): number => paths('GET').filter((path) => path === '/conversations/c1').length
    vi.useFakeTimers()
    desk.hear({ type: 'conversation', id: 'c2', version: 9 })
    desk.hear({ type: 'conversation', id: 'c1', version: 1 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(looks()).toBe(1)
    desk.hear({ type: 'conversation', id: 'c1', version: 2 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(looks()).toBe(2)
  })

  it('in a bunch are answered by one reading of the list', async () => {
    await enter()
    const lists = (): number => paths('GET').filter((path) => path.startsWith('/conversations?')).length
    const before = lists()
    vi.useFakeTimers()
    for (let n = 0; n < 20; n++) desk.hear({ type: 'conversation', id: `x${n}`, version: 1 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(lists()).toBe(before + 1)
  })

  it('that something was missed make everything be read again', async () => {
    await enter()
    await desk.opened.open('c1')
    vi.useFakeTimers()
    desk.hear({ type: 'resync' })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(paths('GET').filter((path) => path === '/conversations/c1')).toHaveLength(2)
  })

  it('are told without a flood', async () => {
    await enter()
    vi.useFakeTimers()
    desk.hear({ type: 'counts', counts: { waiting: 1 } })
    await vi.advanceTimersByTimeAsync(3_000)
    const before = desk.notices.polite.value.id
    for (let n = 2; n < 9; n++) desk.hear({ type: 'counts', counts: { waiting: n } })
    await vi.advanceTimersByTimeAsync(3_000)
    expect(desk.notices.polite.value).toEqual({ id: before + 1, text: '7 nyheder ved skrivebordet' })
  })

  it('tell that the citizen writes, not that a colleague does', async () => {
    await enter()
    await desk.opened.open('c1')
    desk.hear({ type: 'typing', conversation: 'c1', who: 'staff' })
    expect(desk.opened.typing.value).toBe(false)
    desk.hear({ type: 'typing', conversation: 'c1', who: 'citizen' })
    expect(desk.opened.typing.value).toBe(true)
  })
})

describe('reading', () => {
  it('is told once per message, and only by whoever has the conversation', async () => {
    const routes = { 'POST /conversations/c1/read': { status: 204 } }
    await enter({ ...routes, 'GET /conversations/c1': { body: detail({ state: 'assigned', assignee: METTE, unread: 1 }) } })
    await desk.opened.open('c1')
    desk.seen()
    desk.seen()
    expect(paths('POST')).toEqual(['/conversations/c1/read'])
    desk.stop()
    await enter({ ...routes, 'GET /conversations/c1': { body: detail({ state: 'assigned', assignee: ALI }) } })
    await desk.opened.open('c1')
    desk.seen()
    expect(paths('POST')).toEqual([])
  })

  it('is over when the conversation is: stars that the citizen gives are nobody\'s to read', async () => {
    await enter({ 'GET /conversations/c1': { body: detail({ state: 'bot', assignee: METTE, outcome: 'solved' }) } })
    await desk.opened.open('c1')
    desk.seen()
    expect(paths('POST')).toEqual([])
  })
})

it.each([
  [{ state: 'queued' as const }, 'waiting'],
  [{ state: 'assigned' as const, assignee: METTE }, 'mine'],
  [{ state: 'assigned' as const, assignee: METTE, snoozed_until: '2030-01-01T00:00:00Z' }, 'snoozed'],
  [{ state: 'assigned' as const, assignee: ALI }, 'team'],
  [{ state: 'resolved' as const, outcome: 'solved' }, 'resolved'],
  [{ state: 'bot' as const, outcome: 'withdrawn' }, 'resolved'],
])('%o belongs to the list %s', (change, list) => {
  expect(listOf(conversation(change), me())).toBe(list)
})
