/** Freezes a value and all that it holds. The catalogue is handed out by reference and its parts are shared. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
