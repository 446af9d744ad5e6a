import { afterEach, describe, expect, it, vi } from 'vitest'
import { Api, ApiError, errorOf, retryAfterSeconds } from '../api'

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })

describe('errors', () => {
  it.each([
    [401, 'gone'],
    [404, 'gone'],
    [413, 'rejected'],
    [422, 'rejected'],
    [408, 'server'],
    [429, 'limited'],
    [500, 'server'],
    [503, 'server'],
  ])('%i means %s', async (status, failure) => {
    expect((await errorOf(answer(status, {}))).failure).toBe(failure)
  })

  it('carry the sentence for the citizen and the time to wait', async () => {
    const error = await errorOf(
      answer(429, { error: { code: 'rate_limited', message: 'Vent lidt.' } }, { 'Retry-After': '7' }),
    )
    expect(error).toMatchObject({ failure: 'limited', sentence: 'Vent lidt.', retryAfter: 7 })
  })

  it('survive a proxy that answers in HTML, and null, and a message that is no text', async () => {
    expect((await errorOf(answer(502, '<html>'))).sentence).toBeNull()
    expect((await errorOf(answer(422, null))).sentence).toBeNull()
    expect((await errorOf(answer(422, { error: { message: [1] } }))).sentence).toBeNull()
  })
})

it('understands Retry-After as seconds and as a date', () => {
  const now = Date.parse('2026-11-23T12:00:00Z')
  expect(retryAfterSeconds('12', now)).toBe(12)
  expect(retryAfterSeconds('Mon, 23 Nov 2026 12:00:30 GMT', now)).toBe(30)
  expect(retryAfterSeconds('Mon, 23 Nov 2026 11:00:00 GMT', now)).toBe(0)
  expect(retryAfterSeconds('soon', now)).toBeNull()
  expect(retryAfterSeconds(null, now)).toBeNull()
})

describe('the client', () => {
  afterEach(() => void vi.unstubAllGlobals())
  const who = { id: 'a/b', token: 'secret' }

  it('sends a message with its token and client id, without cookies', async () => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) => answer(202, { message_id: 'm1', seq: 2 }))
    vi.stubGlobal('fetch', fetch)
    await new Api('https://guide.example/').send(who, { text: 'hej' }, 'id-1')
    const [url, init] = fetch.mock.calls[0]!
    expect(url).toBe('https://guide.example/api/web/conversations/a%2Fb/messages')
    expect(init).toMatchObject({ method: 'POST', credentials: 'omit', headers: { Authorization: 'Bearer secret' } })
    expect(JSON.parse(String(init.body))).toEqual({ text: 'hej', client_message_id: 'id-1' })
  })

  it('calls no answer at all a network failure', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(new Api('').languages()).rejects.toMatchObject({ failure: 'network' })
  })

  it('does not take a web page for an event stream', async () => {
    vi.stubGlobal('fetch', async () => answer(200, '<html>', { 'Content-Type': 'text/html' }))
    await expect(new Api('').events(who, 0, new AbortController().signal)).rejects.toBeInstanceOf(ApiError)
  })

  it('passes the last number on when it listens', async () => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) => answer(200, '', { 'Content-Type': 'text/event-stream' }))
    vi.stubGlobal('fetch', fetch)
    await new Api('').events(who, 9, new AbortController().signal)
    expect(fetch.mock.calls[0]![1].headers).toMatchObject({ 'Last-Event-ID': '9' })
  })

  it('asks for a code and hands it in', async () => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) => new Response(null, { status: 204 }))
    vi.stubGlobal('fetch', fetch)
    const api = new Api('https://guide.example')
    await api.requestCode(who, 'sms', '20 12 34 56')
    await api.confirmCode(who, '123456')
    const sent = fetch.mock.calls.map(([url, init]) => [url.split('/conversations/')[1], JSON.parse(String(init.body))])
    expect(sent).toEqual([
      ['a%2Fb/continue', { channel: 'sms', address: '20 12 34 56' }],
      ['a%2Fb/continue/code', { code: '123456' }],
    ])
  })
})
