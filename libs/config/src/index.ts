export * from './config';
export { isReadyMessage } from './exit-with-parent';
export * from './load-config';
export * from './logger';
export * from './run-process';
export { renderSettingsTable, SETTINGS, type LogLevel, type Setting, type SettingName } from './settings';
export * from './start-failure';
