import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People who sign in, what they may do in which store, and the links that let somebody in. */
export class People1764000000040 implements MigrationInterface {
  readonly name = 'People1764000000040';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [SIGN_IN_TABLES, ROLE_TABLES, LINK_TABLES]) await runner.query(part);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

/** What the sign-in library reads and writes. Its column names are mapped in libs/people. */
const SIGN_IN_TABLES = `
CREATE TABLE people (
  id                  uuid PRIMARY KEY,
  name                text NOT NULL,
  -- In lower case.
  email               text NOT NULL UNIQUE,
  email_verified      boolean NOT NULL DEFAULT false,
  image               text,
  two_factor_enabled  boolean NOT NULL DEFAULT false,
  -- May do everything, in every store.
  operator            boolean NOT NULL DEFAULT false,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now()
);

-- The ways in which a person proves who they are: a password, or an account of an identity provider.
CREATE TABLE person_accounts (
  id                        uuid PRIMARY KEY,
  user_id                   uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  provider_id               text NOT NULL,
  account_id                text NOT NULL,
  password                  text,
  access_token              text,
  refresh_token             text,
  id_token                  text,
  access_token_expires_at   timestamptz,
  refresh_token_expires_at  timestamptz,
  scope                     text,
  created_at                timestamptz NOT NULL DEFAULT now(),
  updated_at                timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, account_id)
);
CREATE INDEX person_accounts_user ON person_accounts (user_id);

CREATE TABLE person_sessions (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  -- SHA-256 of the token in the cookie, in hexadecimal digits.
  token         text NOT NULL UNIQUE,
  ip_address    text,
  user_agent    text,
  -- When the person last proved who they are.
  confirmed_at  timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_sessions_user ON person_sessions (user_id);

-- Sign-ins that are under way. The library hashes the identifiers.
CREATE TABLE person_verifications (
  id          uuid PRIMARY KEY,
  identifier  text NOT NULL,
  value       text NOT NULL,
  expires_at  timestamptz NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_verifications_identifier ON person_verifications (identifier);

-- Secret and recovery codes are encrypted by the library, with the secret in sign_in_secret.
CREATE TABLE person_second_factors (
  id                         uuid PRIMARY KEY,
  user_id                    uuid NOT NULL UNIQUE REFERENCES people (id) ON DELETE CASCADE,
  secret                     text NOT NULL,
  backup_codes               text NOT NULL,
  verified                   boolean NOT NULL DEFAULT false,
  failed_verification_count  integer NOT NULL DEFAULT 0,
  locked_until               timestamptz
);

-- SHA-256 of one-time codes that were shown a short while ago: none is accepted twice (RFC 6238 §5.2).
CREATE TABLE person_used_codes (
  person_id    uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  code_hash    bytea NOT NULL,
  usable_from  timestamptz NOT NULL,
  PRIMARY KEY (person_id, code_hash)
);

-- What the library signs cookies and encrypts second factors with, sealed by the key ring. One row.
CREATE TABLE sign_in_secret (
  singleton    boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  sealed  text NOT NULL
);

-- Failures, by what is being tried: an account, an address.
CREATE TABLE throttles (
  subject    text PRIMARY KEY,
  failures   integer NOT NULL,
  resets_at  timestamptz NOT NULL
);
`;

const ROLE_TABLES = `
CREATE TABLE memberships (
  store_id   uuid NOT NULL REFERENCES stores (id),
  person_id  uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  role       text NOT NULL CHECK (role IN ('owner', 'admin', 'viewer')),
  since      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (store_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id);
`;

/** Tokens are kept as their SHA-256. A link is used by deleting its row, which one request alone can. */
const LINK_TABLES = `
CREATE TABLE setup_link (
  singleton        boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  token_hash  bytea NOT NULL,
  expires_at  timestamptz NOT NULL
);

CREATE TABLE invitations (
  id          uuid PRIMARY KEY,
  store_id    uuid NOT NULL REFERENCES stores (id),
  -- In lower case.
  email       text NOT NULL,
  role        text NOT NULL CHECK (role IN ('owner', 'admin', 'viewer')),
  token_hash  bytea NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL
);
CREATE INDEX invitations_store ON invitations (store_id, id);

CREATE TABLE portal_links (
  id          uuid PRIMARY KEY,
  store_id    uuid NOT NULL REFERENCES stores (id),
  role        text NOT NULL CHECK (role IN ('admin', 'viewer')),
  token_hash  bytea NOT NULL UNIQUE,
  expires_at  timestamptz NOT NULL
);

CREATE TABLE portal_sessions (
  id          uuid PRIMARY KEY,
  store_id    uuid NOT NULL REFERENCES stores (id),
  role        text NOT NULL CHECK (role IN ('admin', 'viewer')),
  token_hash  bytea NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL
);
`;
