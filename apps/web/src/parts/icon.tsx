// The drawings of the dashboard: each a few strokes, in the colour of the text beside it.
// They never stand alone for a meaning; a word or a label does.
import type { ReactNode } from 'react'

const drawings = {
  overview: <path d="M2.5 8.5 8 3.5l5.5 5M4 7.5v5.5h8V7.5" />,
  devices: <path d="M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3" />,
  findings: <path d="M8 2.2 14 13H2zM8 6.5v3M8 11.2v.1" />,
  search: <path d="M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.4 3.4" />,
  policies: <path d="M4 2.5h5.5L12.5 5v8.5H4zM6 7h4.5M6 9.5h4.5" />,
  enrolment: <path d="M8 2.5v11M2.5 8h11" />,
  audit: <path d="M3 3.5h10M3 8h10M3 12.5h6" />,
  settings: (
    <path d="M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M3.4 12.6l1.4-1.4M11.2 4.8l1.4-1.4" />
  ),
  sun: <path d="M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3" />,
  moon: <path d="M12.8 9.6A5.4 5.4 0 0 1 6.4 3.2a5.4 5.4 0 1 0 6.4 6.4z" />,
  leave: <path d="M9.5 3H3v10h6.5M7 8h7M11.5 5.5 14 8l-2.5 2.5" />,
  keys: <path d="M2 4.5h12v7H2zM4.5 7h.1M7 7h.1M9.5 7h.1M11.8 7h.1M5 9.5h6" />,
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  up: <path d="M8 12.5v-9M4.5 7 8 3.5 11.5 7" />,
  down: <path d="M8 3.5v9M4.5 9 8 12.5 11.5 9" />,
  critical: <path d="M8 1.8 14.2 8 8 14.2 1.8 8zM8 5v3.6M8 10.8v.1" />,
  suspicious: <path d="M8 2.2 14 13H2zM8 6.5v3M8 11.2v.1" />,
  notable: <path d="M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 7.2v3.6M8 5v.1" />,
  info: <path d="M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z" />,
  full: <circle cx="8" cy="8" r="4.5" fill="currentColor" />,
  half: (
    <>
      <circle cx="8" cy="8" r="4.5" />
      <path d="M8 3.5a4.5 4.5 0 0 0 0 9z" fill="currentColor" />
    </>
  ),
  ring: <circle cx="8" cy="8" r="4.5" />,
  dash: <path d="M4 8h8" />,
  check: <path d="m3 8.5 3.2 3.2L13 5" />,
  cross: <path d="m4 4 8 8M12 4l-8 8" />,
  copy: <path d="M5.5 5.5h7v8h-7zM3.5 10.5v-8h7" />,
} as const satisfies Readonly<Record<string, ReactNode>>

export type IconName = keyof typeof drawings

export const Icon = ({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.4"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    {drawings[name]}
  </svg>
)
