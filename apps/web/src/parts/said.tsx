// A text that somebody else wrote: isolated from the line around it, with nothing unseen in it and nothing of it markup.
// What counts as unseen is decide-text.ts.
import { Fragment, type ReactNode, useState } from 'react'
import { codeName, cutText, plainText, stretchesOf } from './decide-text.ts'

const inListLetters = 160
const inFullLetters = 600

const shown = (text: string): ReactNode =>
  stretchesOf(text).map((stretch, at) =>
    'text' in stretch ? (
      <Fragment key={at}>{stretch.text}</Fragment>
    ) : (
      <span key={at} className="control">
        {codeName(stretch.code)}
      </span>
    ),
  )

/** In a line or a cell; the whole text is in its title. */
export const Said = ({ text }: { readonly text: string }) => {
  const { text: start, isCut } = cutText(text, inListLetters)
  const title = plainText(cutText(text, 2000).text)
  return (
    <bdi className="said" title={title}>
      {shown(start)}
      {isCut && '…'}
    </bdi>
  )
}

/** Where it is what the page is about: long texts open on demand. */
export const SaidInFull = ({ text }: { readonly text: string }) => {
  const [isOpen, setOpen] = useState(false)
  const { text: start, isCut } = cutText(text, inFullLetters)
  return (
    <>
      <bdi className="said">
        {shown(isOpen ? text : start)}
        {isCut && !isOpen && '…'}
      </bdi>
      {isCut && (
        <button type="button" className="button" data-tone="quiet" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show all ${text.length.toLocaleString()} characters`}
        </button>
      )}
    </>
  )
}
