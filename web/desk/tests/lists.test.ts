import { describe, expect, it } from 'vitest'
import type { Page } from '../contract'
import { Lists, waited } from '../state/lists'
import { conversation } from './world'

const page = (ids: string[], next: string | null = null): Page => ({
  items: ids.map((id) => conversation({ id })),
  next,
  counts: { waiting: ids.length },
})
const ids = (lists: Lists): string[] => lists.shown.value!.items.map((item) => item.id)

describe('lists', () => {
  it('are read page by page, and as far as before when they are read again', async () => {
    const asked: (string | null)[] = []
    const lists = new Lists(async (_, after) => {
      asked.push(after)
      return after === null ? page(['a', 'b'], '2') : page(['c'])
    })
    await lists.show('waiting')
    expect(ids(lists)).toEqual(['a', 'b'])
    await lists.more()
    expect(ids(lists)).toEqual(['a', 'b', 'c'])
    await lists.refresh()
    expect(ids(lists)).toEqual(['a', 'b', 'c'])
    expect(asked).toEqual([null, '2', null, '2'])
  })

  it('show what moved between two pages once', async () => {
    const lists = new Lists(async (_, after) => (after === null ? page(['a', 'b'], '2') : page(['b', 'c'])))
    await lists.show('waiting')
    await lists.more()
    expect(ids(lists)).toEqual(['a', 'b', 'c'])
  })

  it('let a late answer about another list go', async () => {
    const answer: Record<string, (page: Page) => void> = {}
    const lists = new Lists((name) => new Promise((resolve) => void (answer[name] = resolve)))
    const first = lists.show('waiting')
    const second = lists.show('mine')
    answer['mine']!(page(['m']))
    await second
    answer['waiting']!(page(['w']))
    await first
    expect(lists.shown.value).toMatchObject({ name: 'mine' })
    expect(ids(lists)).toEqual(['m'])
  })

  it('keep what was there when they cannot be read', async () => {
    let works = true
    const lists = new Lists(async () => {
      if (!works) throw new Error('away')
      return page(['a'])
    })
    await lists.show('waiting')
    works = false
    await lists.refresh()
    expect(lists.failed.value).toBe(true)
    expect(ids(lists)).toEqual(['a'])
    works = true
    await lists.refresh()
    expect(lists.failed.value).toBe(false)
  })
})

it('goes on counting the wait of those in the queue, and of nobody else', () => {
  expect(waited(conversation({ waiting_seconds: 60 }), 0, 90_000)).toBe(150)
  expect(waited(conversation({ waiting_seconds: 60, state: 'assigned' }), 0, 90_000)).toBe(60)
  expect(waited(conversation({ waiting_seconds: 60 }), 90_000, 0)).toBe(60)
})
