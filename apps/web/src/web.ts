// The door of the dashboard for the server: the built files, and how a browser gets them.
// Building them is the door `./build`; what runs in the browser is reached through no door at all.
export { type Dashboard, readDashboard } from './serving/dashboard.ts'
