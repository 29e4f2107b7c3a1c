import { getMetadataStorage } from 'class-validator';
import '../app.module';

/** What the validation library knows of one rule. */
interface Rule {
  readonly target: unknown;
  readonly propertyName: string;
  readonly name?: string;
  readonly constraints?: readonly unknown[];
}

/** What the document says where a rule of this name holds, in the order of its constraints. */
const BOUNDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['min', ['minimum']],
  ['max', ['maximum']],
  ['minLength', ['minLength']],
  ['maxLength', ['maxLength']],
  ['isLength', ['minLength', 'maxLength']],
  ['text', ['minLength', 'maxLength']],
  ['arrayMinSize', ['minItems']],
  ['arrayMaxSize', ['maxItems']],
  ['arrayUnique', ['uniqueItems']],
]);

function rules(): readonly Rule[] {
  const byClass = Reflect.get(getMetadataStorage(), 'validationMetadatas') as ReadonlyMap<unknown, readonly Rule[]>;
  return [...byClass.values()].flat();
}

function documented({ target, propertyName }: Rule): Readonly<Record<string, unknown>> {
  const prototype = (target as { prototype: object }).prototype;
  return Reflect.getMetadata('swagger/apiModelProperties', prototype, propertyName) as Record<string, unknown>;
}

it('has every bound that a request is held to', () => {
  const held = rules().flatMap((rule) => {
    const [values, names] = [rule.name === 'arrayUnique' ? [true] : rule.constraints, BOUNDS.get(rule.name ?? '')];
    const className = (rule.target as { name: string }).name;
    return (names ?? []).map((name, index) => ({ rule, name, value: values?.[index], className }));
  });
  expect(held.length).toBeGreaterThan(50);
  // A length of 0 or more bounds nothing.
  const missing = held.filter(({ rule, name, value }) => (documented(rule)[name] ?? 0) !== value);
  expect(
    missing.map(({ className, rule, name, value }) => `${className}.${rule.propertyName}: ${name} ${String(value)}`),
  ).toEqual([]);
});
