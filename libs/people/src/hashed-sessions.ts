import { hashToken } from '@signpost/domain';
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth/types';

const SESSION = 'session';

/**
 * Keeps sessions by the SHA-256 of their token: whoever reads the database cannot sign in with what is there. By itself, the library would
 * store the very token that the cookie holds.
 */
export function hashSessionTokens(adapter: DBAdapter): DBAdapter {
  return {
    ...hashed(adapter),
    transaction: (work) => adapter.transaction((transaction) => work(hashed(transaction))),
  };
}

function hashed<Adapter extends DBTransactionAdapter>(adapter: Adapter): Adapter {
  return {
    ...adapter,
    create: async (call) => {
      const token = sessionToken(call.model, call.data);
      if (token === null) return adapter.create(call);
      return withToken(await adapter.create({ ...call, data: { ...call.data, token: digest(token) } }), token);
    },
    findOne: async (call) => {
      const found = await adapter.findOne(byDigest(call));
      return found === null ? null : withToken(found, wantedToken(call));
    },
    update: async (call) => {
      const updated = await adapter.update(byDigest(call));
      return updated === null ? null : withToken(updated, wantedToken(call));
    },
    findMany: (call) => adapter.findMany(byDigest(call)),
    updateMany: (call) => adapter.updateMany(byDigest(call)),
    delete: (call) => adapter.delete(byDigest(call)),
    deleteMany: (call) => adapter.deleteMany(byDigest(call)),
    consumeOne: (call) => adapter.consumeOne(byDigest(call)),
  };
}

interface Call {
  readonly model: string;
  readonly where?: Where[] | undefined;
}

/** The same call, looking for the digest of the token that it names. */
function byDigest<C extends Call>(call: C): C {
  if (call.model !== SESSION || call.where === undefined) return call;
  const where = call.where.map((each) =>
    each.field === 'token' && typeof each.value === 'string' ? { ...each, value: digest(each.value) } : each,
  );
  return { ...call, where };
}

function wantedToken({ model, where = [] }: Call): string | null {
  const value = where.find(({ field }) => field === 'token')?.value;
  return model === SESSION && typeof value === 'string' ? value : null;
}

function sessionToken(model: string, data: object): string | null {
  return model === SESSION && 'token' in data && typeof data.token === 'string' ? data.token : null;
}

/** Puts the token back in the place of its digest, because the library goes on to use it. */
function withToken<Row>(row: Row, token: string | null): Row {
  return token === null ? row : { ...row, token };
}

function digest(token: string): string {
  return hashToken(token).toString('hex');
}
