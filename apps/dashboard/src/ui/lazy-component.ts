import { lazyRouteComponent } from '@tanstack/react-router';
import { unloadable } from '../api/problem-error';

/**
 * A component whose code is fetched when it is needed. If that fails, BrokenPage says so; the router by itself would load the whole
 * dashboard anew, and while Signpost cannot be reached nothing but the browser's own error would be left of it.
 */
export const lazyComponent: typeof lazyRouteComponent = (load, name) =>
  lazyRouteComponent(
    () =>
      load().catch((error: unknown) => {
        throw unloadable(error);
      }),
    name,
  );
