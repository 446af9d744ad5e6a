import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Card, Detail, KnowledgeHit } from '../contract'
import { coded, count, direction, t } from '../i18n'
import { sentenceOf } from '../state/desk'
import { CardView, Origin } from './card'
import { useDesk } from './context'
import { TextArea, TextField } from './parts'

/** The same entries that the citizen sees, in the citizen's language. */
export function Knowledge({ detail, canWrite }: { detail: Detail; canWrite: boolean }): JSX.Element {
  const desk = useDesk()
  const lang = detail.citizen.language
  const [text, setText] = useState('')
  const [hits, setHits] = useState<KnowledgeHit[] | null>(null)
  const [card, setCard] = useState<Card | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const turn = useRef(0)
  const box = useRef<HTMLDivElement>(null)

  const run = async <T,>(work: Promise<T>, done: (value: T) => void): Promise<void> => {
    const mine = ++turn.current
    try {
      const value = await work
      if (mine !== turn.current) return
      setProblem(null)
      done(value)
    } catch (error) {
      if (mine === turn.current) setProblem(sentenceOf(error))
    }
  }

  const find = (): void => {
    if (!text.trim()) return
    void run(desk.api.knowledge(text.trim(), lang), (items) => {
      setHits(items)
      setCard(null)
      desk.notices.say(count('found', items.length))
    })
  }

  const open = (service: string): void =>
    void run(desk.api.card(service, lang), (found) => {
      setCard(found)
      setTimeout(() => box.current?.focus())
    })

  const attach = (found: Card): void => {
    desk.drafts.set(detail.conversation.id, { card: { service: found.service, title: found.title } })
    desk.notices.say(t('card_attached', { title: found.title }))
    document.getElementById('reply')?.focus()
  }

  return (
    <section class="knowledge">
      <h3>{t('knowledge')}</h3>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          find()
        }}
      >
        <TextField label={t('knowledge_find')} type="search" value={text} onText={setText} />
        <button>{t('search')}</button>
      </form>
      {problem && (
        <p class="problem-box" role="alert">
          {problem}
        </p>
      )}
      {card ? (
        <div class="opened-card" ref={box} tabIndex={-1} aria-label={card.title} role="group">
          <button type="button" class="plain" onClick={() => setCard(null)}>
            {t('knowledge_back')}
          </button>
          <CardView card={card} lang={lang} />
          {canWrite && (
            <button type="button" class="primary" onClick={() => attach(card)} data-testid="attach-card">
              {t('attach')}
            </button>
          )}
          <Report service={card.service} />
        </div>
      ) : (
        <>
          {hits?.length === 0 && <p class="quiet">{t('found_nothing')}</p>}
          <ul class="picks">
            {hits?.map((hit) => (
              <li key={hit.service}>
                <button type="button" class="pick" onClick={() => open(hit.service)} data-testid="hit">
                  <strong lang={lang} dir={direction(lang)}>
                    {hit.title}
                  </strong>
                  <span lang={lang} dir={direction(lang)}>
                    {hit.summary}
                  </span>
                </button>
                <Origin source={hit.source} checked={hit.checked} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const KINDS = ['wrong', 'missing'] as const

/** To those who keep the entries: they hear it the same day. */
function Report({ service }: { service: string }): JSX.Element {
  const desk = useDesk()
  const [kind, setKind] = useState<(typeof KINDS)[number]>('wrong')
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  return (
    <details class="report" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('report')}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!text.trim()) return
          void desk.attempt(() => desk.api.report(service, kind, text.trim()), t('done_report')).then((worked) => {
            if (!worked) return
            setText('')
            setOpen(false)
          })
        }}
      >
        <fieldset>
          <legend>{t('report_kind')}</legend>
          {KINDS.map((one) => (
            <label class="tick" key={one}>
              <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
              {coded('report', one)}
            </label>
          ))}
        </fieldset>
        <TextArea label={t('report_text')} hint={t('report_hint')} value={text} required onText={setText} />
        <button>{t('report_send')}</button>
      </form>
    </details>
  )
}
