import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DeskEvent } from '../contract'
import { EventStream } from '../events'
import { ApiError } from '../http'

afterEach(() => void vi.useRealTimers())

function body(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
}

async function heard(streams: (ReadableStream<Uint8Array> | Error)[]) {
  vi.useFakeTimers()
  const events: DeskEvent[] = []
  const connected: boolean[] = []
  const asked: (string | null)[] = []
  const stream = new EventStream(
    async (last) => {
      asked.push(last)
      const next = streams.shift() ?? new ApiError(401, 'not_signed_in')
      if (next instanceof Error) throw next
      return next
    },
    { event: (event) => events.push(event), connected: (on) => connected.push(on) },
  )
  const run = stream.run()
  await vi.advanceTimersByTimeAsync(60_000)
  await run
  return { events, connected, asked }
}

describe('the stream', () => {
  it('asks for what came after the last event it has heard', async () => {
    const { events, asked } = await heard([
      body('id: 7\ndata: {"type":"message","conversation":"c1","seq":3}\n\n'),
      body(': still there\n\nid: 8\ndata: {"type":"res', 'ync"}\n\n'),
    ])
    expect(events).toEqual([{ type: 'message', conversation: 'c1', seq: 3 }, { type: 'resync' }])
    expect(asked).toEqual([null, '7', '8'])
  })

  it('takes the name of the event where the data has no type', async () => {
    const { events } = await heard([body('event: typing\ndata: {"conversation":"c1","who":"citizen"}\n\n')])
    expect(events).toEqual([{ type: 'typing', conversation: 'c1', who: 'citizen' }])
  })

  it('reads everything again after half an event', async () => {
    const { events } = await heard([body('data: {"type":"mess\n\n')])
    expect(events).toEqual([{ type: 'resync' }])
  })

  it('tries again when the server is away, and ends with the session', async () => {
    const { connected, asked } = await heard([new ApiError(0, 'network'), new ApiError(503, 'x'), body()])
    expect(asked).toHaveLength(4)
    expect(connected).toEqual([false, false, true, false])
  })

  it('takes a stream for dead that is not even kept alive', async () => {
    const silent = new ReadableStream<Uint8Array>({
      start() {},
    })
    vi.useFakeTimers()
    let opened = 0
    const stream = new EventStream(
      async (_, signal) => {
        if (opened++) throw new ApiError(401, 'not_signed_in')
        signal.addEventListener('abort', () => void reader.cancel())
        const [mine, theirs] = silent.tee()
        const reader = mine.getReader()
        return theirs.pipeThrough(new TransformStream(), { signal })
      },
      { event: () => {}, connected: () => {} },
    )
    const run = stream.run()
    await vi.advanceTimersByTimeAsync(60_000)
    await run
    expect(opened).toBe(2)
  })
})
