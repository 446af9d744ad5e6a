/** Parts that many pages are made of. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { linkify, safeUrl } from '../../widget/linkify'
import { direction, t, type TextKey } from '../i18n'
import { keepFocus, type Loaded } from './context'

/** Plain text in its own language, with its addresses as links. Never markup. */
export function Speech({ text, lang, class: name }: { text: string; lang: string; class?: string }): JSX.Element {
  return (
    <p class={name} lang={lang} dir={direction(lang)}>
      {linkify(text).map((piece) => (piece.href ? <Outside href={piece.href}>{piece.text}</Outside> : piece.text))}
    </p>
  )
}

/** A link that leads away. An address that we do not trust leaves only its text. */
export function Outside({ href, children }: { href: string; children: ComponentChildren }): JSX.Element {
  const safe = safeUrl(href)
  if (!safe) return <>{children}</>
  if (!safe.startsWith('http')) return <a href={safe}>{children}</a>
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {children}
      <span class="sr"> ({t('new_tab')})</span>
    </a>
  )
}

interface FieldProps {
  label: string
  hint?: string
  problem?: string | null
  children: (ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => JSX.Element
}

/** A label, what it belongs to, and what is wrong with it. */
export function Field({ label, hint, problem, children }: FieldProps): JSX.Element {
  const id = useId()
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        ...(described ? { 'aria-describedby': described } : {}),
        ...(problem ? { 'aria-invalid': true } : {}),
      })}
      {problem && (
        <p class="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

interface TextFieldProps {
  label: string
  hint?: string
  problem?: string | null
  value: string
  onText: (text: string) => void
  type?: 'text' | 'email' | 'password' | 'search' | 'number' | 'date' | 'time' | 'datetime-local'
  autocomplete?: string
  inputMode?: 'text' | 'numeric'
  required?: boolean
  pattern?: string
  title?: string
  minLength?: number
  maxLength?: number
  min?: string | number
  max?: string | number
}

export function TextField({ label, hint, problem, onText, type = 'text', ...input }: TextFieldProps): JSX.Element {
  return (
    <Field label={label} {...(hint ? { hint } : {})} problem={problem ?? null}>
      {(ids) => (
        <input
          // Preact types each kind of input on its own; here the kind is not known.
          {...({ type, ...input } as object)}
          {...ids}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

interface TextAreaProps {
  label: string
  hint?: string
  value: string
  rows?: number
  required?: boolean
  onText: (text: string) => void
}

export function TextArea({ label, hint, value, rows = 3, required, onText }: TextAreaProps): JSX.Element {
  return (
    <Field label={label} {...(hint ? { hint } : {})}>
      {(ids) => (
        <textarea
          {...ids}
          rows={rows}
          dir="auto"
          required={required ?? false}
          value={value}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export function Choose<T extends string>(props: {
  label: string
  hint?: string
  value: T
  options: readonly (readonly [T, string])[]
  onChoose: (value: T) => void
}): JSX.Element {
  const { label, hint, value, options, onChoose } = props
  return (
    <Field label={label} {...(hint ? { hint } : {})}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChoose(event.currentTarget.value as T)}>
          {options.map(([code, text]) => (
            <option key={code} value={code}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Several of several, by tick. */
export function Ticks(props: {
  legend: string
  options: readonly (readonly [string, string])[]
  chosen: readonly string[]
  onChoose: (chosen: string[]) => void
}): JSX.Element {
  const { legend, options, chosen, onChoose } = props
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map(([code, text]) => (
        <label class="tick" key={code}>
          <input
            type="checkbox"
            checked={chosen.includes(code)}
            onChange={(event) =>
              onChoose(event.currentTarget.checked ? [...chosen, code] : chosen.filter((one) => one !== code))
            }
          />
          {text}
        </label>
      ))}
    </fieldset>
  )
}

/** A dialog above everything else; closing it puts the focus back to where it was. */
export function Modal(props: {
  title: string
  onClose: () => void
  children: ComponentChildren
  wide?: boolean
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current!
    const before = document.activeElement
    element.showModal()
    // The first thing to fill in, rather than the way out again.
    element.querySelector<HTMLElement>('form :is(input, select, textarea)')?.focus()
    return () => {
      element.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
      keepFocus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={props.wide ? 'modal wide' : 'modal'}
      aria-labelledby={id}
      onCancel={(event) => {
        // Ours to close: the state that shows it has to know.
        event.preventDefault()
        props.onClose()
      }}
    >
      <div class="modal-head">
        <h2 id={id}>{props.title}</h2>
        <button type="button" class="plain" onClick={props.onClose}>
          {t('close')}
        </button>
      </div>
      {props.children}
    </dialog>
  )
}

/** What a page says while it has nothing to show, and when it could not read. */
export function Waiting({ of }: { of: Loaded<unknown> }): JSX.Element | null {
  if (of.problem !== null) {
    return (
      <div class="problem-box" role="alert">
        <p>{of.problem}</p>
        <button type="button" onClick={of.reload}>
          {t('try_again')}
        </button>
      </div>
    )
  }
  return of.data === null ? <p class="quiet">{t('loading')}</p> : null
}

const ICONS = {
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20',
  menu: 'M4 7h16M4 12h16M4 17h16',
  back: 'M14 6l-6 6 6 6',
  sound: 'M5 10v4h3l4 4V6L8 10zM16 9a4 4 0 0 1 0 6',
  mute: 'M5 10v4h3l4 4V6L8 10zM16 10l4 4M20 10l-4 4',
  keys: 'M3 7h18v10H3zM7 10.5h.01M11 10.5h.01M15 10.5h.01M8 14h8',
}

export function Icon({ name }: { name: keyof typeof ICONS }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  )
}

export function PageHead({ title, children }: { title: TextKey; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="page-head">
      <h1 id="page" tabIndex={-1}>
        {t(title)}
      </h1>
      {children}
    </div>
  )
}
