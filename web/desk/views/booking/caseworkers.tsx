/** Who sees citizens: what they can do, what they speak, and when they are where. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { CaseworkerSetup, Rule, Setup } from '../../booking/contract'
import { languageName } from '../../booking/words'
import { t } from '../../i18n'
import { listed } from '../admin/members'
import { teamId } from '../admin/teams'
import { useLoaded } from '../context'
import { PageHead, TextField, Ticks, Waiting } from '../parts'
import { useBooking } from './day'
import { HoursDialog, HoursTable } from './hours-dialog'
import { Marks, SaveDialog, Tick } from './saving'

const NEW: CaseworkerSetup = {
  id: '',
  name: '',
  services: [],
  languages: ['da'],
  capacity: 1,
  example: false,
  active: true,
  at: [],
}

interface Work {
  person: CaseworkerSetup
  place: string
  rules: Rule[]
}

export function Caseworkers(): JSX.Element {
  const api = useBooking()
  const setup = useLoaded(() => api.setup())
  const [editing, setEditing] = useState<CaseworkerSetup | null>(null)
  const [work, setWork] = useState<Work | null>(null)
  const placeName = (id: string): string => setup.data?.places.find((place) => place.id === id)?.name ?? id
  const titles = new Map(setup.data?.services.map(({ service }) => [service.id, service.title]))
  const saved = (): void => {
    setEditing(null)
    setWork(null)
    setup.reload()
  }
  return (
    <>
      <PageHead title="booking_page_caseworkers">
        <button type="button" class="primary" onClick={() => setEditing(NEW)} data-testid="add-caseworker">
          {t('caseworker_add')}
        </button>
      </PageHead>
      <Waiting of={setup} />
      <ul class="cards">
        {setup.data?.caseworkers.map((person) => (
          <li key={person.id} data-testid="caseworker">
            <h2>
              {person.name} <Marks example={person.example} active={person.active} />
            </h2>
            <p>{person.services.map((id) => titles.get(id)).filter(Boolean).join(', ') || t('services_none')}</p>
            <p class="quiet">{person.languages.map(languageName).join(', ')}</p>
            {person.capacity > 1 && (
              <p class="quiet">
                {t('caseworker_capacity')}: {person.capacity}
              </p>
            )}
            {person.at.length === 0 && <p class="quiet">{t('hours_none_yet')}</p>}
            {person.at.map(({ place, hours }) => (
              <details key={place}>
                <summary>{placeName(place)}</summary>
                <HoursTable rules={hours} />
                <button type="button" onClick={() => setWork({ person, place, rules: hours })}>
                  {t('edit_hours')} <span class="sr">{t('hours_at', { name: person.name, place: placeName(place) })}</span>
                </button>
              </details>
            ))}
            <div class="buttons">
              <button type="button" onClick={() => setEditing(person)} data-testid="edit-caseworker">
                {t('edit')} <span class="sr">{person.name}</span>
              </button>
              <AddWork setup={setup.data!} person={person} onAdd={(place) => setWork({ person, place, rules: [] })} />
            </div>
          </li>
        ))}
      </ul>
      {editing && setup.data && (
        <CaseworkerDialog person={editing} setup={setup.data} onClose={() => setEditing(null)} onSaved={saved} />
      )}
      {work && (
        <HoursDialog
          title={t('hours_at', { name: work.person.name, place: placeName(work.place) })}
          rules={work.rules}
          save={(rules) => api.saveWork(work.person.id, work.place, rules)}
          onClose={() => setWork(null)}
          onSaved={saved}
        />
      )}
    </>
  )
}

function AddWork(props: { setup: Setup; person: CaseworkerSetup; onAdd: (place: string) => void }): JSX.Element | null {
  const { setup, person, onAdd } = props
  const free = setup.places.filter((place) => place.active && person.at.every((one) => one.place !== place.id))
  if (free.length === 0) return null
  return (
    <label class="inline">
      <span class="sr">
        {t('work_add')} {person.name}
      </span>
      <select value="" onChange={(event) => event.currentTarget.value && onAdd(event.currentTarget.value)}>
        <option value="">{t('work_add')} …</option>
        {free.map((place) => (
          <option key={place.id} value={place.id}>
            {place.name}
          </option>
        ))}
      </select>
    </label>
  )
}

interface DialogProps {
  person: CaseworkerSetup
  setup: Setup
  onClose: () => void
  onSaved: () => void
}

function CaseworkerDialog({ person, setup, onClose, onSaved }: DialogProps): JSX.Element {
  const api = useBooking()
  const isNew = person.id === ''
  const [form, setForm] = useState(person)
  const [languages, setLanguages] = useState(person.languages.join(', '))
  const set = (change: Partial<CaseworkerSetup>): void => setForm((before) => ({ ...before, ...change }))
  const known = new Set(setup.services.map(({ service }) => service.id))
  const save = () => {
    const { at, ...fields } = form
    const services = form.services.filter((id) => known.has(id))
    return api.saveCaseworker({ ...fields, services, languages: listed(languages), id: person.id || teamId(form.name) }, isNew)
  }
  return (
    <SaveDialog title={isNew ? t('caseworker_add') : person.name} save={save} onClose={onClose} onSaved={onSaved}>
      <TextField label={t('name')} required maxLength={120} value={form.name} onText={(name) => set({ name })} />
      <div class="columns-of-ticks">
        <Ticks
          legend={t('caseworker_services')}
          options={setup.services.map(({ service }) => [service.id, service.title] as const)}
          chosen={form.services}
          onChoose={(services) => set({ services })}
        />
      </div>
      <button type="button" onClick={() => set({ services: [...known] })}>
        {t('caseworker_all')}
      </button>
      <TextField
        label={t('caseworker_languages')}
        hint={t('caseworker_languages_hint')}
        required
        value={languages}
        onText={setLanguages}
      />
      <TextField
        label={t('caseworker_capacity')}
        type="number"
        min={1}
        max={20}
        required
        value={String(form.capacity)}
        onText={(text) => set({ capacity: Number(text) })}
      />
      <Tick label={t('caseworker_example')} checked={form.example} onTick={(example) => set({ example })} />
      <Tick label={t('caseworker_active')} checked={form.active} onTick={(active) => set({ active })} />
    </SaveDialog>
  )
}
