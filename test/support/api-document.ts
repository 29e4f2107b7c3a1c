import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { TestApi } from './test-api';
import type { TestResponse } from './test-client';
import { expectStatus } from './test-system';

/** The parts of a JSON Schema of the document that tests read. */
export interface DocumentSchema {
  readonly $ref?: string;
  readonly allOf?: readonly DocumentSchema[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly items?: DocumentSchema;
  readonly properties?: Readonly<Record<string, DocumentSchema>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
}

export interface DocumentParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: DocumentSchema;
}

/** An operation of the OpenAPI document. */
export interface DocumentedRoute {
  readonly method: string;
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly parameters: readonly DocumentParameter[];
  readonly body: DocumentSchema | null;
  /** The names of the security schemes that open it; none for a public route. */
  readonly schemes: readonly string[];
  /** The statuses that the document says it answers. */
  readonly statuses: readonly string[];
}

interface Operation {
  readonly parameters?: readonly DocumentParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: DocumentSchema }>> };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Readonly<Record<string, DocumentedAnswer>>;
}

interface DocumentedAnswer {
  /** By content type. */
  readonly content?: Readonly<Record<string, { readonly schema: DocumentSchema }>>;
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, DocumentSchema>> };
}

/** The OpenAPI document that an API serves, as a list of its routes. */
export class ApiDocument {
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  private readonly answers = new Map<DocumentSchema, ValidateFunction>();

  private constructor(private readonly document: OpenApiDocument) {}

  static async read(api: TestApi): Promise<ApiDocument> {
    return new ApiDocument(await expectStatus(200, api.nobody.get<OpenApiDocument>('/openapi.json')));
  }

  get routes(): readonly DocumentedRoute[] {
    return Object.entries(this.document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        body: operation.requestBody?.content['application/json']?.schema ?? null,
        schemes: (operation.security ?? []).flatMap((requirement) => Object.keys(requirement)),
        statuses: Object.keys(operation.responses),
      })),
    );
  }

  /** How an answer differs from what the document says of it; it must not have what the document does not name either. */
  breachesOf({ method, path }: DocumentedRoute, answer: TestResponse<unknown>): readonly string[] {
    const responses = this.document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
    const { content } = responses[answer.status] ?? responses['default'] ?? {};
    if (content === undefined) return answer.text === '' ? [] : ['There is a body.'];
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const schema = content[type]?.schema;
    if (schema === undefined) return [`The content type is ${type}.`];
    if (schema.type === 'string') return [];
    const validate = this.answers.get(schema) ?? this.ajv.compile({ ...schema, components: this.closedComponents() });
    this.answers.set(schema, validate);
    validate(answer.body);
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${JSON.stringify(error.params)}`);
  }

  private closedComponents(): object {
    const closed = Object.entries(this.document.components.schemas).map(([name, schema]) => [
      name,
      schema.properties === undefined ? schema : { additionalProperties: false, ...schema },
    ]);
    return { schemas: Object.fromEntries(closed) as unknown };
  }

  /** The schema that a reference stands for. */
  resolve(schema: DocumentSchema): DocumentSchema {
    const name = schema.$ref?.split('/').at(-1);
    if (name !== undefined) return this.resolve(this.document.components.schemas[name] ?? {});
    const [only] = schema.allOf ?? [];
    return only === undefined ? schema : this.resolve(only);
  }
}
