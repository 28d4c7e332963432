import type { Delivery, DeliveryLog } from "../../src/webhooks/delivery.ts";
import { messageOf } from "../../src/message-of.ts";
import { isRowFault } from "../d1/row-fault.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";

const WRITE = `INSERT INTO webhook_deliveries
    (endpoint_id, created_time, webhook_id, event_id, event_type, symbol, state, tries, next_attempt_time, reason, attempts)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
  ON CONFLICT DO UPDATE SET state = excluded.state, tries = excluded.tries, next_attempt_time = excluded.next_attempt_time,
    reason = excluded.reason, attempts = excluded.attempts`;

/** The delivery log in D1. */
export function d1DeliveryLog({ DB }: { readonly DB: D1Database }): DeliveryLog {
  return {
    write: (endpointId, deliveries) => writeDeliveries(DB, endpointId, deliveries),
    async setDisabled(endpointId, disabled) {
      const sql = "UPDATE webhook_endpoints SET disabled_time = ?2, disabled_reason = ?3 WHERE endpoint_id = ?1";
      await DB.prepare(sql)
        .bind(endpointId, disabled?.time ?? null, disabled?.reason ?? null)
        .run();
    },
    async setFailing(endpointId, failing) {
      const sql = "UPDATE webhook_endpoints SET failing_since = ?2, will_be_disabled_time = ?3, failing_error = ?4 WHERE endpoint_id = ?1";
      await DB.prepare(sql)
        .bind(endpointId, failing?.since ?? null, failing?.will_be_disabled_time ?? null, failing?.error ?? null)
        .run();
    },
    async deleteBefore(endpointId, time) {
      await DB.prepare("DELETE FROM webhook_deliveries WHERE endpoint_id = ? AND created_time < ?").bind(endpointId, time).run();
    },
  };
}

/** Where D1 refuses a batch because of one entry, the batch is halved until that entry stands alone, and it is given up. */
async function writeDeliveries(db: D1Database, endpointId: string, deliveries: readonly Delivery[]): Promise<void> {
  const [first] = deliveries;
  if (first === undefined) return;
  const statement = db.prepare(WRITE);
  try {
    await db.batch(
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
  } catch (error) {
    const reason = messageOf(error);
    if (!isRowFault(reason)) throw error;
    if (deliveries.length === 1) {
      await addDeadLetters(db, "delivery_log", [{ record: `${endpointId} ${first.webhook_id}`, reason }], Date.now());
      return;
    }
    const middle = Math.ceil(deliveries.length / 2);
    await writeDeliveries(db, endpointId, deliveries.slice(0, middle));
    await writeDeliveries(db, endpointId, deliveries.slice(middle));
  }
}
