import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { cookieNames } from '@signpost/people';
import { API_KEY_SCHEME, OPERATOR_SCHEME, SESSION_SCHEME } from '../access/access.decorator';
import { PublicAddress } from '../platform/public-address';
import { Problem } from '../problems/problem';
import { completeDocument } from './complete-document';

/** Where the documents are; everybody may read them. */
const OPENAPI_PATH = '/openapi.json';
const DOCS_PATH = '/docs';

/** Serves the OpenAPI document of all routes, and a page to read it by. */
export function publishDocuments(app: NestFastifyApplication): void {
  const sessionCookie = cookieNames(app.get(PublicAddress).base).session_token.name;
  const document = () => {
    const description = new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Signpost')
      .setDescription(
        'Event-driven webhook delivery for online stores. Errors are problem documents (RFC 9457). After 429 and 503, send the same ' +
          'request again, no sooner than `Retry-After` says; when publishing, with the same `Idempotency-Key`.',
      )
      .setVersion('1')
      .addServer('/')
      // `addBearerAuth` would call the token a JWT.
      .addSecurity(OPERATOR_SCHEME, {
        type: 'http',
        scheme: 'bearer',
        description: 'The operator token: may do everything.',
      })
      .addBasicAuth(
        { type: 'http', description: "A store's API key: the key is the user, the secret the password." },
        API_KEY_SCHEME,
      )
      .addCookieAuth(
        sessionCookie,
        {
          type: 'apiKey',
          in: 'cookie',
          description:
            'Somebody who signed in, or came by a portal link. What changes something has to come with the `Origin` of this site.',
        },
        SESSION_SCHEME,
      )
      .build();
    return completeDocument(SwaggerModule.createDocument(app, description, { extraModels: [Problem] }));
  };
  SwaggerModule.setup(DOCS_PATH, app, document, { jsonDocumentUrl: OPENAPI_PATH, raw: ['json'] });
}
