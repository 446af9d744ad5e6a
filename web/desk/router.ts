/** Addresses of the desk, as data: `/desk/mine/abc` is a list with one conversation open. */
import { signal } from '@preact/signals'
import { query } from './api'
import { LISTS, type ListName } from './contract'

export const ADMIN_PAGES = [
  'statistics',
  'members',
  'teams',
  'canned',
  'knowledge',
  'dead-letters',
  'audit',
] as const
export type AdminPage = (typeof ADMIN_PAGES)[number]

export const BOOKING_PAGES = ['day', 'places', 'caseworkers', 'lengths', 'days'] as const
export type BookingPage = (typeof BOOKING_PAGES)[number]

export type Route =
  | { view: 'list'; list: ListName; id: string | null }
  | { view: 'search'; q: string; id: string | null }
  | { view: 'admin'; page: AdminPage }
  | { view: 'booking'; page: BookingPage; place: string; date: string }
  | { view: 'welcome'; token: string }
  | { view: 'unknown' }

const ROOT = '/desk'

/** Reads an address. The root is the list of those who wait. */
export function parse(url: URL): Route {
  const parts = url.pathname.split('/').filter(Boolean).map(decoded)
  if (parts[0] !== 'desk') return { view: 'unknown' }
  const [, first = 'waiting', second, ...rest] = parts
  if (rest.length) return { view: 'unknown' }
  if ((LISTS as readonly string[]).includes(first)) return { view: 'list', list: first as ListName, id: second ?? null }
  if (first === 'search') return { view: 'search', q: url.searchParams.get('q') ?? '', id: second ?? null }
  if (first === 'welcome' && second) return { view: 'welcome', token: second }
  if (first === 'admin' && (ADMIN_PAGES as readonly string[]).includes(second ?? '')) {
    return { view: 'admin', page: second as AdminPage }
  }
  if (first === 'booking' && (BOOKING_PAGES as readonly string[]).includes(second ?? '')) {
    const [place, date] = ['place', 'date'].map((name) => url.searchParams.get(name) ?? '') as [string, string]
    return { view: 'booking', page: second as BookingPage, place, date }
  }
  return { view: 'unknown' }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Writes an address; `parse` reads it back. */
export function href(route: Route): string {
  const id = 'id' in route && route.id ? `/${encodeURIComponent(route.id)}` : ''
  switch (route.view) {
    case 'list':
      return `${ROOT}/${route.list}${id}`
    case 'search':
      return `${ROOT}/search${id}${route.q ? `?q=${encodeURIComponent(route.q)}` : ''}`
    case 'admin':
      return `${ROOT}/admin/${route.page}`
    case 'booking':
      return `${ROOT}/booking/${route.page}${query({ place: route.place, date: route.date })}`
    case 'welcome':
      return `${ROOT}/welcome/${encodeURIComponent(route.token)}`
    case 'unknown':
      return ROOT
  }
}

/** The same address with another conversation, or with none. */
export function withConversation(route: Route, id: string | null): Route {
  if (route.view === 'list' || route.view === 'search') return { ...route, id }
  return { view: 'list', list: 'waiting', id }
}

export const route = signal<Route>({ view: 'unknown' })

/** Goes there. `replace` leaves no entry to come back to. */
export function go(to: Route, replace = false): void {
  const address = href(to)
  if (address !== location.pathname + location.search) {
    history[replace ? 'replaceState' : 'pushState'](null, '', address)
  }
  route.value = to
}

/** Follows the address bar, and links of the desk without loading the page anew. */
export function startRouter(): void {
  const read = (): void => void (route.value = parse(new URL(location.href)))
  read()
  addEventListener('popstate', read)
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download')) return
    const url = new URL(link.href)
    if (url.origin !== location.origin) return
    const to = parse(url)
    if (to.view === 'unknown') return
    event.preventDefault()
    go(to)
  })
}
