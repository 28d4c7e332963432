import type { DeliveryLog } from "../../src/webhooks/delivery.ts";

const WRITE = `INSERT INTO webhook_deliveries
    (endpoint_id, created_time, webhook_id, event_id, event_type, symbol, state, tries, next_attempt_time, reason, attempts)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
  ON CONFLICT DO UPDATE SET state = excluded.state, tries = excluded.tries, next_attempt_time = excluded.next_attempt_time,
    reason = excluded.reason, attempts = excluded.attempts`;

/** The delivery log in D1. */
export function d1DeliveryLog({ DB }: { readonly DB: D1Database }): DeliveryLog {
  return {
    async write(endpointId, deliveries) {
      const statement = DB.prepare(WRITE);
      await DB.batch(
        deliveries.map(({ webhook_id, event, created_time, state, tries, next_attempt_time, reason, attempts }) =>
          statement.bind(
            endpointId,
            created_time,
            webhook_id,
            event.id,
            event.type,
            event.symbol,
            state,
            tries,
            next_attempt_time,
            reason,
            JSON.stringify(attempts),
          ),
        ),
      );
    },
    async setDisabled(endpointId, disabled) {
      const sql = "UPDATE webhook_endpoints SET disabled_time = ?2, disabled_reason = ?3 WHERE endpoint_id = ?1";
      await DB.prepare(sql)
        .bind(endpointId, disabled?.time ?? null, disabled?.reason ?? null)
        .run();
    },
    async deleteBefore(endpointId, time) {
      await DB.prepare("DELETE FROM webhook_deliveries WHERE endpoint_id = ? AND created_time < ?").bind(endpointId, time).run();
    },
  };
}
