import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Api, ApiError } from '../api'
import type { Message, Page } from '../contract'
import { backOff, eventParser, type ServerEvent, Stream } from '../stream'

function parsed(...chunks: string[]): ServerEvent[] {
  const events: ServerEvent[] = []
  const parse = eventParser((event) => events.push(event))
  chunks.forEach(parse)
  return events
}

describe('the event parser', () => {
  it('reads events with id and type, and skips comments', () => {
    expect(parsed(': hello\n\nevent: typing\ndata: {"typing":true}\n\nid: 7\nevent: message\ndata: {}\n\n')).toEqual([
      { event: 'typing', data: '{"typing":true}', id: null },
      { event: 'message', data: '{}', id: '7' },
    ])
  })

  it('does not care where the chunks are cut', () => {
    const text = '\uFEFFevent: message\r\nid: 1\r\ndata: {"a":\r\ndata: 1}\r\n\r\n'
    const whole = parsed(text)
    expect(whole).toEqual([{ event: 'message', data: '{"a":\n1}', id: '1' }])
    for (let cut = 1; cut < text.length; cut++) expect(parsed(text.slice(0, cut), text.slice(cut))).toEqual(whole)
    expect(parsed(...text)).toEqual(whole)
  })

  it('accepts a bare carriage return, no space after the colon and no event name', () => {
    expect(parsed('data:x\r\r', 'data:y\n\n').map((e) => [e.event, e.data])).toEqual([
      ['message', 'x'],
      ['message', 'y'],
    ])
  })

  it('emits nothing for an event that was not finished', () => {
    expect(parsed('event: message\ndata: {}\n')).toEqual([])
  })
})

it('backs off further each time, with some chance, up to a limit', () => {
  expect(backOff(1, 0.5)).toBe(1_000)
  expect(backOff(3, 0.5)).toBe(4_000)
  expect(backOff(50, 1)).toBeLessThanOrEqual(37_500)
})

describe('the stream', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const page: Page = { messages: [], state: 'bot', typing: false, language: 'da' }
  const handlers = () => ({
    cursor: () => 4,
    page: vi.fn(),
    message: vi.fn<(message: Message) => void>(),
    typing: vi.fn(),
    staffWrites: vi.fn(),
    progress: vi.fn(),
    connected: vi.fn(),
    gone: vi.fn(),
  })
  const who = { id: 'c', token: 't' }

  it('reads what was missed, listens from there, and hands events on', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('event: message\nid: 5\ndata: {"id":"m5"}\n\nevent: state\ndata: {"state":"queued"}\n\nevent: typing\ndata: {"typing":true,"who":"staff"}\n\n'))
      },
    })
    const api = { messages: vi.fn(async () => page), events: vi.fn(async () => body) }
    const on = handlers()
    const stream = new Stream(api as unknown as Api, who, on)
    void stream.run()
    await vi.advanceTimersByTimeAsync(10)
    expect(api.messages).toHaveBeenCalledWith(who, 4, expect.anything())
    expect(api.events).toHaveBeenCalledWith(who, 4, expect.anything())
    expect(on.message).toHaveBeenCalledWith({ id: 'm5' })
    expect(on.progress).toHaveBeenCalledWith('queued', undefined)
    expect(on.staffWrites).toHaveBeenCalledOnce()
    // Only the guide's own writing is a state of the conversation.
    expect(on.typing).not.toHaveBeenCalled()
    stream.stop()
  })

  it('polls when listening does not work, and is not "lost" meanwhile', async () => {
    const api = { messages: vi.fn(async () => page), events: vi.fn(async () => Promise.reject(new ApiError('server'))) }
    const on = handlers()
    const stream = new Stream(api as unknown as Api, who, on)
    void stream.run()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(api.events).toHaveBeenCalledTimes(2)
    expect(api.messages.mock.calls.length).toBeGreaterThan(8)
    expect(on.connected).not.toHaveBeenCalledWith(false)
    await vi.advanceTimersByTimeAsync(40_000)
    expect(api.events.mock.calls.length).toBeGreaterThan(2)
    stream.stop()
  })

  it('says that the connection is lost, waits, and comes back', async () => {
    let down = true
    const api = {
      messages: vi.fn(async () => (down ? Promise.reject(new ApiError('network')) : page)),
      events: vi.fn(async () => new ReadableStream<Uint8Array>()),
    }
    const on = handlers()
    const stream = new Stream(api as unknown as Api, who, on)
    void stream.run()
    await vi.advanceTimersByTimeAsync(10)
    expect(on.connected).toHaveBeenLastCalledWith(false)
    down = false
    stream.refresh()
    await vi.advanceTimersByTimeAsync(10)
    expect(on.connected).toHaveBeenLastCalledWith(true)
    stream.stop()
  })

  it('ends when the conversation is gone', async () => {
    const api = { messages: vi.fn(async () => Promise.reject(new ApiError('gone'))), events: vi.fn() }
    const on = handlers()
    await new Stream(api as unknown as Api, who, on).run()
    expect(on.gone).toHaveBeenCalledOnce()
    expect(api.events).not.toHaveBeenCalled()
  })
})
