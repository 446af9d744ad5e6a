/** One request to the server, and what its failure means. */
import { retryAfterSeconds } from '../widget/api'

export class ApiError extends Error {
  /** 0: no answer at all. */
  readonly status: number
  readonly code: string
  /** A sentence for the member in their language, when the server gave one. */
  readonly sentence: string | null
  /** Seconds the server asks us to wait. */
  readonly retryAfter: number | null

  constructor(status: number, code: string, sentence: string | null = null, retryAfter: number | null = null) {
    super(sentence ?? code)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.sentence = sentence
    this.retryAfter = retryAfter
  }

  /** It may work later, with nothing changed. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }

  /** Somebody else was faster. */
  get taken(): boolean {
    return this.status === 409 && (this.code === 'taken' || this.code === 'already_taken')
  }
}

const ANSWER_MS = 20_000
const SAFE = ['GET', 'HEAD']

async function errorOf(response: Response): Promise<ApiError> {
  let code = 'unknown'
  let sentence: string | null = null
  try {
    const { error } = (await response.json()) as { error?: { code?: unknown; message?: unknown } }
    if (typeof error?.code === 'string') code = error.code
    if (typeof error?.message === 'string') sentence = error.message
  } catch {
    // A proxy in between answers in HTML; the status alone then has to do.
  }
  const wait = retryAfterSeconds(response.headers.get('Retry-After'), Date.now())
  return new ApiError(response.status, code, sentence, wait)
}

export class Http {
  /** Bound to the session by the server; sent with everything that changes something. */
  csrf: string | null = null
  /** The session has ended: told once per request that finds it so. */
  onSignedOut: () => void = () => {}
  /** Another tab has signed in anew: gets the token that goes with the new session. */
  renewCsrf: (() => Promise<void>) | null = null

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#again(method, path, body)
    if (response.status === 204) return undefined as T
    try {
      return (await response.json()) as T
    } catch {
      // 202 and the like may come without a body; a torn one is a lost connection.
      if (response.headers.get('Content-Length') === '0') return undefined as T
      throw new ApiError(0, 'network')
    }
  }

  /** The body of an event stream. */
  async stream(path: string, lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (lastEventId !== null) headers['Last-Event-ID'] = lastEventId
    const response = await this.#send('GET', path, undefined, headers, signal)
    // A captive portal may answer 200 with a web page: that is no stream.
    if (!response.body || !/^text\/event-stream/.test(response.headers.get('Content-Type') ?? '')) {
      throw new ApiError(502, 'no_stream')
    }
    return response.body
  }

  async #again(method: string, path: string, body: unknown): Promise<Response> {
    const signal = (): AbortSignal => AbortSignal.timeout(ANSWER_MS)
    try {
      return await this.#send(method, path, body, {}, signal())
    } catch (error) {
      const forged = error instanceof ApiError && error.status === 403 && error.code === 'forged_request'
      if (!forged || !this.renewCsrf) throw error
      await this.renewCsrf()
      return this.#send(method, path, body, {}, signal())
    }
  }

  async #send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (this.csrf && !SAFE.includes(method)) headers['X-CSRF-Token'] = this.csrf
    let response: Response
    try {
      response = await fetch(path, {
        method,
        headers,
        signal,
        credentials: 'same-origin',
        cache: 'no-store',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch {
      throw new ApiError(0, 'network')
    }
    if (response.ok) return response
    const error = await errorOf(response)
    // At sign-in 401 means a wrong password; there is no session that could have ended.
    if (error.status === 401 && error.code !== 'sign_in_failed') this.onSignedOut()
    throw error
  }
}
