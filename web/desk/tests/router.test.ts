import { describe, expect, it } from 'vitest'
import { href, parse, type Route, withConversation } from '../router'

const read = (path: string): Route => parse(new URL(path, 'https://kk.example'))

describe('addresses', () => {
  it.each<[string, Route]>([
    ['/desk', { view: 'list', list: 'waiting', id: null }],
    ['/desk/', { view: 'list', list: 'waiting', id: null }],
    ['/desk/mine/a%2Fb', { view: 'list', list: 'mine', id: 'a/b' }],
    ['/desk/search?q=pas%20%26%20id', { view: 'search', q: 'pas & id', id: null }],
    ['/desk/search/c1?q=pas', { view: 'search', q: 'pas', id: 'c1' }],
    ['/desk/admin/dead-letters', { view: 'admin', page: 'dead-letters' }],
    ['/desk/welcome/token', { view: 'welcome', token: 'token' }],
  ])('%s is read, and written again', (path, route) => {
    expect(read(path)).toEqual(route)
    expect(read(href(route))).toEqual(route)
  })

  it.each(['/', '/desk/nowhere', '/desk/admin/secrets', '/desk/mine/a/b', '/desk/welcome', '/desk/oidc/login'])(
    '%s leads nowhere',
    (path) => {
      expect(read(path)).toEqual({ view: 'unknown' })
    },
  )

  it('survives what no browser would write', () => {
    expect(read('/desk/mine/%E0%A4%A')).toMatchObject({ view: 'list', id: '%E0%A4%A' })
  })

  it('opens a conversation within the list or search that is shown', () => {
    expect(withConversation(read('/desk/team'), 'c1')).toEqual({ view: 'list', list: 'team', id: 'c1' })
    expect(withConversation(read('/desk/search?q=pas'), 'c1')).toEqual({ view: 'search', q: 'pas', id: 'c1' })
  })
})
