/**
 * A stand-in for the gateway, for trying the widget by hand: `npm run build && npm run try`.
 * Serves dist/ under the production Content-Security-Policy and plays a small conversation.
 * "Continue by SMS" takes numbers of eight digits and more, and the code 123456; the number 0 means too many codes.
 * Words with a meaning: "kø" (queue), "person" (staff takes over), "lang" (long answer), "429", "500", "422", "ar".
 * POST /dev/… breaks things: /dev/forget, /dev/sse?mode=off|mute|on
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const DIST = new URL('../dist/', import.meta.url).pathname
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' }
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"

const LANGUAGES = [
  { code: 'da', name: 'Dansk', direction: 'ltr' },
  { code: 'en', name: 'English', direction: 'ltr' },
  { code: 'ar', name: 'العربية', direction: 'rtl' },
]

/** @type {Map<string, any>} */
const conversations = new Map()
let sse = 'on'
const rated = []

function card() {
  return {
    service: 'flytning',
    title: 'Meld flytning',
    summary: 'Når du flytter til en ny adresse, skal du melde det til Folkeregisteret.',
    authority: { name: 'Københavns Kommune, Borgerservice', own: true, note: null },
    rows: [
      { kind: 'channel', label: 'Sådan gør du', items: [{ text: 'Meld flytning på borger.dk med MitID', url: 'https://www.borger.dk/', verified: true }, { text: 'Bestil tid i Borgerservice, hvis du ikke har MitID', url: null, verified: true }] },
      { kind: 'evidence', label: 'Det skal du have klar', items: [{ text: 'Ny adresse og flyttedato', url: null, verified: true }, { text: 'Bekræftelse fra udlejer, hvis du flytter ind hos nogen', url: null, verified: false }] },
      { kind: 'deadline', label: 'Frist', items: [{ text: 'Senest 5 dage efter flytningen', url: null, verified: true }] },
      { kind: 'cost', label: 'Pris', items: [{ text: 'Gratis', url: null, verified: true }, { text: 'Bøde ved for sen melding: 1.000 kr.', url: null, verified: false }] },
      { kind: 'processing_time', label: 'Behandlingstid', items: [{ text: 'Straks; nyt sundhedskort efter ca. 2 uger', url: null, verified: false }] },
      { kind: 'step', label: 'Trin', items: [{ text: 'Log på med MitID', url: null, verified: true }, { text: 'Skriv din nye adresse', url: null, verified: true }, { text: 'Vælg, hvem der flytter med', url: null, verified: true }] },
      { kind: 'contact', label: 'Kontakt', items: [{ text: 'Ring til Borgerservice på 33 66 33 66', url: null, verified: true }] },
    ],
    links: [{ title: 'Læs om flytning på borger.dk', url: 'https://www.borger.dk/' }, { title: 'Farligt', url: 'javascript:alert(1)' }],
    source: { title: 'borger.dk', url: 'https://www.borger.dk/' },
    checked: 'Kontrolleret: maj 2024',
    actions: [{ title: 'Bestil tid', choice: 'book' }, { title: 'Tal med en medarbejder', choice: 'person' }],
  }
}

function say(c, author, text, more = {}) {
  const message = { id: randomUUID(), seq: ++c.seq, author, text, language: c.language, reply: null, service: null, candidates: [], choices: [], created_at: new Date().toISOString(), card: null, author_name: null, ...more }
  c.messages.push(message)
  emit(c, 'message', message, message.seq)
  return message
}

function emit(c, event, data, id) {
  if (sse === 'mute') return
  for (const out of c.listeners) out.write(`event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`)
}

function phase(c, state) {
  c.state = state
  emit(c, 'state', { state, language: c.language })
}

function answer(c, text) {
  c.typing = true
  emit(c, 'typing', { typing: true })
  setTimeout(() => {
    c.typing = false
    emit(c, 'typing', { typing: false })
    if (/kø/i.test(text)) {
      say(c, 'guide', 'Jeg stiller dig om til en medarbejder.')
      phase(c, 'queued')
    } else if (/person/i.test(text)) {
      phase(c, 'assigned')
      say(c, 'system', 'Mette har overtaget samtalen.')
      say(c, 'staff', 'Hej, jeg hedder Mette. Hvad kan jeg hjælpe med?', { author_name: 'Mette' })
    } else if (/lang/i.test(text)) {
      say(c, 'guide', 'Et langt svar. '.repeat(120))
    } else if (/^ar$/i.test(text)) {
      say(c, 'guide', 'يجب الإبلاغ عن الانتقال خلال 5 أيام. اتصل على 33 66 33 66 أو انظر https://www.borger.dk/', { language: 'ar', choices: [{ title: 'حجز موعد', choice: 'book' }] })
    } else if (/flyt/i.test(text)) {
      say(c, 'guide', 'Meld flytning: Senest 5 dage efter flytningen. Gratis.', { card: card(), service: 'flytning', reply: 'service_card' })
    } else {
      say(c, 'guide', `Du skrev: ${text}\nLæs mere på https://www.kk.dk/ (eller ring 33 66 33 66).\n<img src=x onerror=alert(1)>`, { choices: [{ title: 'Jeg skal flytte', choice: 'flyt' }, { title: 'Nyt pas', choice: 'pas' }] })
    }
  }, 700)
}

const TITLES = { book: 'Bestil tid', person: 'Tal med en medarbejder', flyt: 'Jeg skal flytte', pas: 'Nyt pas' }

async function body(request) {
  let text = ''
  for await (const part of request) text += part
  return text ? JSON.parse(text) : {}
}

function json(response, status, value, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(value === undefined ? '' : JSON.stringify(value))
}
const problem = (response, status, code, message, headers) => json(response, status, { error: { code, message } }, headers)

async function api(request, response, url) {
  if (url.pathname === '/api/web/languages') return json(response, 200, LANGUAGES)
  if (url.pathname === '/api/web/continue') return json(response, 200, { channels: ['sms'] })
  if (url.pathname === '/api/web/conversations' && request.method === 'POST') {
    const { language } = await body(request)
    const c = { id: randomUUID(), token: randomUUID(), language: language ?? 'da', messages: [], seq: 0, state: 'bot', typing: false, listeners: new Set(), seen: new Map(), attempts: 0 }
    conversations.set(c.id, c)
    say(c, 'guide', 'Hej! Jeg er kommunens digitale guide. Jeg kan hjælpe med frister, priser og den rigtige indgang. Hvad drejer det sig om?', { choices: [{ title: 'Jeg skal flytte', choice: 'flyt' }, { title: 'Nyt pas', choice: 'pas' }, { title: 'Tal med en medarbejder', choice: 'person' }] })
    return json(response, 201, { conversation_id: c.id, token: c.token })
  }
  const [, id, rest] = /^\/api\/web\/conversations\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? []
  const c = conversations.get(id)
  if (!c || request.headers.authorization !== `Bearer ${c.token}`) return problem(response, 404, 'not_found', 'Samtalen findes ikke.')
  if (!rest && request.method === 'DELETE') {
    conversations.delete(id)
    for (const out of c.listeners) out.end()
    return json(response, 204)
  }
  if (rest === '/messages' && request.method === 'GET') {
    const after = Number(url.searchParams.get('after') ?? 0)
    return json(response, 200, { messages: c.messages.filter((m) => m.seq > after), state: c.state, typing: c.typing, language: c.language })
  }
  if (rest === '/messages') {
    const sent = await body(request)
    const text = sent.text ?? sent.choice
    if (text === '422') return problem(response, 422, 'invalid', 'Beskeden kan ikke modtages.')
    if (text === '500' && ++c.attempts < 3) return problem(response, 503, 'unavailable', 'Prøv igen om lidt.')
    if (text === '429' && ++c.attempts < 2) return problem(response, 429, 'rate_limited', 'Du skriver meget hurtigt. Vent 3 sekunder.', { 'Retry-After': '3' })
    const before = c.seen.get(sent.client_message_id)
    if (before) return json(response, 202, { message_id: before.id, seq: before.seq })
    const message = say(c, 'citizen', sent.text ?? TITLES[sent.choice] ?? sent.choice)
    c.seen.set(sent.client_message_id, message)
    answer(c, text)
    return setTimeout(() => json(response, 202, { message_id: message.id, seq: message.seq }), 60)
  }
  if (rest === '/continue') {
    const digits = (await body(request)).address.replace(/\D/g, '')
    if (digits === '0') return problem(response, 429, 'rate_limited', 'Vent 600 sekunder, og prøv igen.', { 'Retry-After': '600' })
    if (digits.length < 8) return problem(response, 422, 'number_bad', 'Det ligner ikke et telefonnummer. Skriv det for eksempel sådan, +45 12 34 56 78.')
    c.tries = 5
    return json(response, 202)
  }
  if (rest === '/continue/code') {
    if (!c.tries) return problem(response, 422, 'code_gone', 'Koden gælder ikke længere. Bed om en ny.')
    if ((await body(request)).code !== '123456') return problem(response, 422, 'code_wrong', `Koden passer ikke. Forsøg tilbage: ${--c.tries}.`)
    c.tries = 0
    say(c, 'guide', 'Du kan nu skrive videre her. Det er den samme samtale som på nettet.', { channel: 'sms' })
    say(c, 'citizen', 'Hej fra telefonen', { channel: 'sms' })
    return json(response, 204)
  }
  if (rest === '/events') {
    if (sse === 'off') return problem(response, 503, 'unavailable', 'nej')
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(': hej\n\n')
    for (const m of c.messages) if (m.seq > Number(request.headers['last-event-id'] ?? 0)) response.write(`event: message\nid: ${m.seq}\ndata: ${JSON.stringify(m)}\n\n`)
    c.listeners.add(response)
    const beat = setInterval(() => response.write(': .\n\n'), 15_000)
    response.on('close', () => (clearInterval(beat), c.listeners.delete(response)))
    return
  }
  if (rest === '/language') {
    c.language = (await body(request)).language
    emit(c, 'state', { state: c.state, language: c.language })
    return json(response, 204)
  }
  if (rest?.endsWith('/feedback')) {
    rated.push(await body(request))
    return json(response, 204)
  }
  problem(response, 404, 'not_found', '?')
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x')
  try {
    if (url.pathname.startsWith('/api/')) return await api(request, response, url)
    if (url.pathname === '/dev/forget') return conversations.clear(), json(response, 204)
    if (url.pathname === '/dev/state') return json(response, 200, { conversations: [...conversations.values()].map((c) => ({ ...c, listeners: c.listeners.size, seen: c.seen.size })), rated })
    if (url.pathname === '/dev/sse') {
      sse = url.searchParams.get('mode')
      if (sse === 'off') for (const c of conversations.values()) for (const out of c.listeners) out.destroy()
      return json(response, 204)
    }
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname)
    const file = await readFile(join(DIST, path))
    response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-store' })
    response.end(file)
  } catch (error) {
    response.writeHead(404, { 'Content-Type': 'text/plain' })
    response.end(String(error.message))
  }
}).listen(Number(process.env.PORT ?? 8765), '127.0.0.1', () => console.log('http://127.0.0.1:' + (process.env.PORT ?? 8765)))
