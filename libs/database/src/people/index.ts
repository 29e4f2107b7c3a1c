export * from './invitation-repository';
export * from './member-repository';
export * from './people-repository';
export * from './person-lookup';
export * from './portal-repository';
export * from './setup-links';
export * from './sign-in-secret';
export * from './throttles';
