// The door that only tests open: a terminal made of strings.
// The product itself never imports it.
export { createTerminal, type Ended, type Terminal, type TerminalSettings } from './testing/terminal.ts'
