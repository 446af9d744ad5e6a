import type { JSX } from 'preact'
import { language, t, UI_LANGUAGES, type UiLanguage, Words } from '../i18n'
import { useDesk } from './context'

export function LanguageChoice(): JSX.Element {
  const desk = useDesk()
  return (
    <label class="language">
      <span>{t('language')}</span>
      <select
        value={language.value}
        onChange={(event) => void desk.chooseLanguage(event.currentTarget.value as UiLanguage)}
      >
        {UI_LANGUAGES.map((code) => (
          <option key={code} value={code} lang={code}>
            {new Words(code).languageName(code)}
          </option>
        ))}
      </select>
    </label>
  )
}
