import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../http'
import { Kept } from '../state/kept'
import { Outbox, type Unsent } from '../state/outbox'
import { settled } from './world'

let sent: string[]
let answers: (ApiError | null)[]

const kept = (): Kept<Unsent[]> => new Kept<Unsent[]>(localStorage, 'outbox', [])

function outbox(): Outbox {
  return new Outbox(kept(), {
    send: async (item) => {
      const problem = answers.shift()
      if (problem) throw problem
      sent.push(item.text)
    },
    sent: () => {},
  })
}

beforeEach(() => {
  localStorage.clear()
  sent = []
  answers = []
})
afterEach(() => void vi.useRealTimers())

describe('the outbox', () => {
  it('sends in order and keeps nothing of what was sent', async () => {
    const box = outbox()
    box.add('c1', 'en')
    box.add('c1', 'to')
    await box.flush()
    expect(sent).toEqual(['en', 'to'])
    expect(box.items.value).toEqual([])
    expect(kept().read()).toEqual([])
  })

  it('writes down before it sends, so that a closed page loses nothing', async () => {
    answers = [new ApiError(0, 'network')]
    const box = outbox()
    box.add('c1', 'en')
    expect(kept().read().map((item) => item.text)).toEqual(['en'])
    await settled()
    const [before] = kept().read()

    const later = outbox()
    later.reload()
    expect(later.of('c1').map((item) => item.text)).toEqual(['en'])
    await later.flush()
    expect(sent).toEqual(['en'])
    expect(before!.clientId).toMatch(/^[\x21-\x7e]{1,80}$/)
    box.clear()
  })

  it('tries again by itself with the same id, later each time', async () => {
    vi.useFakeTimers()
    const ids: string[] = []
    let failures = 2
    const box = new Outbox(kept(), {
      send: async (item) => {
        ids.push(item.clientId)
        if (failures-- > 0) throw new ApiError(503, 'unavailable')
      },
      sent: () => {},
    })
    box.add('c1', 'en')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
    expect(box.items.value).toEqual([])
  })

  it('waits as long as the server asks', async () => {
    vi.useFakeTimers()
    answers = [new ApiError(429, 'slow', null, 20)]
    const box = outbox()
    box.add('c1', 'en')
    await vi.advanceTimersByTimeAsync(19_000)
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(sent).toEqual(['en'])
  })

  it('holds back what comes after a refused reply, in that conversation only', async () => {
    answers = [new ApiError(422, 'too_long', 'For lang.')]
    const box = outbox()
    box.add('c1', 'en')
    box.add('c1', 'to')
    box.add('c2', 'tre')
    await box.flush()
    expect(sent).toEqual(['tre'])
    expect(box.of('c1').map((item) => item.problem)).toEqual(['For lang.', null])
    box.retry(box.of('c1')[0]!.clientId)
    await box.flush()
    expect(sent).toEqual(['tre', 'en', 'to'])
  })

  it('gives a refused reply back to be written anew', async () => {
    answers = [new ApiError(422, 'too_long')]
    const box = outbox()
    box.add('c1', 'en')
    await box.flush()
    expect(box.drop(box.of('c1')[0]!.clientId)?.text).toBe('en')
    expect(box.items.value).toEqual([])
  })

  it('waits for the member to come back when the session has ended', async () => {
    answers = [new ApiError(401, 'not_signed_in')]
    const box = outbox()
    box.add('c1', 'en')
    await box.flush()
    expect(box.of('c1')).toMatchObject([{ problem: null }])
    await box.flush()
    expect(sent).toEqual(['en'])
  })

  it('does not send what another tab has sent meanwhile', async () => {
    answers = [new ApiError(0, 'network')]
    const [mine, other] = [outbox(), outbox()]
    mine.add('c1', 'en')
    await settled()
    await other.flush()
    await mine.flush()
    expect(sent).toEqual(['en'])
    expect(mine.items.value).toEqual([])
    mine.clear()
  })

  it('adds to what another tab has put there', async () => {
    answers = [new ApiError(0, 'network'), new ApiError(0, 'network')]
    const [mine, other] = [outbox(), outbox()]
    mine.add('c1', 'en')
    await settled()
    other.add('c1', 'to')
    await settled()
    expect(kept().read().map((item) => item.text)).toEqual(['en', 'to'])
    mine.clear()
    other.clear()
  })
})
