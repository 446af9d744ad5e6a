import { beforeEach, expect, it, vi } from 'vitest'
import arabic from '../texts/ar.json?raw'

const AR = JSON.parse(arabic) as Record<string, string>
const BASE = 'https://guide.example'

/** What the page has loaded lives as long as the page: each test has one of its own. */
async function page() {
  vi.resetModules()
  const [{ Api }, { Store }, texts, { Wording }] = await Promise.all([
    import('../api'),
    import('../store'),
    import('../texts'),
    import('../wording'),
  ])
  const arrived = vi.fn<() => void>()
  const wording = new Wording(new Api(BASE), new Store(BASE), arrived)
  return { wording, arrived, said: (language: string) => new texts.Words(language, texts.knownLanguages()), texts }
}

let answer = vi.fn<(url: string, options: RequestInit) => Promise<Response>>()
const settle = () => new Promise((resolve) => setTimeout(resolve))

beforeEach(() => {
  localStorage.clear()
  answer = vi.fn(async () => Response.json(AR))
  vi.stubGlobal('fetch', answer)
})

it('shows English until the texts are there, and does not wait for them', async () => {
  const { wording, arrived, said } = await page()
  wording.want('ar')
  expect(said('ar')).toMatchObject({ language: 'ar', code: 'en', direction: 'ltr' })
  expect(arrived).not.toHaveBeenCalled()
  await settle()
  expect(arrived).toHaveBeenCalledTimes(1)
  expect(said('ar')).toMatchObject({ language: 'ar', code: 'ar', direction: 'rtl' })
  expect(said('ar').say('send')).toBe(AR['send'])
  expect(said('ar').time('2026-11-23T14:05:00')).toBe('14:05')
  expect(said('ar').day('2026-11-23T14:05:00')).toMatch(/^\D+23\D+$/)
})

it('asks the gateway, without a token, in a way that browsers may keep', async () => {
  const { wording } = await page()
  wording.want('ar-SY')
  const [url, options] = answer.mock.calls[0]!
  expect(url).toMatch(/^https:\/\/guide\.example\/texts\/ar\.json\?v=[0-9a-f]{8}$/)
  expect(options).toMatchObject({ method: 'GET', headers: {}, credentials: 'omit', cache: 'default' })
})

it.each(['da', 'en', 'xx', ''])('asks nothing for %o', async (language) => {
  const { wording } = await page()
  wording.want(language)
  expect(answer).not.toHaveBeenCalled()
})

it('asks once, however often a language is chosen', async () => {
  const { wording, arrived } = await page()
  for (const language of ['ar', 'da', 'ar']) wording.want(language)
  await settle()
  wording.want('ar')
  expect(answer).toHaveBeenCalledTimes(1)
  expect(arrived).toHaveBeenCalledTimes(1)
})

it.each<[string, () => Promise<Response>]>([
  ['there is no network', () => Promise.reject(new TypeError('offline'))],
  ['the file is not there', async () => new Response('', { status: 404 })],
  ['a proxy answers with its own page', async () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } })],
  ['it is something else', async () => Response.json(['title'])],
  ['it is nothing', async () => Response.json(null)],
])('goes on in English when %s, and tries again when it is next wanted', async (_why, failure) => {
  const { wording, arrived, said } = await page()
  answer.mockImplementationOnce(failure)
  wording.want('ar')
  await settle()
  expect(said('ar')).toMatchObject({ language: 'ar', code: 'en' })
  expect(arrived).not.toHaveBeenCalled()
  wording.want('ar')
  await settle()
  expect(said('ar').code).toBe('ar')
})

it('has them at once on the next page, also without network', async () => {
  const first = await page()
  first.wording.want('ar')
  await settle()
  answer.mockRejectedValue(new TypeError('offline'))
  const next = await page()
  next.wording.want('ar')
  expect(next.said('ar').say('title')).toBe(AR['title'])
  expect(answer).toHaveBeenCalledTimes(1)
})

it.each(['{', '{"address":"texts/ar.json?v=00000000","texts":{"title":"old"}}', 'null'])('does not rely on what was kept: %o', async (kept) => {
  localStorage.setItem(`borger-guide ${BASE} texts`, kept)
  const { wording, said } = await page()
  wording.want('ar')
  await settle()
  expect(said('ar').say('title')).toBe(AR['title'])
})

it('says in English what texts of another version do not have', async () => {
  answer.mockResolvedValueOnce(Response.json({ title: 'دليل', send: 7 }))
  const { wording, said } = await page()
  wording.want('ar')
  await settle()
  expect([said('ar').say('title'), said('ar').say('send')]).toEqual(['دليل', 'Send'])
})

it('takes any language in, one beside the other', async () => {
  answer.mockImplementation(async (url) => Response.json({ ...AR, title: url.match(/\w\w(?=\.json)/)![0] }))
  const { wording, said, texts } = await page()
  const codes = texts.knownLanguages().map((language) => language.code)
  for (const code of codes) wording.want(code)
  await settle()
  const loaded = codes.filter((code) => !['da', 'en'].includes(code))
  expect(loaded.map((code) => said(code).say('title'))).toEqual(loaded)
})
