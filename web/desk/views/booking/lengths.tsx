/** What can be booked, and how long it takes. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ServiceSetup, Setup } from '../../booking/contract'
import { t } from '../../i18n'
import { useLoaded } from '../context'
import { Choose, Modal, PageHead, TextField, Waiting } from '../parts'
import { useBooking } from './day'
import { SaveDialog, useSaving } from './saving'

const NEW: ServiceSetup = { service: { id: '', title: '' }, first_minutes: 15, more_minutes: 10, max_persons: 8 }

export function Lengths(): JSX.Element {
  const api = useBooking()
  const setup = useLoaded(() => api.setup())
  const [editing, setEditing] = useState<ServiceSetup | null>(null)
  const [removing, setRemoving] = useState<ServiceSetup | null>(null)
  const [rule, setRule] = useState<Setup['visit'] | null>(null)
  const saved = (): void => {
    setEditing(null)
    setRemoving(null)
    setRule(null)
    setup.reload()
  }
  const saving = useSaving(saved)
  return (
    <>
      <PageHead title="booking_page_lengths">
        <button type="button" class="primary" onClick={() => setEditing(NEW)} data-testid="add-length">
          {t('length_add')}
        </button>
      </PageHead>
      <Waiting of={setup} />
      {setup.data && (
        <>
          <section class="line-head">
            <h2>{t('visit_rule')}</h2>
            <p>
              {t('visit_rule_text', { opening: setup.data.visit.opening_minutes, longest: setup.data.visit.max_minutes })}
            </p>
            <button type="button" onClick={() => setRule(setup.data!.visit)}>
              {t('edit')} <span class="sr">{t('visit_rule')}</span>
            </button>
          </section>
          <ul class="cards">
            {setup.data.services.map((one) => (
              <li key={one.service.id} data-testid="length">
                <h2>{one.service.title}</h2>
                <p>{t('length_of', { first: one.first_minutes, more: one.more_minutes, persons: one.max_persons })}</p>
                <div class="buttons">
                  <button type="button" onClick={() => setEditing(one)}>
                    {t('edit')} <span class="sr">{one.service.title}</span>
                  </button>
                  <button type="button" onClick={() => setRemoving(one)}>
                    {t('length_remove')} <span class="sr">{one.service.title}</span>
                  </button>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
      {editing && setup.data && <LengthDialog length={editing} setup={setup.data} onClose={() => setEditing(null)} onSaved={saved} />}
      {rule && <RuleDialog rule={rule} onClose={() => setRule(null)} onSaved={saved} />}
      {removing && (
        <Modal title={t('length_remove')} onClose={() => setRemoving(null)}>
          <p>{t('length_remove_sure', { name: removing.service.title })}</p>
          <div class="buttons">
            <button type="button" class="danger" onClick={() => saving(() => api.dropService(removing.service.id))}>
              {t('length_remove')}
            </button>
            <button type="button" onClick={() => setRemoving(null)}>
              {t('cancel')}
            </button>
          </div>
        </Modal>
      )}
    </>
  )
}

interface DialogProps {
  length: ServiceSetup
  setup: Setup
  onClose: () => void
  onSaved: () => void
}

function LengthDialog({ length, setup, onClose, onSaved }: DialogProps): JSX.Element {
  const api = useBooking()
  const isNew = length.service.id === ''
  const [form, setForm] = useState(() => (isNew ? { ...length, service: setup.known_services[0] ?? length.service } : length))
  const number = (name: 'first_minutes' | 'more_minutes' | 'max_persons', label: string, min: number, max: number): JSX.Element => (
    <TextField
      label={label}
      type="number"
      required
      min={min}
      max={max}
      value={String(form[name])}
      onText={(text) => setForm((before) => ({ ...before, [name]: Number(text) }))}
    />
  )
  return (
    <SaveDialog
      title={isNew ? t('length_add') : length.service.title}
      save={() => api.saveService(form)}
      onClose={onClose}
      onSaved={onSaved}
    >
      {isNew && (
        <Choose
          label={t('service')}
          value={form.service.id}
          options={setup.known_services.map((one) => [one.id, one.title] as const)}
          onChoose={(id) => setForm((before) => ({ ...before, service: { id, title: '' } }))}
        />
      )}
      {number('first_minutes', t('length_first'), 5, 480)}
      {number('more_minutes', t('length_more'), 0, 480)}
      {number('max_persons', t('length_persons'), 1, 50)}
    </SaveDialog>
  )
}

function RuleDialog(props: { rule: Setup['visit']; onClose: () => void; onSaved: () => void }): JSX.Element {
  const api = useBooking()
  const [opening, setOpening] = useState(String(props.rule.opening_minutes))
  const [longest, setLongest] = useState(String(props.rule.max_minutes))
  const save = () => api.saveVisit({ opening_minutes: Number(opening), max_minutes: Number(longest) })
  return (
    <SaveDialog title={t('visit_rule')} save={save} onClose={props.onClose} onSaved={props.onSaved}>
      <TextField label={t('visit_opening')} type="number" min={0} max={60} required value={opening} onText={setOpening} />
      <TextField label={t('visit_longest')} type="number" min={5} max={480} required value={longest} onText={setLongest} />
    </SaveDialog>
  )
}
