import { encodeId, hashToken, mintId, mintToken, type PortalId, type PortalRole, type StoreId } from '@signpost/domain';
import type { Actor, AuditLog } from '../admin/audit-log';
import type { SqlClient, Statement } from '../sql/sql-client';

export interface NewPortalLink {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What a link opened. `token` and `expiresAt` are those of the session. */
export type PortalOpening =
  | { readonly kind: 'opened'; readonly token: string; readonly expiresAt: Date; readonly storeKey: string }
  | { readonly kind: 'refused' };

const SESSION_SECONDS = 60 * 60;

/** Links that let a merchant into the settings of one store, for a short while and without an account. */
export class PortalRepository {
  constructor(
    private readonly sql: SqlClient,
    private readonly audit: AuditLog,
    private readonly nowMs: () => number,
  ) {}

  /** @param expiresInSeconds - how long the link waits to be followed */
  async createLink(
    storeId: StoreId,
    { role, expiresInSeconds }: { role: PortalRole; expiresInSeconds: number },
    actor: Actor,
  ): Promise<NewPortalLink> {
    const id = mintId('portal', this.nowMs());
    const token = mintToken();
    return this.sql.transaction(async (runner) => {
      const [link] = await runner.run<{ expiresAt: Date }>(CREATE_LINK, [
        ...[id, storeId, role],
        ...[hashToken(token), expiresInSeconds],
      ]);
      await this.audit.appendBy(runner, storeId, actor, {
        action: 'portal.link_created',
        objectId: encodeId('portal', id),
        after: { role, expiresInSeconds },
      });
      return { token, expiresAt: link?.expiresAt ?? new Date(this.nowMs()) };
    });
  }

  /** Uses a link up. However many follow it at once, one of them is let in. */
  async open(linkToken: string, address: string | null): Promise<PortalOpening> {
    const token = mintToken();
    return this.sql.transaction(async (runner) => {
      const [opened] = await runner.run<OpenedPortal>(OPEN, [hashToken(linkToken), hashToken(token), SESSION_SECONDS]);
      if (opened === undefined) return { kind: 'refused' };
      const objectId = encodeId('portal', opened.id);
      const actor: Actor = { kind: 'person', id: objectId, address };
      await this.audit.appendBy(runner, opened.storeId, actor, { action: 'portal.opened', objectId });
      return { kind: 'opened', token, expiresAt: opened.expiresAt, storeKey: opened.storeKey };
    });
  }

  /** Ends the session that a link opened, before its hour is over. */
  async close(id: PortalId, storeId: StoreId, actor: Actor): Promise<void> {
    await this.sql.transaction(async (runner) => {
      const [closed] = await runner.run(CLOSE, [id]);
      if (closed === undefined) return;
      await this.audit.appendBy(runner, storeId, actor, { action: 'portal.closed', objectId: encodeId('portal', id) });
    });
  }
}

interface OpenedPortal {
  readonly id: PortalId;
  readonly storeId: StoreId;
  readonly storeKey: string;
  readonly expiresAt: Date;
}

const CREATE_LINK: Statement = {
  name: 'create_portal_link',
  text: `INSERT INTO portal_links (id, store_id, role, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5)) RETURNING expires_at AS "expiresAt"`,
};

const OPEN: Statement = {
  name: 'open_portal',
  text: `WITH link AS (DELETE FROM portal_links WHERE token_hash = $1 RETURNING id, store_id, role, expires_at),
           live AS (
             SELECT l.id, l.store_id, l.role, s.key FROM link l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
             WHERE l.expires_at > now()
           ),
           session AS (
             INSERT INTO portal_sessions (id, store_id, role, token_hash, expires_at)
             SELECT id, store_id, role, $2, now() + make_interval(secs => $3) FROM live RETURNING id, expires_at
           )
         SELECT live.id, live.store_id AS "storeId", live.key AS "storeKey", session.expires_at AS "expiresAt"
         FROM live JOIN session USING (id)`,
};

const CLOSE: Statement = {
  name: 'close_portal',
  text: 'DELETE FROM portal_sessions WHERE id = $1 RETURNING id',
};
