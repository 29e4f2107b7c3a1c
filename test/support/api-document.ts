import type { TestApi } from './test-api';
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
  readonly responses: Readonly<Record<string, unknown>>;
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, DocumentSchema>> };
}

/** The OpenAPI document that an API serves, as a list of its routes. */
export class ApiDocument {
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

  /** The schema that a reference stands for. */
  resolve(schema: DocumentSchema): DocumentSchema {
    const name = schema.$ref?.split('/').at(-1);
    if (name !== undefined) return this.resolve(this.document.components.schemas[name] ?? {});
    const [only] = schema.allOf ?? [];
    return only === undefined ? schema : this.resolve(only);
  }
}
