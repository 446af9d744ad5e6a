import { describe, expect, it } from 'vitest'
import type { Author, Message } from '../contract'
import { compose, cursor, EMPTY, type Event, messageWithOpenChoices, nextToSend, reduce, type State, unreadCount } from '../state'

function message(seq: number, author: Author, more: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    seq,
    author,
    text: `text ${seq}`,
    language: 'da',
    reply: null,
    service: null,
    candidates: [],
    choices: [],
    created_at: '2026-11-23T12:00:00Z',
    ...more,
  }
}

const pending = (id: string, text = id) => compose({ text }, text, id, '2026-11-23T12:00:00Z')
const run = (...events: Event[]): State => events.reduce(reduce, EMPTY)

describe('messages', () => {
  it('are kept in the order of their numbers, each once', () => {
    const state = run(
      { type: 'received', messages: [message(3, 'guide')] },
      { type: 'received', messages: [message(1, 'guide'), message(2, 'citizen'), message(3, 'guide')] },
    )
    expect(state.messages.map((m) => m.seq)).toEqual([1, 2, 3])
    expect(cursor(state)).toBe(3)
  })

  it('count as unread when they are by others and newer than the last one seen', () => {
    const state = run({ type: 'received', messages: [message(1, 'guide'), message(2, 'citizen'), message(3, 'staff')] })
    expect(unreadCount(state, 1)).toBe(1)
    expect(unreadCount(state, 3)).toBe(0)
  })
})

describe('an optimistic message', () => {
  it('gives way to the stored one when the answer comes first', () => {
    let state = run(
      { type: 'composed', pending: pending('a') },
      { type: 'sending', clientId: 'a' },
      { type: 'sent', clientId: 'a', messageId: 'm2' },
    )
    expect(state.pending[0]).toMatchObject({ delivery: 'sent', messageId: 'm2' })
    state = reduce(state, { type: 'received', messages: [message(2, 'citizen')] })
    expect(state.pending).toEqual([])
  })

  it('is never shown twice when the stream is faster than the answer, even if the words were redacted', () => {
    let state = run(
      { type: 'composed', pending: pending('a', 'mit cpr er 010203-1234') },
      { type: 'sending', clientId: 'a' },
      { type: 'received', messages: [message(2, 'citizen', { text: 'mit cpr er [fjernet]' })] },
    )
    expect(state.pending[0]?.shadowed).toBe(true)
    state = reduce(state, { type: 'sent', clientId: 'a', messageId: 'm2' })
    expect(state.pending).toEqual([])
  })

  it('is not hidden by what the citizen writes on the phone meanwhile', () => {
    const state = run(
      { type: 'composed', pending: pending('a') },
      { type: 'sending', clientId: 'a' },
      { type: 'received', messages: [message(2, 'citizen', { channel: 'sms' })] },
    )
    expect(state.pending[0]?.shadowed).toBe(false)
  })

  it('is not hidden by the guide speaking, and shows again when it failed after all', () => {
    let state = run(
      { type: 'composed', pending: pending('a') },
      { type: 'sending', clientId: 'a' },
      { type: 'received', messages: [message(2, 'guide')] },
    )
    expect(state.pending[0]?.shadowed).toBe(false)
    state = reduce(state, { type: 'received', messages: [message(3, 'citizen')] })
    state = reduce(state, { type: 'failed', clientId: 'a', reason: 'too long' })
    expect(state.pending[0]).toMatchObject({ shadowed: false, delivery: 'failed', reason: 'too long' })
  })

  it('is not hidden by the one before it, which arrives late', () => {
    const state = run(
      { type: 'composed', pending: pending('a') },
      { type: 'composed', pending: pending('b') },
      { type: 'sending', clientId: 'a' },
      { type: 'sent', clientId: 'a', messageId: 'm2' },
      { type: 'sending', clientId: 'b' },
      { type: 'received', messages: [message(2, 'citizen')] },
    )
    expect(state.pending).toMatchObject([{ clientId: 'b', delivery: 'sending', shadowed: false }])
  })

  it('is seen while it waits, even if another tab wrote meanwhile', () => {
    const state = run(
      { type: 'composed', pending: pending('a') },
      { type: 'sending', clientId: 'a' },
      { type: 'received', messages: [message(2, 'citizen')] },
      { type: 'waiting', clientId: 'a' },
    )
    expect(state.pending).toMatchObject([{ delivery: 'waiting', shadowed: false }])
  })

  it('keeps its client id when it is tried again', () => {
    const state = run(
      { type: 'composed', pending: pending('a') },
      { type: 'failed', clientId: 'a', reason: null },
      { type: 'waiting', clientId: 'a' },
    )
    expect(nextToSend(state)?.clientId).toBe('a')
  })

  it('waits for those before it, but not for failed ones', () => {
    const both: Event[] = [
      { type: 'composed', pending: pending('a') },
      { type: 'composed', pending: pending('b') },
    ]
    expect(nextToSend(run(...both))?.clientId).toBe('a')
    expect(nextToSend(run(...both, { type: 'failed', clientId: 'a', reason: null }))?.clientId).toBe('b')
  })
})

describe('choices', () => {
  const choices = [{ title: 'Ja', choice: 'yes' }]
  const asked = message(1, 'guide', { choices })

  it('are open under the latest question only', () => {
    expect(messageWithOpenChoices(run({ type: 'received', messages: [asked, message(2, 'guide', { choices })] }))).toBe('m2')
    expect(messageWithOpenChoices(run({ type: 'received', messages: [asked, message(2, 'system')] }))).toBe('m1')
  })

  it('close as soon as the citizen answers, before the server knows', () => {
    const state = run({ type: 'received', messages: [asked] }, { type: 'composed', pending: pending('a') })
    expect(messageWithOpenChoices(state)).toBeNull()
    expect(messageWithOpenChoices(run({ type: 'received', messages: [asked, message(2, 'citizen')] }))).toBeNull()
  })

  it('open again when the answer could not be delivered', () => {
    const state = run(
      { type: 'received', messages: [asked] },
      { type: 'composed', pending: pending('a') },
      { type: 'failed', clientId: 'a', reason: null },
    )
    expect(messageWithOpenChoices(state)).toBe('m1')
  })
})

describe('the end of a conversation', () => {
  const before: Event[] = [
    { type: 'received', messages: [message(1, 'guide')] },
    { type: 'composed', pending: pending('a') },
    { type: 'composed', pending: compose({ choice: 'yes' }, 'Ja', 'b', '') },
    { type: 'phase', phase: 'assigned' },
  ]

  it('carries undelivered words over to the next, but no choices', () => {
    const state = run(...before, { type: 'ended', keepTexts: true })
    expect(state.messages).toEqual([])
    expect(state.phase).toBe('bot')
    expect(state.pending.map((p) => p.clientId)).toEqual(['a'])
  })

  it('leaves nothing when the citizen deleted it', () => {
    expect(run(...before, { type: 'ended', keepTexts: false })).toEqual(EMPTY)
  })
})

it('takes a member of staff for writing until their message is here', () => {
  const writing = run({ type: 'staffTyping', typing: true })
  expect(writing.staffTyping).toBe(true)
  const said = (author: 'citizen' | 'staff') => reduce(writing, { type: 'received', messages: [message(9, author)] })
  expect(said('citizen').staffTyping).toBe(true)
  expect(said('staff').staffTyping).toBe(false)
})

it('makes no new state when nothing changes, so that nothing is drawn', () => {
  const state = run({ type: 'connection', connection: 'online' })
  expect(reduce(state, { type: 'connection', connection: 'online' })).toBe(state)
  expect(reduce(state, { type: 'typing', typing: false })).toBe(state)
  expect(reduce(state, { type: 'received', messages: [] })).toBe(state)
})
