// The blocks pages are built of: head, card, figure, and what stands there while or because nothing does.
// What they hold is the page's.
import type { CSSProperties, ReactNode } from 'react'
import { useEffect } from 'react'

export interface PageHeadSaid {
  readonly title: string
  /** In the place of the title, when it is more than its text. */
  readonly heading?: ReactNode
  readonly lead?: ReactNode
  readonly children?: ReactNode
}

/** The first thing of every page; it also names the tab. */
export const PageHead = ({ title, heading, lead, children }: PageHeadSaid) => {
  useEffect(() => {
    document.title = `${title} · Muster`
  }, [title])
  return (
    <header className="page-head">
      <div>
        <h1>{heading ?? title}</h1>
        {lead !== undefined && <div className="lead">{lead}</div>}
      </div>
      <div className="actions">{children}</div>
    </header>
  )
}

export interface CardSaid {
  readonly title: string
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export const Card = ({ title, aside, children }: CardSaid) => (
  <section className="card" aria-label={title}>
    <header>
      <h2>{title}</h2>
      {aside !== undefined && <div className="soft small">{aside}</div>}
    </header>
    <div className="card-body">{children}</div>
  </section>
)

export const Facts = ({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) => (
  <dl className="facts">
    {facts.map(([name, value]) => (
      <div key={name} style={{ display: 'contents' }}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

/** Where text will be, in about its length. */
export const Skeleton = ({ letters = 12 }: { readonly letters?: number }) => (
  <span className="skeleton" style={{ '--long': `${letters * 0.55}em` } as CSSProperties} aria-hidden="true" />
)

/** Lines of it, said once to those who listen. */
export const SkeletonLines = ({ lines }: { readonly lines: number }) => (
  <div className="stack-tight" aria-busy="true">
    <span className="unseen">Loading</span>
    {Array.from({ length: lines }, (_one, at) => (
      <Skeleton key={at} letters={18 + ((at * 7) % 20)} />
    ))}
  </div>
)

/** Nothing here yet, and what to do about it. */
export const Empty = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <div className="empty">
    <h2>{title}</h2>
    {children}
  </div>
)
