export { loadSettings, type LoadSettingsOptions } from './load-settings.js'
