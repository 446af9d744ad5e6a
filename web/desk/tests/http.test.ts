import { afterEach, describe, expect, it, vi } from 'vitest'
import { Api, query } from '../api'
import { ApiError } from '../http'
import { me, refusal, server } from './world'

afterEach(() => void vi.unstubAllGlobals())

const failure = (work: Promise<unknown>): Promise<ApiError> => work.then(() => expect.fail('it worked'), (error: ApiError) => error)

describe('requests', () => {
  it('carry the token with everything that changes something, and only then', async () => {
    const asked = server({ 'GET /me': { body: me() }, 'POST /heartbeat': { status: 204 } })
    const api = new Api()
    api.http.csrf = 'token'
    await api.me()
    await api.heartbeat()
    expect(asked.map(({ headers }) => headers['X-CSRF-Token'])).toEqual([undefined, 'token'])
  })

  it('are tried once more with the token of a new session', async () => {
    const asked = server({ 'POST /heartbeat': [refusal(403, 'forged_request'), { status: 204 }] })
    const api = new Api()
    api.http.csrf = 'old'
    api.http.renewCsrf = async () => void (api.http.csrf = 'new')
    await api.heartbeat()
    expect(asked.map(({ headers }) => headers['X-CSRF-Token'])).toEqual(['old', 'new'])
  })

  it('do not go round in circles when the new token does not help', async () => {
    const asked = server({ 'POST /heartbeat': refusal(403, 'forged_request') })
    const api = new Api()
    api.http.renewCsrf = async () => {}
    expect((await failure(api.heartbeat())).code).toBe('forged_request')
    expect(asked).toHaveLength(2)
  })

  it('tell that the session has ended, but not for a wrong password', async () => {
    server({ 'POST /session': refusal(401, 'sign_in_failed'), 'GET /me': refusal(401, 'not_signed_in') })
    const api = new Api()
    const ended = vi.fn()
    api.http.onSignedOut = ended
    await failure(api.signIn('a@b', 'x', '1'))
    expect(ended).not.toHaveBeenCalled()
    await failure(api.me())
    expect(ended).toHaveBeenCalledOnce()
  })

  it.each([
    ['lost' as const, 0, true],
    [refusal(503, 'unavailable'), 503, true],
    [refusal(429, 'too_many_tries'), 429, true],
    [refusal(422, 'too_long'), 422, false],
    [refusal(409, 'not_possible'), 409, false],
  ])('know which failures pass: %o', async (answer, status, passing) => {
    server({ 'GET /me': answer })
    expect(await failure(new Api().me())).toMatchObject({ status, passing })
  })

  it('understand a proxy that answers in its own way', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502, headers: { 'Retry-After': '7' } }))
    expect(await failure(new Api().me())).toMatchObject({ status: 502, code: 'unknown', sentence: null, retryAfter: 7 })
  })

  it.each(['taken', 'already_taken'])('recognise that somebody else was faster: %s', async (code) => {
    server({ 'POST /conversations/c1/claim': refusal(409, code, 'Ali har den.') })
    expect((await failure(new Api().act('c1', 'claim'))).taken).toBe(true)
  })

  it('write ids into addresses safely', async () => {
    const asked = server({ 'GET /conversations/..%2Fme': { body: {} } })
    await new Api().conversation('../me')
    expect(asked[0]!.path).toBe('/conversations/..%2Fme')
  })
})

it('joins what is not empty', () => {
  expect(query({ a: 'b & c', n: 0, empty: '', none: null, not: undefined })).toBe('?a=b+%26+c&n=0')
  expect(query({ none: null })).toBe('')
})
