// The editor of a policy document: YAML with completion, faults where they are, and what changed against another text.
// What is wrong with the text is said from outside; loaded only by who opens a policy.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionKeymap,
  selectedCompletion,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { unifiedMergeView } from '@codemirror/merge'
import { Compartment, EditorState, type Extension, type Text } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { PolicyFault } from '@muster/contract'
import { useEffect, useRef } from 'react'
import { offersAt } from './complete.ts'

export interface EditorSaid {
  readonly text: string
  readonly onChange: (text: string) => void
  /** The key for it was pressed. */
  readonly onSave: () => void
  readonly errors: readonly PolicyFault[]
  readonly warnings: readonly PolicyFault[]
  /** What the text is compared with; null shows the text alone. */
  readonly against: string | null
  readonly isReadOnly: boolean
  /** Where the cursor has to go, each time anew. */
  readonly goTo: Pick<PolicyFault, 'line' | 'column'> | null
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: [tags.string, tags.content], color: 'var(--ink)' },
  { tag: [tags.bool, tags.number, tags.keyword], color: 'var(--notable)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--ink-faint)' },
  { tag: [tags.punctuation, tags.separator], color: 'var(--ink-soft)' },
])

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--ink)', fontSize: 'var(--size-body)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', minHeight: '22rem', maxHeight: '60dvh' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-faint)', borderColor: 'var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', borderColor: 'var(--line)', color: 'var(--ink)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--chosen)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--ink-soft)', fontStyle: 'normal' },
  '.cm-changedLine': { backgroundColor: 'var(--good-wash) !important' },
  '.cm-changedText': { background: 'none !important', textDecoration: 'underline' },
  '.cm-deletedChunk': { backgroundColor: 'var(--critical-wash)' },
  '.cm-deletedChunk .cm-deletedText': { background: 'none', textDecoration: 'line-through' },
})

const completionOf = ({ word, says, isKey }: { word: string; says: string; isKey: boolean }): Completion => ({
  label: word,
  detail: says,
  type: isKey ? 'property' : 'enum',
  apply: isKey ? `${word}: ` : word,
})

const complete = ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
  const found = offersAt(state.sliceDoc(0, pos))
  if (found === null || (found.typed === 0 && !explicit)) return null
  return { from: pos - found.typed, options: found.offers.map(completionOf), validFor: /^[\w./-]*$/ }
}

/** Enter ends the line where the word offered stands there already: an offer that changes nothing must not swallow it. */
const endLine = (view: EditorView): boolean => {
  const { state } = view
  const apply = selectedCompletion(state)?.apply
  const { head } = state.selection.main
  if (typeof apply === 'string' && state.sliceDoc(Math.max(0, head - apply.length), head) === apply)
    closeCompletion(view)
  return false
}

/** The word of this page with which a style element counts. */
const nonce = (): string => document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''

const offsetOf = (text: Text, { line, column }: Pick<PolicyFault, 'line' | 'column'>): number => {
  const found = text.line(Math.min(Math.max(1, line), text.lines))
  return Math.min(found.from + Math.max(0, column - 1), found.to)
}

const diagnosticOf = (text: Text, fault: PolicyFault, severity: Diagnostic['severity']): Diagnostic => {
  const from = offsetOf(text, fault)
  return { from, to: text.lineAt(from).to, severity, message: fault.message, source: fault.code }
}

const compareWith = (against: string | null): Extension =>
  against === null
    ? []
    : unifiedMergeView({ original: against, mergeControls: false, allowInlineDiffs: true, gutter: true })

/** A browser that replaces a selection by itself writes styles into the text, which our content policy refuses aloud. */
const replaceSelection = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { main } = view.state.selection
    const { data } = event
    if (event.inputType !== 'insertText' || data === null || main.empty || view.composing || view.state.readOnly)
      return false
    event.preventDefault()
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

const common: Extension = [
  replaceSelection,
  lineNumbers(),
  lintGutter(),
  history(),
  indentOnInput(),
  highlightActiveLine(),
  EditorView.lineWrapping,
  yaml(),
  syntaxHighlighting(colours),
  autocompletion({ override: [complete], icons: false, defaultKeymap: false }),
  // The tab key leads on, so that the keyboard gets out again.
  keymap.of([{ key: 'Enter', run: endLine }, ...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
  look,
]

const saveBy = (save: () => void) => (): boolean => {
  save()
  return true
}

/** One editor for as long as the place for it is there. */
const useEditor = ({ text, onChange, onSave, isReadOnly, against }: EditorSaid) => {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const comparing = useRef(new Compartment())
  const begin = useRef({ text, isReadOnly, against })
  const latest = useRef({ onChange, onSave })
  useEffect(() => {
    latest.current = { onChange, onSave }
  })
  useEffect(() => {
    if (place.current === null) return undefined
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: begin.current.text,
        extensions: [
          common,
          keymap.of([{ key: 'Mod-s', preventDefault: true, run: saveBy(() => latest.current.onSave()) }]),
          EditorView.cspNonce.of(nonce()),
          EditorView.contentAttributes.of({ 'aria-label': 'Policy document', tabindex: '0' }),
          EditorState.readOnly.of(begin.current.isReadOnly),
          comparing.current.of(compareWith(begin.current.against)),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) latest.current.onChange(state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => {
      made.destroy()
      view.current = null
    }
  }, [])
  return { place, view, comparing }
}

export const Editor = (said: EditorSaid) => {
  const { text, errors, warnings, against, goTo } = said
  const { place, view, comparing } = useEditor(said)
  useEffect(() => {
    const now = view.current?.state.doc.toString()
    // Somebody put another text in its place, such as an earlier revision.
    if (now !== undefined && now !== text)
      view.current?.dispatch({ changes: { from: 0, to: now.length, insert: text } })
  }, [text, view])
  useEffect(() => {
    view.current?.dispatch({ effects: comparing.current.reconfigure(compareWith(against)) })
  }, [against, view, comparing])
  useEffect(() => {
    if (view.current === null) return
    const { doc } = view.current.state
    const found = [
      ...errors.map((fault) => diagnosticOf(doc, fault, 'error')),
      ...warnings.map((fault) => diagnosticOf(doc, fault, 'warning')),
    ]
    view.current.dispatch(setDiagnostics(view.current.state, found))
  }, [errors, warnings, view])
  useEffect(() => {
    if (goTo === null || view.current === null) return
    const anchor = offsetOf(view.current.state.doc, goTo)
    view.current.dispatch({ selection: { anchor }, scrollIntoView: true })
    view.current.focus()
  }, [goTo, view])
  return <div ref={place} className="editor" />
}
