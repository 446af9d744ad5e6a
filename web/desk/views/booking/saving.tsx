/** What the dialogs of the supply have in common. */
import type { ComponentChildren, JSX } from 'preact'
import type { Changed } from '../../booking/contract'
import { savedText } from '../../booking/words'
import { t } from '../../i18n'
import { useDesk } from '../context'
import { Modal } from '../parts'

interface Props {
  title: string
  save: () => Promise<Changed>
  onClose: () => void
  onSaved: () => void
  wide?: boolean
  children: ComponentChildren
}

/** A form in a dialog. What is wrong is said in it, and what was typed stays. */
export function SaveDialog({ title, save, onClose, onSaved, wide, children }: Props): JSX.Element {
  const saving = useSaving(onSaved)
  const desk = useDesk()
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null
  return (
    <Modal title={title} onClose={onClose} wide={wide ?? false}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          saving(save)
        }}
      >
        {problem && <p class="problem-box">{problem}</p>}
        {children}
        <div class="buttons">
          <button class="primary" aria-disabled={desk.busy.value} data-testid="save">
            {t('save')}
          </button>
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** Changes the supply, and tells how many appointments that leaves outside the hours. */
export function useSaving(onSaved: () => void): (save: () => Promise<Changed>) => void {
  const desk = useDesk()
  return (save) => {
    let changed: Changed = { stranded: 0 }
    void desk
      .attempt(async () => (changed = await save()))
      .then((worked) => {
        if (!worked) return
        desk.notices.done(savedText(changed.stranded))
        onSaved()
      })
  }
}

/** The badges that a place or a person may have. */
export function Marks({ example, active }: { example: boolean; active: boolean }): JSX.Element {
  return (
    <>
      {example && <span class="badge">{t('example')}</span>} {!active && <span class="badge">{t('retired')}</span>}
    </>
  )
}

export function Tick({ label, checked, onTick }: { label: string; checked: boolean; onTick: (on: boolean) => void }): JSX.Element {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onTick(event.currentTarget.checked)} />
      {label}
    </label>
  )
}
