import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../api'
import { Words } from '../texts'
import { ContinueView } from '../view/continue'

const words = new Words('da', [])
const settle = () => new Promise((resolve) => setTimeout(resolve))

let request = vi.fn<(number: string) => Promise<ApiError | null>>()
let confirm = vi.fn<(code: string) => Promise<ApiError | null>>()
let closed = vi.fn<(cancelled: boolean) => void>()
let view: ContinueView

function part<T extends HTMLElement = HTMLElement>(hook: string): T {
  return view.element.querySelector<T>(`[data-testid=continue-${hook}]`)!
}

async function submit(field: string, value: string): Promise<void> {
  part<HTMLInputElement>(field).value = value
  part('go').click()
  await settle()
}

/** Hidden by itself or by what it lies in. */
const shown = (hook: string): boolean => part(hook).closest('[hidden]') === null

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  request = vi.fn(async () => null)
  confirm = vi.fn(async () => null)
  closed = vi.fn()
  view = new ContinueView({ request, confirm, closed })
  document.body.replaceChildren(view.element)
  view.update(words)
  view.show()
})

it('asks for the number, then for the code, then says that it worked', async () => {
  expect([shown('number'), shown('code')]).toEqual([true, false])
  expect(document.activeElement).toBe(part('number'))
  await submit('number', ' 20 12 34 56 ')
  expect(request.mock.calls).toEqual([['20 12 34 56']])
  expect([shown('number'), shown('code')]).toEqual([false, true])
  expect(document.activeElement).toBe(part('code'))
  expect(part('told').textContent).toContain('20\u00a012\u00a034\u00a056')
  await submit('code', '123 456')
  expect(confirm.mock.calls).toEqual([['123 456']])
  expect([shown('number'), shown('code'), shown('cancel')]).toEqual([false, false, false])
  expect(part('told').textContent).toBe(words.say('continuedText'))
  expect(closed).not.toHaveBeenCalled()
  part('go').click()
  expect(closed.mock.calls).toEqual([[false]])
  expect(view.element.hidden).toBe(true)
})

it('has fields that phones can fill in', () => {
  expect(part('number')).toMatchObject({ type: 'tel', autocomplete: 'tel' })
  expect(part('number').getAttribute('inputmode')).toBe('tel')
  expect(part('code')).toMatchObject({ type: 'text', autocomplete: 'one-time-code' })
  expect(part('code').getAttribute('inputmode')).toBe('numeric')
})

describe('what is wrong', () => {
  it.each([
    ['the server says so', new ApiError('rejected', 'Det ligner ikke et telefonnummer.'), 'Det ligner ikke et telefonnummer.'],
    ['too many codes', new ApiError('limited', 'Vent 600 sekunder.', 600), 'Vent 600 sekunder.'],
    ['no answer', new ApiError('network'), words.say('continueFailed')],
  ])('is said at the field: %s', async (_why, problem, sentence) => {
    request.mockResolvedValueOnce(problem)
    await submit('number', '1')
    const field = part<HTMLInputElement>('number')
    expect(part('number-problem').textContent).toBe(sentence)
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(field.getAttribute('aria-describedby')).toBe(part('number-problem').id)
    expect(document.activeElement).toBe(field)
    expect(shown('number')).toBe(true)
    await submit('number', '20123456')
    expect(field.hasAttribute('aria-invalid')).toBe(false)
    expect(shown('code')).toBe(true)
  })

  it('with the code leaves the number as it was', async () => {
    await submit('number', '20123456')
    confirm.mockResolvedValueOnce(new ApiError('rejected', 'Koden passer ikke. Forsøg tilbage: 4.'))
    await submit('code', '000000')
    expect(part('code-problem').textContent).toContain('4')
    expect(part('number-problem').textContent).toBe('')
    expect(shown('code')).toBe(true)
  })

  it('does not cost a try when nothing was typed', async () => {
    await submit('number', '20123456')
    await submit('code', '  ')
    expect(confirm).not.toHaveBeenCalled()
    expect(part('code-problem').textContent).toBe(words.say('codeEmpty'))
  })

  it('closes the dialog when the conversation is no more', async () => {
    request.mockResolvedValueOnce(new ApiError('gone'))
    await submit('number', '20123456')
    expect(view.element.hidden).toBe(true)
    expect(closed.mock.calls).toEqual([[false]])
  })
})

it('sends another code to the same number, and says so', async () => {
  await submit('number', '20123456')
  const first = part('told').textContent
  part('again').click()
  await settle()
  expect(request.mock.calls).toEqual([['20123456'], ['20123456']])
  expect(part('told').textContent).not.toBe(first)
  expect(part('told').textContent).toContain('20123456')
})

it('says at the code why another one cannot be sent', async () => {
  await submit('number', '20123456')
  request.mockResolvedValueOnce(new ApiError('limited', 'Vent 600 sekunder.', 600))
  part('again').click()
  await settle()
  expect(part('code-problem').textContent).toBe('Vent 600 sekunder.')
})

it('goes back to the number without losing it', async () => {
  await submit('number', '20123456')
  part('change').click()
  expect(part<HTMLInputElement>('number').value).toBe('20123456')
  expect(document.activeElement).toBe(part('number'))
})

it('asks once, however often the button is pressed', async () => {
  let answer = (_: ApiError | null): void => undefined
  request.mockImplementation(() => new Promise((resolve) => (answer = resolve)))
  await submit('number', '20123456')
  await submit('number', '20123456')
  expect(request).toHaveBeenCalledTimes(1)
  expect(part('go').getAttribute('aria-disabled')).toBe('true')
  answer(null)
  await settle()
  expect(part('go').hasAttribute('aria-disabled')).toBe(false)
})

it('forgets everything when it is cancelled, also an answer that comes later', async () => {
  let answer = (_: ApiError | null): void => undefined
  request.mockImplementation(() => new Promise((resolve) => (answer = resolve)))
  await submit('number', '20123456')
  view.element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  expect(closed.mock.calls).toEqual([[true]])
  view.show()
  expect(part<HTMLInputElement>('number').value).toBe('')
  answer(null)
  await settle()
  expect(shown('number')).toBe(true)
})

it('lets one read first where a field would raise the keyboard', () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  view.hide()
  view.show()
  expect(document.activeElement?.id).toBe('continue-dialog-title')
})

it('follows the language without losing the step', async () => {
  await submit('number', '20123456')
  const english = new Words('en', [])
  view.update(english)
  expect(part('told').textContent).toContain(english.say('codeSent', '\u206620123456\u2069'))
  expect(shown('code')).toBe(true)
})
