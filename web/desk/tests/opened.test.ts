import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Detail, Message } from '../contract'
import { ApiError } from '../http'
import { merged, Opened } from '../state/opened'
import { detail, message, settled } from './world'

afterEach(() => void vi.useRealTimers())

function opened(reads: Partial<{ conversation: (id: string) => Promise<Detail>; messages: (id: string, after: number) => Promise<Message[]> }>) {
  const arrived: number[][] = []
  const one = new Opened(
    { conversation: async (id) => detail({ id }), messages: async () => [], ...reads },
    (messages) => arrived.push(messages.map(({ seq }) => seq)),
  )
  return { one, arrived }
}
const seqs = (one: Opened): number[] => one.messages.value.map(({ seq }) => seq)

describe('an open conversation', () => {
  it('catches up from the last number it has, and tells only what is new', async () => {
    const after: number[] = []
    const { one, arrived } = opened({
      conversation: async () => detail({}, [message(1), message(2)]),
      messages: async (_, seq) => (after.push(seq), [message(2), message(3)]),
    })
    await one.open('c1')
    expect(arrived).toEqual([])
    await one.catchUp()
    expect(after).toEqual([2])
    expect(seqs(one)).toEqual([1, 2, 3])
    expect(arrived).toEqual([[3]])
  })

  it('takes over how far a message has come', async () => {
    const answers = [detail({}, [message(1, { delivery: 'pending' })]), detail({}, [message(1, { delivery: 'read' })])]
    const { one } = opened({ conversation: async () => answers.shift()! })
    await one.open('c1')
    await one.reload()
    expect(one.messages.value[0]!.delivery).toBe('read')
  })

  it('shows the one that was opened last, however the answers come', async () => {
    const answer: Record<string, (detail: Detail) => void> = {}
    const { one } = opened({ conversation: (id) => new Promise((resolve) => void (answer[id] = resolve)) })
    void one.open('a')
    void one.open('b')
    answer['a']!(detail({ id: 'a' }))
    await settled()
    expect(one.detail.value).toBeNull()
    answer['b']!(detail({ id: 'b' }))
    await settled()
    expect(one.detail.value?.conversation.id).toBe('b')
  })

  it('answers many calls to reload with one more reading', async () => {
    let reads = 0
    const { one } = opened({ conversation: async (id) => (reads++, detail({ id })) })
    await one.open('c1')
    void one.reload()
    void one.reload()
    void one.reload()
    await settled()
    expect(reads).toBe(3)
  })

  it.each([
    [404, 'missing'],
    [403, 'forbidden'],
    [0, 'failed'],
  ])('says why it cannot be shown: %i', async (status, expected) => {
    const { one } = opened({ conversation: async () => Promise.reject(new ApiError(status, 'x')) })
    await one.open('c1')
    expect(one.status.value).toBe(expected)
  })

  it('keeps what is on the screen when the connection goes', async () => {
    let works = true
    const { one } = opened({ conversation: async () => (works ? detail() : Promise.reject(new ApiError(0, 'network'))) })
    await one.open('c1')
    works = false
    await one.reload()
    expect(one.status.value).toBe('ready')
    expect(seqs(one)).toEqual([1])
  })

  it('believes that somebody writes for a while only', async () => {
    vi.useFakeTimers()
    const { one } = opened({})
    one.hearTyping()
    expect(one.typing.value).toBe(true)
    vi.advanceTimersByTime(7_000)
    expect(one.typing.value).toBe(false)
  })

  it('tells once per message that somebody writes, whatever pauses they make', async () => {
    const { one } = opened({})
    await one.open('c1')
    expect([one.hearTyping(), one.hearTyping()]).toEqual([true, false])
  })
})

it('has one message per number, in order', () => {
  const all = merged([message(1), message(3)], [message(2), message(3, { text: 'nyere' })])
  expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(all[2]!.text).toBe('nyere')
})
