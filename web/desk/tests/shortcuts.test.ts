import { describe, expect, it, vi } from 'vitest'
import { commandOf, Commands, SHORTCUTS } from '../state/shortcuts'

const press = (key: string, change: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  repeat: false,
  target: document.body,
  ...change,
})

describe('keys', () => {
  it('are each given away once', () => {
    expect(new Set(SHORTCUTS.map(({ key }) => key)).size).toBe(SHORTCUTS.length)
  })

  it('mean their command, also with the shift lock on', () => {
    expect(commandOf(press('c'), true)).toBe('claim')
    expect(commandOf(press('C'), true)).toBe('claim')
    expect(commandOf(press('?'), true)).toBe('help')
    expect(commandOf(press('x'), true)).toBeNull()
  })

  it('can be turned off', () => {
    expect(SHORTCUTS.filter(({ key }) => commandOf(press(key), false))).toEqual([])
  })

  it.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { isComposing: true }])(
    'belong to the browser or the writing system with %o',
    (change) => {
      expect(commandOf(press('c', change), true)).toBeNull()
    },
  )

  it.each(['<input>', '<input type="search">', '<textarea></textarea>', '<select></select>', '<div contenteditable><b></b></div>', '<dialog><button></button></dialog>'])(
    'belong to the field in %s',
    (html) => {
      const box = document.createElement('div')
      box.innerHTML = html
      const target = box.querySelector('b, button') ?? box.firstElementChild
      expect(commandOf(press('c', { target }), true)).toBeNull()
    },
  )

  it('work on a ticked box and a button', () => {
    const box = document.createElement('input')
    box.type = 'checkbox'
    expect(commandOf(press('c', { target: box }), true)).toBe('claim')
    expect(commandOf(press('c', { target: document.createElement('button') }), true)).toBe('claim')
  })

  it('act once when held down, but walk along a list', () => {
    expect(commandOf(press('c', { repeat: true }), true)).toBeNull()
    expect(commandOf(press('j', { repeat: true }), true)).toBe('next')
  })
})

it('asks whoever came last, and the one before when that one has left', () => {
  const commands = new Commands()
  const [first, second] = [vi.fn(), vi.fn()]
  commands.on('reply', first)
  const leave = commands.on('reply', second)
  expect(commands.run('reply')).toBe(true)
  leave()
  commands.run('reply')
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
  expect(commands.run('note')).toBe(false)
})
