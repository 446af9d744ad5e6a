import type { Credentials, Language, Outgoing, Page } from './contract'

/**
 * What a failure means for the citizen, not which status it had:
 * network – no answer at all; gone – the conversation is not there for us; limited – wait;
 * rejected – this request will never be accepted; server – may work later.
 */
export type Failure = 'network' | 'gone' | 'limited' | 'rejected' | 'server'

export class ApiError extends Error {
  readonly failure: Failure
  /** Seconds the server asks us to wait, when it says. */
  readonly retryAfter: number | null
  /** A sentence for the citizen in the citizen's language, when the server gave one. */
  readonly sentence: string | null

  constructor(failure: Failure, sentence: string | null = null, retryAfter: number | null = null) {
    super(sentence ?? failure)
    this.name = 'ApiError'
    this.failure = failure
    this.sentence = sentence
    this.retryAfter = retryAfter
  }
}

const ANSWER_MS = 20_000

function failureOf(status: number): Failure {
  // 401 and 403 mean that the token no longer opens the conversation: for the citizen it is gone.
  if (status === 401 || status === 403 || status === 404 || status === 410) return 'gone'
  if (status === 429) return 'limited'
  if (status >= 400 && status < 500 && status !== 408) return 'rejected'
  return 'server'
}

/** Retry-After is either seconds or a date. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (!header) return null
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

export async function errorOf(response: Response): Promise<ApiError> {
  let sentence: string | null = null
  try {
    const body: unknown = await response.json()
    const error = (body as { error?: { message?: unknown } } | null)?.error
    if (typeof error?.message === 'string') sentence = error.message
  } catch {
    // A proxy in between answers in HTML; the status alone then has to do.
  }
  return new ApiError(
    failureOf(response.status),
    sentence,
    retryAfterSeconds(response.headers.get('Retry-After'), Date.now()),
  )
}

export class Api {
  readonly base: string

  constructor(base: string) {
    this.base = base.replace(/\/+$/, '')
  }

  languages(): Promise<Language[]> {
    return this.#json('GET', '/api/web/languages')
  }

  /** The interface texts of one language. */
  texts(address: string): Promise<unknown> {
    return this.#json('GET', `/${address}`)
  }

  async start(language: string | null): Promise<Credentials> {
    const answer = await this.#json<{ conversation_id: string; token: string }>(
      'POST',
      '/api/web/conversations',
      language ? { language } : {},
    )
    return { id: answer.conversation_id, token: answer.token }
  }

  send(
    who: Credentials,
    content: Outgoing,
    clientId: string,
    signal?: AbortSignal,
  ): Promise<{ message_id: string; seq: number }> {
    return this.#json(
      'POST',
      `${path(who)}/messages`,
      { ...content, client_message_id: clientId },
      who,
      signal,
    )
  }

  messages(who: Credentials, after: number, signal?: AbortSignal): Promise<Page> {
    return this.#json('GET', `${path(who)}/messages?after=${after}`, undefined, who, signal)
  }

  /** The event stream. EventSource cannot send an Authorization header, so it is read with fetch. */
  async events(who: Credentials, after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch('GET', `${path(who)}/events`, undefined, who, signal, {
      Accept: 'text/event-stream',
      'Last-Event-ID': String(after),
    })
    // A captive portal or proxy may answer 200 with a web page: that is no stream.
    if (!response.body || !/^text\/event-stream/.test(response.headers.get('Content-Type') ?? '')) {
      throw new ApiError('server')
    }
    return response.body
  }

  async setLanguage(who: Credentials, language: string): Promise<void> {
    await this.#send('POST', `${path(who)}/language`, { language }, who)
  }

  /** The citizen is writing: whoever helps them sees it. */
  async typing(who: Credentials): Promise<void> {
    await this.#send('POST', `${path(who)}/typing`, undefined, who)
  }

  async remove(who: Credentials): Promise<void> {
    await this.#send('DELETE', path(who), undefined, who)
  }

  async rate(who: Credentials, messageId: string, helpful: boolean): Promise<void> {
    await this.#send('POST', `${path(who)}/messages/${encodeURIComponent(messageId)}/feedback`, { helpful }, who)
  }

  /** Where else a conversation can go on. */
  async channels(): Promise<string[]> {
    return (await this.#json<{ channels: string[] }>('GET', '/api/web/continue')).channels
  }

  /** Sends a code to the address, as the citizen typed it. */
  async requestCode(who: Credentials, channel: string, address: string): Promise<void> {
    await this.#send('POST', `${path(who)}/continue`, { channel, address }, who)
  }

  /** From then on the conversation also goes on at the address that got the code. */
  async confirmCode(who: Credentials, code: string): Promise<void> {
    await this.#send('POST', `${path(who)}/continue/code`, { code }, who)
  }

  #send(method: string, url: string, body?: unknown, who?: Credentials, signal?: AbortSignal): Promise<Response> {
    const timeout = AbortSignal.timeout(ANSWER_MS)
    return this.#fetch(method, url, body, who, signal ? either(signal, timeout) : timeout)
  }

  async #json<T>(method: string, url: string, body?: unknown, who?: Credentials, signal?: AbortSignal): Promise<T> {
    const response = await this.#send(method, url, body, who, signal)
    try {
      return (await response.json()) as T
    } catch {
      throw new ApiError('network')
    }
  }

  async #fetch(
    method: string,
    url: string,
    body: unknown,
    who: Credentials | undefined,
    signal: AbortSignal,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    if (who) headers['Authorization'] = `Bearer ${who.token}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    let response: Response
    try {
      response = await fetch(this.base + url, {
        method,
        headers,
        signal,
        // The bearer token is the only credential; cookies of the embedding site are none of our business.
        credentials: 'omit',
        // Files may be kept, conversations may not.
        cache: url.startsWith('/api/') ? 'no-store' : 'default',
        // What the citizen said goes on its way even when the page goes.
        ...(body === undefined ? {} : { body: JSON.stringify(body), keepalive: true }),
      })
    } catch {
      throw new ApiError('network')
    }
    if (!response.ok) throw await errorOf(response)
    return response
  }
}

function path(who: Credentials): string {
  return `/api/web/conversations/${encodeURIComponent(who.id)}`
}

/** AbortSignal.any is younger than the browsers we promise to support. */
function either(first: AbortSignal, second: AbortSignal): AbortSignal {
  const both = new AbortController()
  for (const signal of [first, second]) {
    if (signal.aborted) both.abort()
    signal.addEventListener('abort', () => both.abort(), { once: true, signal: both.signal })
  }
  return both.signal
}
