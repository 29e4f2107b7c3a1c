export * from './config';
export { isReadyMessage, type ReadyMessage } from './exit-with-parent';
export * from './load-config';
export * from './logger';
export * from './nest-log';
export * from './run-process';
export { SETTINGS, type SettingName } from './settings';
export * from './start-failure';
export * from './unknown-settings';
