export * from './raw-json';
export * from './signpost-client';
export * from './signpost-client-error';
export * from './verify-webhook';
