/**
 * A stand-in for the desk's server, for trying the desk by hand and for its browser tests:
 * `npm run build && npm run try:desk`. Serves dist/desk under the gateway's Content-Security-Policy.
 * Sign in with any password; the code 000000 is wrong, and the e-mail says who comes: editor@, admin@, else a guide.
 * /desk/welcome/new is a link that works; any other one is used.
 * The word "422" in a reply is refused, "500" fails twice. POST /dev/… lets others act:
 * /dev/citizen?id=&text= writes, /dev/typing?id= types, /dev/take?id= takes, /dev/arrive adds one that waits,
 * /dev/drop cuts the streams, /dev/network?mode=off|on, /dev/expire ends the session, /dev/reset begins anew.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const DIST = new URL('../dist/', import.meta.url).pathname
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' }
const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

const SERVICES = { flytning: 'Meld flytning', pas: 'Pas til voksne', vuggestue: 'Vuggestue og dagpleje', affald: 'Stort indbo' }
const TEAMS = [
  { id: 'borgerservice', name: 'Borgerservice', administrations: ['kff'], services: ['flytning', 'pas'], auto_assign: false, hours: { mo: ['10:00-16:00'], tu: ['10:00-16:00'], we: ['10:00-16:00'], th: ['10:00-18:00'], fr: ['09:00-12:00', '12:30-14:00'] }, closed: ['2026-12-24'] },
  { id: 'boern', name: 'Børn og unge', administrations: ['buf'], services: ['vuggestue'], auto_assign: true, hours: null, closed: [] },
]
const FRONT = { see_conversation: 'common', claim: 'common', write: 'own', note: 'common', transfer: 'common', resolve: 'own', reopen: 'common', mark_spam: 'common', search_history: 'common', see_statistics: 'team' }
const EDITOR = { see_statistics: 'everything', edit_knowledge_notes: 'everything', manage_canned_replies: 'everything' }
const ALL = ['see_conversation', 'claim', 'note', 'transfer', 'resolve', 'reopen', 'mark_spam', 'search_history', 'manage_members', 'manage_teams', 'manage_hours', 'manage_booking', 'see_statistics', 'export_statistics', 'edit_knowledge_notes', 'manage_canned_replies', 'see_audit', 'see_dead_letters', 'resend_dead_letters']
const ADMIN = { ...Object.fromEntries(ALL.map((action) => [action, 'everything'])), write: 'own' }
const person = (id, name, role, more = {}) => ({ id, name, email: `${id}@kk.example`, role, teams: ['borgerservice'], languages: ['da', 'en'], skills: [], capacity: 3, ui_language: 'da', active: true, ...more })

const iso = (secondsAgo = 0) => new Date(Date.now() - secondsAgo * 1000).toISOString()
const titled = (id) => (id ? { id, title: SERVICES[id] } : null)
const named = ({ id, name }) => ({ id, name })

/** @type {any} */
let world
function reset() {
  for (const out of world?.listeners ?? []) out.end()
  world = { members: [person('mette', 'Mette Holm', 'guide'), person('ali', 'Ali Demir', 'specialist', { teams: ['boern'] }), person('editor', 'Eva Lund', 'editor', { teams: [] }), person('admin', 'Ane Friis', 'administrator')], sessions: new Map(), listeners: new Set(), events: [], event: 0, conversations: [], seen: new Map(), tries: 0, network: 'on', presence: {}, looks: [], audit: 40, canned: [], notes: [], letters: [] }
  world.canned = [
    { id: 1, team: null, language: 'da', shortcut: 'hej', title: 'Velkomst', text: 'Hej. Jeg hedder {name} og hjælper dig med {service}.' },
    { id: 2, team: 'borgerservice', language: 'da', shortcut: 'tid', title: 'Bestil tid', text: 'Du kan bestille tid til {service} eller ringe på {phone}.' },
    { id: 3, team: null, language: 'en', shortcut: 'hello', title: 'Welcome', text: 'Hello. My name is {name}. I will help you with {service}.' },
  ]
  world.notes = [{ id: 1, service: titled('pas'), kind: 'wrong', text: 'Prisen er steget i januar.', author: 'Ali Demir', at: iso(9000), done: false }]
  world.letters = [{ id: 'd1', conversation_id: 'c-sms', channel: 'sms', state: 'failed', error: 'unknown subscriber', attempts: 5, created_at: iso(5400) }]
  start({ id: 'c-crisis', service: null, reason: 'crisis', priority: 3, waiting: 130, said: [['citizen', 'jeg kan ikke mere, alt er kaos derhjemme'], ['guide', 'Ring 112 nu, hvis du er i fare.']] })
  start({ id: 'c-move', service: 'flytning', waiting: 640, said: [['citizen', 'Hvornår skal jeg melde flytning? <b>Haster</b> https://borger.dk/'], ['guide', 'Senest fem dage efter, at du er flyttet.', { card: card('flytning') }], ['citizen', 'jeg vil tale med et menneske']] })
  start({ id: 'c-ar', service: 'vuggestue', reason: 'failed', language: 'ar', waiting: 300, said: [['citizen', 'أحتاج إلى مساعدة في تسجيل ابني في الحضانة من فضلكم'], ['guide', 'لم أفهم ذلك. هل يمكنك كتابته بكلمات قليلة؟'], ['citizen', 'رقم الهاتف 33 66 33 66 لا يعمل']] })
  start({ id: 'c-sms', service: 'affald', channel: 'sms', reason: 'dissatisfied', priority: 1, waiting: 3800, kind: 'message', said: [['citizen', 'I har ikke hentet mit storskrald. Anden gang!']] })
  const mine = start({ id: 'c-mine', service: 'pas', channel: 'sms', waiting: 90, said: [['citizen', 'Hej, mit pas udløber i morgen'], ['system', 'Mette Holm har overtaget samtalen.'], ['staff', 'Hej, det finder vi ud af. Hvor skal du rejse hen?', { author_name: 'Mette Holm', delivery: 'delivered', address_label: '+45 •• •• •• 12' }], ['citizen', 'Til Spanien. Kan I nå det?']] })
  Object.assign(mine, { state: 'assigned', assignee: world.members[0], unread: 1, notes: [{ id: 1, author: 'Ali Demir', text: 'Har været forbi skranken i går.', at: iso(4000) }] })
  mine.others.push({ id: 'c-old', channel: 'web', at: iso(86400 * 9), service: titled('flytning') })
  const late = start({ id: 'c-late', service: 'flytning', language: 'en', waiting: 60, said: [['citizen', 'My landlord will not sign the form.'], ['staff', 'Then you can send the lease instead.', { author_name: 'Mette Holm', delivery: 'failed', language: 'en' }]] })
  Object.assign(late, { state: 'waiting_citizen', assignee: world.members[0], snoozed_until: iso(-86400) })
  const theirs = start({ id: 'c-theirs', service: 'vuggestue', waiting: 200, said: [['citizen', 'Hvornår får vi svar på pladsen?']] })
  Object.assign(theirs, { state: 'assigned', assignee: world.members[1], transfer: { from: named(world.members[1]), to: named(world.members[0]), note: 'Du kender familien.' } })
  const old = start({ id: 'c-old', service: 'flytning', waiting: 86400 * 9, said: [['citizen', 'Skal min hund også flyttes?'], ['staff', 'Ja, i hunderegistret.', { author_name: 'Mette Holm' }]] })
  Object.assign(old, { state: 'resolved', outcome: 'solved' })
}

function start({ id = randomUUID(), service = 'flytning', channel = 'web', language = 'da', reason = 'asked', priority = 0, kind = 'chat', waiting = 0, said = [] }) {
  const c = { id, state: 'queued', kind, channel, language, service: titled(service), reason, priority, team: service === 'vuggestue' ? 'boern' : service ? 'borgerservice' : null, assignee: null, queued_at: iso(waiting), unread: 0, snoozed_until: null, transfer: null, outcome: null, version: 1, messages: [], notes: [], activity: [], others: [] }
  world.conversations.push(c)
  said.forEach(([author, text, more], at) => add(c, author, text, { created_at: iso(waiting + (said.length - at) * 40), ...more }))
  happen(c, 'handover_requested', 'citizen')
  return c
}

function add(c, author, text, more = {}) {
  const message = { id: randomUUID(), seq: c.messages.length + 1, author, author_name: null, text, language: c.language, channel: c.channel, created_at: iso(), card: null, delivery: null, address_label: null, ...more }
  c.messages.push(message)
  tell({ type: 'message', conversation: c.id, seq: message.seq })
  return message
}

function happen(c, kind, actor) {
  c.version++
  c.activity.push({ kind, actor, at: iso(), details: {} })
  tell({ type: 'conversation', id: c.id, version: c.version })
  tell({ type: 'counts', counts: counts(world.members[0]) })
}

function tell(event) {
  const entry = { id: ++world.event, event }
  world.events.push(entry)
  for (const out of world.listeners) write(out, entry)
}
const write = (out, { id, event }) => out.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)

function card(service) {
  return {
    service,
    title: SERVICES[service],
    summary: 'Det skal du vide, før du går i gang.',
    authority: { name: 'Københavns Kommune, Borgerservice', own: true, note: null },
    rows: [
      { kind: 'deadline', label: 'Frist', items: [{ text: 'Senest 5 dage efter', url: null, verified: true }] },
      { kind: 'cost', label: 'Pris', items: [{ text: 'Gratis', url: null, verified: true }, { text: 'Gebyr ved for sen melding: 1.000 kr.', url: null, verified: false }] },
      { kind: 'channel', label: 'Sådan gør du', items: [{ text: 'På borger.dk med MitID', url: 'https://www.borger.dk/', verified: true }, { text: 'Farligt', url: 'javascript:alert(1)', verified: true }] },
    ],
    links: [{ title: 'Læs mere på borger.dk', url: 'https://www.borger.dk/' }],
    source: { title: 'borger.dk', url: 'https://www.borger.dk/' },
    checked: 'Kontrolleret: maj 2026',
  }
}

function item(c) {
  const { messages, notes, activity, others, ...rest } = c
  const last = messages.at(-1)
  return { ...rest, assignee: c.assignee && named(c.assignee), waiting_seconds: Math.round((Date.now() - Date.parse(c.queued_at)) / 1000), last_message: last ? { author: last.author, text: last.text, at: last.created_at } : null }
}

const open = (c) => c.outcome === null
const LISTS = {
  waiting: (c) => open(c) && c.state === 'queued',
  mine: (c, me) => open(c) && c.assignee?.id === me.id && !c.snoozed_until,
  team: (c, me) => open(c) && c.assignee && c.assignee.id !== me.id,
  snoozed: (c, me) => open(c) && c.assignee?.id === me.id && c.snoozed_until,
  resolved: (c) => !open(c),
}
const listed = (name, me) => world.conversations.filter((c) => LISTS[name](c, me)).sort((a, b) => b.priority - a.priority || a.queued_at.localeCompare(b.queued_at))
const counts = (me) => Object.fromEntries(['waiting', 'mine', 'team', 'snoozed'].map((name) => [name, listed(name, me).length]))

function detail(c) {
  const asked = c.messages.filter((m) => m.author === 'citizen').map((m) => m.text)
  return {
    conversation: item(c),
    summary: { service: c.service, asked: asked.slice(-3), slots: { area: '2200' }, failed: c.reason === 'failed' ? asked.slice(0, 1) : [], danger: c.reason === 'crisis', language: c.language, channel: c.channel, waiting_seconds: item(c).waiting_seconds },
    messages: c.messages,
    notes: c.notes,
    activity: c.activity,
    others: c.others,
    appointments: [],
    citizen: { label: c.channel === 'web' ? 'Borger på web' : '+45 •• •• •• 12', channel: c.channel, language: c.language },
  }
}

const me = ({ member, csrf }) => ({ member, role: member.role, teams: TEAMS.filter((team) => member.teams.includes(team.id)), rights: { guide: FRONT, specialist: FRONT, ambassador: FRONT, editor: EDITOR, administrator: ADMIN }[member.role], csrf_token: csrf, presence: world.presence[member.id] ?? 'away' })

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
const missing = (response) => problem(response, 404, 'not_found', 'Det findes ikke.')

const signedIn = (request) => world.sessions.get(/desk=([^;]+)/.exec(request.headers.cookie ?? '')?.[1])

async function api(request, response, url) {
  const path = url.pathname.slice('/api/desk'.length)
  const { method } = request
  const is = (verb, pattern) => (method === verb ? new RegExp(`^${pattern}$`).exec(path) : null)
  if (is('GET', '/sign-in')) return json(response, 200, { password: true, provider: true })
  if (is('POST', '/session')) {
    const { email, totp } = await body(request)
    if (totp === '000000') return problem(response, 401, 'sign_in_failed', 'Det passer ikke sammen. Kontrollér e-mail, adgangskode og engangskode.')
    const member = world.members.find((one) => email.startsWith(one.id)) ?? world.members[0]
    const [token, session] = [randomUUID(), { member, csrf: randomUUID() }]
    world.sessions.set(token, session)
    return json(response, 200, me(session), { 'Set-Cookie': `desk=${token}; HttpOnly; SameSite=Strict; Path=/` })
  }
  if (is('GET', '/welcome/new')) return json(response, 200, { name: 'Mette Holm', email: 'mette@kk.example', totp_secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', totp_address: 'otpauth://totp/Borgerguiden:mette%40kk.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Borgerguiden', expires_at: iso(-86400) })
  if (is('POST', '/welcome/new')) {
    if ((await body(request)).totp === '000000') return problem(response, 422, 'totp_wrong', 'Engangskoden passer ikke. Kontrollér, at telefonens ur går rigtigt.')
    return json(response, 200, { recovery_codes: Array.from({ length: 8 }, () => randomUUID().slice(0, 11)) })
  }
  if (path.startsWith('/welcome/')) return problem(response, 410, 'link_used', 'Linket er brugt. Bed om et nyt, hvis du har brug for det.')

  const session = signedIn(request)
  if (!session) return problem(response, 401, 'not_signed_in', 'Du er ikke logget ind.')
  if (method !== 'GET' && request.headers['x-csrf-token'] !== session.csrf) return problem(response, 403, 'forged_request', 'Forespørgslen kom ikke fra denne side.')
  const { member } = session
  let found
  if (is('GET', '/me')) return json(response, 200, me(session))
  if (is('PUT', '/me/language')) return (member.ui_language = (await body(request)).language), json(response, 204)
  if (is('DELETE', '/session')) return world.sessions.forEach((one, token) => one === session && world.sessions.delete(token)), json(response, 204)
  if (is('PUT', '/presence')) return (world.presence[member.id] = (await body(request)).state), json(response, 204)
  if (is('POST', '/heartbeat')) return json(response, 204)
  if (is('GET', '/events')) return events(request, response)
  if (is('GET', '/conversations')) {
    const items = listed(url.searchParams.get('list'), member)
    const from = Number(url.searchParams.get('after') ?? 0)
    return json(response, 200, { items: items.slice(from, from + 50).map(item), next: items.length > from + 50 ? String(from + 50) : null, counts: counts(member) })
  }
  if (is('GET', '/search')) {
    const q = (url.searchParams.get('q') ?? '').toLowerCase()
    const items = world.conversations.flatMap((c) => c.messages.filter((m) => m.text.toLowerCase().includes(q)).map((m) => ({ conversation: item(c), snippet: m.text })))
    return json(response, 200, { items, next: null })
  }
  if ((found = /^\/conversations\/([^/]+)(\/.*)?$/.exec(path))) return conversation(request, response, url, decodeURIComponent(found[1]), found[2] ?? '', member)
  if (is('GET', '/knowledge')) {
    const q = (url.searchParams.get('q') ?? '').toLowerCase()
    const items = Object.entries(SERVICES).filter(([id, title]) => `${id} ${title}`.toLowerCase().includes(q)).map(([service, title]) => ({ service, title, summary: 'Det skal du vide, før du går i gang.', source: { title: 'borger.dk', url: 'https://www.borger.dk/' }, checked: 'Kontrolleret: maj 2026' }))
    return json(response, 200, { items })
  }
  if ((found = is('POST', '/knowledge/([^/]+)/notes'))) {
    const { text, kind } = await body(request)
    world.notes.push({ id: world.notes.length + 1, service: titled(found[1]), kind, text, author: member.name, at: iso(), done: false })
    return json(response, 201, {})
  }
  if ((found = is('GET', '/knowledge/([^/]+)'))) return SERVICES[found[1]] ? json(response, 200, card(found[1])) : missing(response)
  if (is('GET', '/knowledge-notes')) return json(response, 200, { items: world.notes })
  if ((found = is('POST', '/knowledge-notes/(\\d+)/done'))) return (world.notes.find((one) => one.id === Number(found[1])).done = true), json(response, 204)
  if (is('GET', '/canned-replies')) return json(response, 200, { items: world.canned })
  if (is('POST', '/canned-replies')) {
    const reply = { id: Math.max(0, ...world.canned.map((one) => one.id)) + 1, ...(await body(request)) }
    return world.canned.push(reply), json(response, 201, reply)
  }
  if ((found = is('POST', '/canned-replies/(\\d+)/fill'))) {
    const { conversation_id: id } = await body(request)
    const about = world.conversations.find((one) => one.id === id)
    const values = { name: member.name.split(' ')[0], service: about?.service?.title ?? 'det', phone: '33 66 33 66' }
    return json(response, 200, { text: world.canned.find((one) => one.id === Number(found[1])).text.replace(/\{(\w+)\}/g, (_, name) => values[name]) })
  }
  if ((found = is('PUT', '/canned-replies/(\\d+)'))) return json(response, 200, Object.assign(world.canned.find((one) => one.id === Number(found[1])), await body(request)))
  if ((found = is('DELETE', '/canned-replies/(\\d+)'))) return (world.canned = world.canned.filter((one) => one.id !== Number(found[1]))), json(response, 204)
  if (is('GET', '/colleagues')) return json(response, 200, { items: world.members.slice(0, 2).map((one) => ({ ...named(one), presence: world.presence[one.id] ?? 'away', teams: one.teams, languages: one.languages })) })
  if (is('GET', '/members')) return json(response, 200, { members: world.members })
  if (is('POST', '/members')) {
    const added = person(randomUUID(), '', 'guide', await body(request))
    return world.members.push(added), json(response, 201, { member: added, link: `http://${request.headers.host}/desk/welcome/new` })
  }
  if ((found = is('PATCH', '/members/([^/]+)'))) return json(response, 200, Object.assign(world.members.find((one) => one.id === found[1]), await body(request)))
  if (is('POST', '/members/([^/]+)/link')) return json(response, 201, { link: `http://${request.headers.host}/desk/welcome/new` })
  if (is('GET', '/teams')) return json(response, 200, { teams: TEAMS })
  if ((found = is('PUT', '/teams/([^/]+)(?:/hours)?'))) {
    const change = await body(request)
    const team = TEAMS.find((one) => one.id === found[1])
    if (team) Object.assign(team, change)
    else TEAMS.push({ id: found[1], administrations: [], services: [], ...change })
    return json(response, 200, team ?? TEAMS.at(-1))
  }
  if (is('GET', '/audit')) {
    const before = Number(url.searchParams.get('before') ?? world.audit + 1)
    const entries = Array.from({ length: Math.min(20, before - 1) }, (_, at) => ({ id: before - 1 - at, at: iso(at * 600), actor: at % 3 ? 'mette' : 'ali', action: ['signed_in', 'looked', 'sign_in_failed'][at % 3], subject: 'c-mine', details: at % 2 ? { address: '127.0.0.1' } : {} }))
    return json(response, 200, { entries })
  }
  if (is('GET', '/dead-letters')) return json(response, 200, { items: world.letters })
  if ((found = is('POST', '/dead-letters/([^/]+)/resend'))) return (world.letters = world.letters.filter((one) => one.id !== found[1])), json(response, 202, {})
  if (is('GET', '/statistics')) {
    const days = Array.from({ length: 29 }, (_, at) => ({ day: iso((28 - at) * 86400).slice(0, 10), conversations: 30 + ((at * 37) % 50), handovers: 4 + ((at * 13) % 11) }))
    return json(response, 200, { waiting: { median: 95, p90: 610 }, handling: { median: 540, p90: 1900 }, guide_alone: { count: 1312, share: 0.83 }, handovers: [{ service: titled('flytning'), language: 'da', count: 61 }, { service: titled('pas'), language: 'da', count: 48 }, { service: titled('vuggestue'), language: 'ar', count: 22 }, { service: null, language: 'en', count: 19 }, { service: titled('pas'), language: 'en', count: 7 }], ratings: { average: 4.2, count: 118, by_star: { 5: 61, 4: 33, 3: 12, 2: 5, 1: 7 } }, by_day: days })
  }
  if (is('GET', '/statistics.csv')) return response.writeHead(200, { 'Content-Type': 'text/csv; charset=utf-8' }), response.end('day,conversations\n')
  missing(response)
}

async function conversation(request, response, url, id, rest, member) {
  const c = world.conversations.find((one) => one.id === id)
  if (!c) return missing(response)
  const sent = request.method === 'POST' ? await body(request) : {}
  const done = (kind) => (happen(c, kind, 'staff'), json(response, 200, item(c)))
  switch (`${request.method} ${rest}`) {
    case 'GET ':
      world.looks.push(id)
      return json(response, 200, detail(c))
    case 'GET /messages':
      return json(response, 200, { messages: c.messages.filter((m) => m.seq > Number(url.searchParams.get('after') ?? 0)) })
    case 'GET /suggestions':
      return json(response, 200, { items: ['flytning', 'pas', 'affald'].map((service) => ({ service, title: SERVICES[service], text: `${SERVICES[service]}: det skal du vide, før du går i gang. Senest 5 dage efter.` })) })
    case 'POST /claim':
      if (c.assignee && c.assignee.id !== member.id) return problem(response, 409, 'already_taken', `${c.assignee.name} har taget samtalen.`)
      Object.assign(c, { state: 'assigned', assignee: member })
      add(c, 'system', `${member.name} har overtaget samtalen.`)
      return done('claimed')
    case 'POST /return':
      Object.assign(c, { state: 'queued', assignee: null, snoozed_until: null, transfer: null })
      return done('returned')
    case 'POST /reopen':
      Object.assign(c, { state: 'queued', outcome: null, assignee: null })
      return done('reopened')
    case 'POST /spam':
      Object.assign(c, { state: 'resolved', outcome: 'spam' })
      return done('resolved')
    case 'POST /resolve':
      Object.assign(c, { state: 'resolved', outcome: sent.outcome })
      return done('resolved')
    case 'POST /snooze':
      c.snoozed_until = sent.until
      return done('snoozed')
    case 'POST /transfer':
      if (sent.team) Object.assign(c, { state: 'queued', assignee: null, team: sent.team })
      else c.transfer = { from: named(member), to: named(world.members.find((one) => one.id === sent.member)), note: sent.note }
      return done(sent.team ? 'team_changed' : 'transfer_offered')
    case 'POST /transfer/accept':
      Object.assign(c, { state: 'assigned', assignee: member, transfer: null })
      return done('transfer_accepted')
    case 'POST /transfer/decline':
    case 'POST /withdraw-transfer':
      c.transfer = null
      return done('transfer_declined')
    case 'POST /notes':
      c.notes.push({ id: c.notes.length + 1, author: member.name, text: sent.text, at: iso() })
      return done('note')
    case 'POST /read':
      c.unread = 0
      return json(response, 204)
    case 'POST /typing':
      return json(response, 204)
    case 'POST /messages': {
      if (/422/.test(sent.text)) return problem(response, 422, 'too_long', 'Beskeden kan ikke modtages.')
      if (/500/.test(sent.text) && ++world.tries < 3) return problem(response, 503, 'unavailable', 'Prøv igen om lidt.', { 'Retry-After': '1' })
      const before = world.seen.get(sent.client_message_id)
      if (before) return json(response, 202, { message_id: before.id, seq: before.seq })
      const message = add(c, 'staff', sent.text || SERVICES[sent.card?.service], { author_name: member.name, delivery: c.channel === 'web' ? null : 'pending', card: sent.card ? card(sent.card.service) : null })
      world.seen.set(sent.client_message_id, message)
      Object.assign(c, { state: 'waiting_citizen', snoozed_until: null })
      happen(c, 'staff_wrote', 'staff')
      if (message.delivery) setTimeout(() => ((message.delivery = 'delivered'), happen(c, 'delivered', 'system')), 800)
      return json(response, 202, { message_id: message.id, seq: message.seq })
    }
  }
  missing(response)
}

function events(request, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write(': hej\n\n')
  const last = Number(request.headers['last-event-id'] ?? world.event)
  if (last > world.event) write(response, { id: world.event, event: { type: 'resync' } })
  else for (const entry of world.events.slice(last)) write(response, entry)
  world.listeners.add(response)
  const beat = setInterval(() => response.write(': .\n\n'), 15_000)
  response.on('close', () => (clearInterval(beat), world.listeners.delete(response)))
}

function play(url) {
  const c = world.conversations.find((one) => one.id === url.searchParams.get('id'))
  switch (url.pathname) {
    case '/dev/citizen':
      add(c, 'citizen', url.searchParams.get('text') ?? 'Er der nogen?')
      c.unread++
      if (c.state === 'waiting_citizen') c.state = 'assigned'
      return happen(c, 'citizen_wrote', 'citizen')
    case '/dev/typing':
      return tell({ type: 'typing', conversation: c.id, who: 'citizen' })
    case '/dev/take':
      Object.assign(c, { state: 'assigned', assignee: world.members[1] })
      // Silently, so that somebody can press in vain.
      return url.searchParams.get('quiet') ? undefined : happen(c, 'claimed', 'staff')
    case '/dev/arrive':
      return void start({ said: [['citizen', 'Jeg vil tale med et menneske.']] })
    case '/dev/drop':
      for (const out of world.listeners) out.destroy()
      return
    case '/dev/network':
      world.network = url.searchParams.get('mode')
      if (world.network === 'off') for (const out of world.listeners) out.destroy()
      return
    case '/dev/expire':
      world.sessions.clear()
      for (const out of world.listeners) out.destroy()
      return
    case '/dev/reset':
      return reset()
  }
}

reset()
const port = Number(process.env.PORT ?? 8766)
createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x')
  try {
    if (url.pathname.startsWith('/dev/')) {
      if (url.pathname === '/dev/state') return json(response, 200, { conversations: world.conversations.map(detail), looks: world.looks })
      return play(url), json(response, 204)
    }
    if (url.pathname.startsWith('/api/')) {
      if (world.network === 'off') return request.socket.destroy()
      return await api(request, response, url)
    }
    const asset = url.pathname.startsWith('/desk/assets/')
    const file = await readFile(join(DIST, asset ? normalize(url.pathname) : '/desk/index.html'))
    response.writeHead(200, { 'Content-Type': asset ? (TYPES[extname(url.pathname)] ?? 'application/octet-stream') : TYPES['.html'], 'Content-Security-Policy': CSP, 'Cache-Control': 'no-store' })
    response.end(file)
  } catch (error) {
    response.writeHead(404, { 'Content-Type': 'text/plain' })
    response.end(String(error.message))
  }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/desk`))
