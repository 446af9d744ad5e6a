/** Where times can be booked. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Kind, KINDS, type PlaceSetup, type Setup } from '../../booking/contract'
import { coded, t } from '../../i18n'
import { teamId } from '../admin/teams'
import { useLoaded } from '../context'
import { Choose, PageHead, TextField, Waiting } from '../parts'
import { useBooking } from './day'
import { HoursDialog, HoursTable } from './hours-dialog'
import { Marks, SaveDialog, Tick } from './saving'

const NEW: PlaceSetup = {
  id: '',
  name: '',
  kind: 'in_person',
  address: '',
  lead_minutes: 60,
  horizon_days: 90,
  step_minutes: 15,
  example: false,
  active: true,
  team: null,
  hours: [],
}

export function Places(): JSX.Element {
  const api = useBooking()
  const setup = useLoaded(() => api.setup())
  const [editing, setEditing] = useState<PlaceSetup | null>(null)
  const [planning, setPlanning] = useState<PlaceSetup | null>(null)
  const saved = (): void => {
    setEditing(null)
    setPlanning(null)
    setup.reload()
  }
  return (
    <>
      <PageHead title="booking_page_places">
        <button type="button" class="primary" onClick={() => setEditing(NEW)} data-testid="add-place">
          {t('place_add')}
        </button>
      </PageHead>
      <Waiting of={setup} />
      <ul class="cards">
        {setup.data?.places.map((place) => (
          <li key={place.id} data-testid="place">
            <h2>
              {place.name} <Marks example={place.example} active={place.active} />
            </h2>
            <p class="quiet">{[coded('visit_kind', place.kind), place.address].filter(Boolean).join(' · ')}</p>
            <p class="quiet">
              {t('rules', { lead: place.lead_minutes, days: place.horizon_days, step: place.step_minutes })}
            </p>
            <HoursTable rules={place.hours} />
            {place.example && <p class="banner warn">{t('example_hours')}</p>}
            <div class="buttons">
              <button type="button" onClick={() => setEditing(place)} data-testid="edit-place">
                {t('edit')} <span class="sr">{place.name}</span>
              </button>
              <button type="button" onClick={() => setPlanning(place)} data-testid="edit-hours">
                {t('edit_hours')} <span class="sr">{place.name}</span>
              </button>
            </div>
          </li>
        ))}
      </ul>
      {editing && setup.data && <PlaceDialog place={editing} setup={setup.data} onClose={() => setEditing(null)} onSaved={saved} />}
      {planning && (
        <HoursDialog
          title={t('hours_of', { name: planning.name })}
          rules={planning.hours}
          save={(rules) => api.saveHours(planning.id, rules)}
          onClose={() => setPlanning(null)}
          onSaved={saved}
        />
      )}
    </>
  )
}

interface DialogProps {
  place: PlaceSetup
  setup: Setup
  onClose: () => void
  onSaved: () => void
}

function PlaceDialog({ place, setup, onClose, onSaved }: DialogProps): JSX.Element {
  const api = useBooking()
  const isNew = place.id === ''
  const [known, setKnown] = useState('')
  const [form, setForm] = useState(place)
  const set = (change: Partial<PlaceSetup>): void => setForm((before) => ({ ...before, ...change }))
  const number = (name: 'lead_minutes' | 'horizon_days' | 'step_minutes', label: string, min: number, max: number): JSX.Element => (
    <TextField
      label={label}
      type="number"
      required
      min={min}
      max={max}
      value={String(form[name])}
      onText={(text) => set({ [name]: Number(text) })}
    />
  )
  const choose = (id: string): void => {
    setKnown(id)
    const found = setup.known_places.find((one) => one.id === id)
    if (found) set({ name: found.name, address: found.address, kind: 'in_person', example: !found.verified })
  }
  const save = () => {
    const { hours, ...fields } = form
    // The guide knows which place is near by the ids of its own knowledge.
    return api.savePlace({ ...fields, id: place.id || known || teamId(form.name) }, isNew)
  }
  return (
    <SaveDialog title={isNew ? t('place_add') : place.name} save={save} onClose={onClose} onSaved={onSaved}>
      {isNew && (
        <Choose
          label={t('place_known')}
          value={known}
          options={[['', t('place_own')] as const, ...setup.known_places.map((one) => [one.id, one.name] as const)]}
          onChoose={choose}
        />
      )}
      <TextField label={t('name')} required maxLength={120} value={form.name} onText={(name) => set({ name })} />
      <Choose<Kind>
        label={t('place_kind')}
        value={form.kind}
        options={KINDS.map((kind) => [kind, coded('visit_kind', kind)] as const)}
        onChoose={(kind) => set({ kind })}
      />
      <TextField label={t('place_address')} maxLength={200} value={form.address} onText={(address) => set({ address })} />
      {number('lead_minutes', t('place_lead'), 0, 43200)}
      {number('horizon_days', t('place_horizon'), 1, 365)}
      {number('step_minutes', t('place_step'), 5, 240)}
      <Choose
        label={t('place_team')}
        value={form.team ?? ''}
        options={[['', t('place_team_none')] as const, ...setup.teams.map((team) => [team.id, team.name] as const)]}
        onChoose={(team) => set({ team: team || null })}
      />
      <Tick label={t('place_example')} checked={form.example} onTick={(example) => set({ example })} />
      <Tick label={t('place_active')} checked={form.active} onTick={(active) => set({ active })} />
    </SaveDialog>
  )
}
