import { BorgerGuide, setDefaultBase } from './element'

const NAME = 'borger-guide'

function begin(): void {
  // Embedded twice, by the page and by a tag manager: the first one counts.
  if (customElements.get(NAME)) return
  // Only while the script runs is it known where it came from.
  const script = document.currentScript
  if (script instanceof HTMLScriptElement && script.src) setDefaultBase(new URL(script.src).origin)
  customElements.define(NAME, BorgerGuide)
  const append = (): void => {
    if (!document.querySelector(NAME)) document.body.append(document.createElement(NAME))
  }
  // Without `defer` the page is not read to its end yet, and its own element may still come.
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', append, { once: true })
  else append()
}

begin()
