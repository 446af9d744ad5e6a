/** The routes of /api/desk/booking as functions. */
import { query } from '../api'
import type { Http } from '../http'
import type {
  CaseworkerSetup,
  Changed,
  Closure,
  Day,
  History,
  OtherDay,
  Place,
  PlaceSetup,
  Rule,
  ServiceSetup,
  Setup,
  Step,
  Visit,
} from './contract'

const BASE = '/api/desk/booking'
const path = (...parts: (string | number)[]): string => [BASE, ...parts.map(encodeURIComponent)].join('/')

export class BookingApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  // The day.
  places(): Promise<{ items: Place[]; zone: string; today: string }> {
    return this.#http.json('GET', path('places'))
  }
  day(place: string, date: string): Promise<Day> {
    return this.#http.json('GET', path('places', place, 'days', date))
  }
  async callNext(place: string, caseworker: string): Promise<Visit | null> {
    return (await this.#http.json<{ visit: Visit | null }>('POST', path('places', place, 'next'), { caseworker })).visit
  }
  takeNumber(
    place: string,
    who: { services: { service: string; persons: number }[]; language: string | null; name: string },
  ): Promise<Visit> {
    return this.#http.json('POST', path('places', place, 'numbers'), who)
  }
  step(id: string, step: Step, caseworker: string | null): Promise<Visit> {
    return this.#http.json('POST', path('appointments', id, 'steps', step), { caseworker })
  }
  history(id: string): Promise<History> {
    return this.#http.json('GET', path('appointments', id))
  }
  find(reference: string): Promise<Visit> {
    return this.#http.json('GET', path('appointments') + query({ reference }))
  }
  async outside(): Promise<Visit[]> {
    return (await this.#http.json<{ items: Visit[] }>('GET', path('outside'))).items
  }
  async times(id: string, place: string, since: string): Promise<{ at: string; place: string }[]> {
    const address = path('appointments', id, 'times') + query({ place, since })
    return (await this.#http.json<{ items: { at: string; place: string }[] }>('GET', address)).items
  }
  move(id: string, place: string, at: string): Promise<Visit> {
    return this.#http.json('POST', path('appointments', id, 'move'), { place, at })
  }
  cancel(id: string): Promise<Visit> {
    return this.#http.json('POST', path('appointments', id, 'cancel'))
  }

  // What can be booked.
  setup(): Promise<Setup> {
    return this.#http.json('GET', path('supply'))
  }
  savePlace(place: Omit<PlaceSetup, 'hours'>, isNew: boolean): Promise<Changed> {
    const { id, ...fields } = place
    return isNew
      ? this.#http.json('POST', path('supply', 'places'), place)
      : this.#http.json('PUT', path('supply', 'places', id), fields)
  }
  saveHours(place: string, rules: Rule[]): Promise<Changed> {
    return this.#http.json('PUT', path('supply', 'places', place, 'hours'), { rules })
  }
  saveCaseworker(person: Omit<CaseworkerSetup, 'at'>, isNew: boolean): Promise<Changed> {
    const { id, ...fields } = person
    return isNew
      ? this.#http.json('POST', path('supply', 'caseworkers'), person)
      : this.#http.json('PUT', path('supply', 'caseworkers', id), fields)
  }
  saveWork(person: string, place: string, rules: Rule[]): Promise<Changed> {
    return this.#http.json('PUT', path('supply', 'caseworkers', person, 'hours', place), { rules })
  }
  saveService({ service, ...fields }: ServiceSetup): Promise<Changed> {
    return this.#http.json('PUT', path('supply', 'services', service.id), fields)
  }
  dropService(service: string): Promise<Changed> {
    return this.#http.json('DELETE', path('supply', 'services', service))
  }
  saveVisit(rule: Setup['visit']): Promise<Changed> {
    return this.#http.json('PUT', path('supply', 'visit'), rule)
  }
  addException(day: OtherDay): Promise<Changed> {
    return this.#http.json('POST', path('supply', 'exceptions'), day)
  }
  dropException(number: number): Promise<Changed> {
    return this.#http.json('DELETE', path('supply', 'exceptions', number))
  }
  saveClosure(closure: Closure): Promise<Changed> {
    return this.#http.json('PUT', path('supply', 'closures'), closure)
  }
  dropClosure(month: number, day: number): Promise<Changed> {
    return this.#http.json('DELETE', path('supply', 'closures', month, day))
  }
}
