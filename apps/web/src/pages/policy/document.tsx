// The document of a policy while it is written: checked by the server as one types, compared, kept, and published.
// The editor itself is loaded when it is needed; the dialog before publishing is publish.tsx.
import type { Policy, PolicyFault } from '@muster/contract'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { SkeletonLines } from '../../parts/blocks.tsx'
import { Button, Trouble } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Said } from '../../parts/said.tsx'
import { saveFile } from '../../parts/save-table.ts'
import { ask } from '../../wire/ask.ts'
import { useMay } from '../../wire/me.ts'
import { firstDocument, type Standing, standingOf, standingWords } from './decide.ts'
import { Leaving, useKept } from './leaving.tsx'
import { PublishDialog, type Published, useForgetPolicies } from './publish.tsx'
import { checkQuery, revisionQuery } from './query.ts'

const Editor = lazy(async () => ({ default: (await import('./editor.tsx')).Editor }))

const typingMs = 400
const noFaults: readonly PolicyFault[] = []

/** What the server says of the text, a moment after the last key. */
const useCheck = (text: string, isAsked: boolean) => {
  const [asked, setAsked] = useState(text)
  useEffect(() => {
    const later = setTimeout(() => setAsked(text), typingMs)
    return () => clearTimeout(later)
  }, [text])
  const { data, error, isFetching } = useQuery({ ...checkQuery(asked, isAsked), placeholderData: keepPreviousData })
  return { check: data, error, isOld: asked !== text || isFetching }
}

interface FaultsSaid {
  readonly faults: readonly PolicyFault[]
  readonly tone: 'critical' | 'suspicious'
  readonly onGo: (fault: PolicyFault) => void
}

const Faults = ({ faults, tone, onGo }: FaultsSaid) => (
  <ul className="stack-tight">
    {faults.map((fault) => (
      <li key={`${fault.line} ${fault.column} ${fault.code} ${fault.path}`} className="wrap">
        <span className={`mark tone-${tone}`}>
          <Icon name={tone} size={12} />
          <button type="button" className="row-link" onClick={() => onGo(fault)}>
            line {fault.line}, column {fault.column}
          </button>
        </span>
        <Said text={fault.message} />
      </li>
    ))}
  </ul>
)

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const Verdict = ({ check, isOld }: Pick<ReturnType<typeof useCheck>, 'check' | 'isOld'>) => {
  if (check === undefined) return <span className="faint">Checking…</span>
  const { valid, errors, warnings, bundle } = check
  return (
    <span className="wrap" {...(isOld && { 'aria-busy': 'true' })}>
      <span className={`mark tone-${valid ? 'good' : 'critical'}`}>
        <Icon name={valid ? 'check' : 'critical'} size={12} />
        {valid ? 'Nothing is wrong with it' : counted(errors.length, 'error')}
      </span>
      {warnings.length > 0 && <span className="mark tone-suspicious">{counted(warnings.length, 'warning')}</span>}
      {bundle !== null && <span className="soft">agents get {bundle.byteCount.toLocaleString()} bytes</span>}
    </span>
  )
}

const Done = ({ published }: { readonly published: Published }) => (
  <div className="notice tone-good" role="status">
    <Icon name="check" />
    <div className="stack-tight">
      <p>
        {published.unchanged
          ? 'These bytes are in force already; no device restarts.'
          : 'Published. Devices take it at their next check-in.'}{' '}
        <code>{published.generation}</code>
      </p>
      {published.droppedRules.length > 0 && (
        <p className="soft">
          Left out for agents that do not know their words:{' '}
          <Said text={published.droppedRules.map(({ id }) => id).join(', ')} />
        </p>
      )}
    </div>
  </div>
)

interface TextsSaid {
  readonly policy: Policy | null
  readonly latest: string | null
  readonly published: string | null
}

interface BarSaid {
  readonly name: string
  readonly text: string
  readonly standing: Standing
  readonly mayPublish: boolean
  readonly isGood: boolean
  readonly onSave: () => void
  readonly onPublish: () => void
  /** Absent where nothing was published to compare with. */
  readonly compare?: { readonly isOn: boolean; readonly onSwitch: () => void } | undefined
  readonly verdict: ReactNode
}

const Bar = ({ name, text, standing, compare, verdict, mayPublish, isGood, onSave, onPublish }: BarSaid) => (
  <div className="wrap">
    {verdict}
    <span className="soft">{standingWords(standing)}</span>
    <span style={{ flex: 1 }} />
    {compare !== undefined && (
      <label className="wrap">
        <input type="checkbox" checked={compare.isOn} onChange={compare.onSwitch} />
        Compare with what is published
      </label>
    )}
    <Button onPress={() => saveFile(`${name}.yaml`, [text], 'application/yaml')}>Download</Button>
    {verdict !== null && (
      <Button onPress={onSave} isDisabled={!standing.isChanged || !isGood}>
        Save
      </Button>
    )}
    {mayPublish && (
      <Button tone="main" onPress={onPublish} isDisabled={!isGood}>
        Publish…
      </Button>
    )}
  </div>
)

type Checked = Pick<ReturnType<typeof useCheck>, 'check'>

interface SheetSaid extends Checked {
  readonly text: string
  readonly against: string | null
  readonly isReadOnly: boolean
  readonly onChange: (text: string) => void
  readonly onSave: () => void
}

const Sheet = ({ text, check, against, isReadOnly, onChange, onSave }: SheetSaid) => {
  const [goTo, setGoTo] = useState<PolicyFault | null>(null)
  const { errors, warnings } = check ?? { errors: noFaults, warnings: noFaults }
  const go = (fault: PolicyFault): void => setGoTo({ ...fault })
  return (
    <>
      <div className="card clip">
        <Suspense fallback={<SkeletonLines lines={14} />}>
          <Editor
            text={text}
            onChange={onChange}
            onSave={onSave}
            errors={errors}
            warnings={warnings}
            against={against}
            isReadOnly={isReadOnly}
            goTo={goTo}
          />
        </Suspense>
      </div>
      <Faults faults={errors} tone="critical" onGo={go} />
      <Faults faults={warnings} tone="suspicious" onGo={go} />
    </>
  )
}

/** Keeps the text, and goes to the policy it makes when that is another than before. */
const useKeep = (policy: Policy | null, text: string, keep: () => void) => {
  const navigate = useNavigate()
  const forget = useForgetPolicies()
  const settle = async (policyId: string): Promise<void> => {
    await forget()
    if (policy?.id !== policyId) await navigate({ to: '/policies/$id', params: { id: policyId } })
  }
  const save = useMutation({
    mutationFn: () => ask('savePolicy', { body: { yaml: text } }),
    onSuccess: ({ policy: kept }) => {
      keep()
      return settle(kept.id)
    },
  })
  return { save, settle }
}

/** The text as it stands: what the server says of it, how it stands to what is kept, and what keeps it. */
const useText = ({ policy, latest, published }: TextsSaid, mayWrite: boolean) => {
  const begin = latest ?? firstDocument
  const [text, setText] = useState(begin)
  const { isUnsaved, keep } = useKept(begin, text)
  const { check, error, isOld } = useCheck(text, mayWrite)
  const { save, settle } = useKeep(policy, text, keep)
  const standing = standingOf(text, latest, published)
  const isGood = check?.valid === true && !isOld && !save.isPending
  const saveByKey = (): void => {
    // Whoever is quicker than the check hears of faults from saving itself.
    if (standing.isChanged && !save.isPending && (isOld || isGood)) save.mutate()
  }
  return { text, setText, check, error, isOld, isGood, standing, save, saveByKey, settle, isUnsaved, keep }
}

const publishedKey = 'justPublished'

/** What was just published is told where one is then: a new policy has a page of its own from that moment on. */
const useDone = (policy: Policy | null) => {
  const client = useQueryClient()
  const id = policy?.id
  const [done, setDone] = useState(() => client.getQueryData<Published>([publishedKey, id]) ?? null)
  useEffect(() => {
    if (id !== undefined) client.removeQueries({ queryKey: [publishedKey, id] })
  }, [client, id])
  const tell = (made: Published): void => {
    if (made.policyId === id) setDone(made)
    else client.setQueryData([publishedKey, made.policyId], made)
  }
  return { done, tell }
}

const Writing = (said: TextsSaid & ReturnType<typeof useDone>) => {
  const { policy, published, done, tell } = said
  const may = useMay()
  const mayWrite = may('policies:draft')
  const { text, setText, check, error, isOld, isGood, standing, save, saveByKey, settle, isUnsaved, keep } = useText(
    said,
    mayWrite,
  )
  const [isCompared, setCompared] = useState(false)
  const [isPublishing, setPublishing] = useState(false)
  const finish = (made: Published): void => {
    setPublishing(false)
    tell(made)
    void settle(made.policyId)
  }
  return (
    <div className="stack">
      {done !== null && <Done published={done} />}
      <Bar
        name={policy?.name ?? 'policy'}
        text={text}
        standing={standing}
        verdict={mayWrite ? <Verdict check={check} isOld={isOld} /> : null}
        mayPublish={may('policies:publish')}
        isGood={isGood}
        onSave={() => save.mutate()}
        onPublish={() => setPublishing(true)}
        compare={published === null ? undefined : { isOn: isCompared, onSwitch: () => setCompared(!isCompared) }}
      />
      <Trouble fault={error ?? save.error} />
      <Sheet
        text={text}
        check={check}
        against={isCompared ? published : null}
        isReadOnly={!mayWrite}
        onChange={setText}
        onSave={saveByKey}
      />
      <Leaving isUnsaved={isUnsaved} />
      {isPublishing && (
        <PublishDialog
          policy={policy}
          yaml={text}
          revisionId={standing.isChanged || policy === null ? null : policy.latestRevisionId}
          onKept={keep}
          onClose={() => setPublishing(false)}
          onDone={finish}
        />
      )}
    </div>
  )
}

export const PolicyDocument = ({ policy }: { readonly policy: Policy | null }) => {
  // What is written stays there while what was just kept is read again.
  const latest = useQuery({ ...revisionQuery(policy?.latestRevisionId), placeholderData: keepPreviousData })
  const published = useQuery({ ...revisionQuery(policy?.publishedRevisionId), placeholderData: keepPreviousData })
  // Kept here: the texts are read again once it is published, and what is written stands aside meanwhile.
  const told = useDone(policy)
  const isWaiting =
    policy !== null &&
    (latest.data === undefined || (policy.publishedRevisionId !== null && published.data === undefined))
  if (latest.error !== null || published.error !== null) return <Trouble fault={latest.error ?? published.error} />
  if (isWaiting) return <SkeletonLines lines={14} />
  return (
    <Writing policy={policy} latest={latest.data?.yaml ?? null} published={published.data?.yaml ?? null} {...told} />
  )
}
