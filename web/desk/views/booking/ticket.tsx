import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Place, Staff, Visit } from '../../booking/contract'
import { languageName } from '../../booking/words'
import { t } from '../../i18n'
import { useDesk } from '../context'
import { Choose, Modal, TextField, Ticks } from '../parts'
import { useBooking } from './day'

interface Props {
  place: Place
  staff: Staff[]
  onClose: () => void
  onGiven: (visit: Visit) => void
}

/** A number of the day for somebody without an appointment. */
export function TicketDialog({ place, staff, onClose, onGiven }: Props): JSX.Element {
  const desk = useDesk()
  const api = useBooking()
  const [services, setServices] = useState<string[]>([])
  const [persons, setPersons] = useState('1')
  const [language, setLanguage] = useState('')
  const [name, setName] = useState('')
  const offered = new Map(staff.flatMap((one) => one.services.map((service) => [service.id, service.title] as const)))
  const spoken = [...new Set(staff.flatMap((one) => one.languages))]
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null

  const give = async (): Promise<void> => {
    const wishes = services.map((service) => ({ service, persons: Number(persons) }))
    let made: Visit | null = null
    const worked = await desk.attempt(
      async () => (made = await api.takeNumber(place.id, { services: wishes, language: language || null, name })),
    )
    if (worked && made) onGiven(made)
  }
  return (
    <Modal title={t('ticket_title')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void give()
        }}
      >
        {problem && <p class="problem-box">{problem}</p>}
        <div class="columns-of-ticks">
          <Ticks
            legend={t('ticket_services')}
            options={[...offered].sort((a, b) => a[1].localeCompare(b[1]))}
            chosen={services}
            onChoose={setServices}
          />
        </div>
        <TextField label={t('ticket_persons')} type="number" min={1} max={50} required value={persons} onText={setPersons} />
        <Choose
          label={t('ticket_language')}
          value={language}
          options={[['', t('ticket_any')] as const, ...spoken.map((code) => [code, languageName(code)] as const)]}
          onChoose={setLanguage}
        />
        <TextField label={t('name')} maxLength={120} value={name} onText={setName} />
        <div class="buttons">
          <button class="primary" aria-disabled={desk.busy.value} data-testid="confirm">
            {t('take_number')}
          </button>
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}
