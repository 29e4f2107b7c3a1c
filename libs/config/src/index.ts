export * from './config';
export * from './load-config';
export { renderSettingsTable, SETTINGS, type LogLevel, type Setting, type SettingName } from './settings';
export * from './logger';
