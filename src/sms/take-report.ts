import { redact } from '../cases/identity/redact-rules.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { deleteReportsBefore, holdReports, insertEarlyReport, saveReport } from './report-queries.ts';
import { forgettable } from './signature-rules.ts';
import type { DeliveryReport, GatewayName } from './sms.ts';

/** What a gateway says became of a message; of one that nobody has written down as sent yet it is kept until then. */
export async function takeReport(deps: Pick<Deps, 'pool' | 'log' | 'now'>, gateway: GatewayName, report: DeliveryReport): Promise<void> {
  await transaction(deps.pool, (tx) => takeReportIn(deps, tx, gateway, report));
}

export async function takeReportIn({ log, now }: Pick<Deps, 'log' | 'now'>, tx: Tx, gateway: GatewayName, told: DeliveryReport): Promise<void> {
  // Some gateways put the number into their words.
  const report = { ...told, error: told.error === null ? null : redact(told.error) };
  await holdReports(tx, gateway, report.gatewayMessageId);
  if (!(await saveReport(tx, gateway, report, now()))) await insertEarlyReport(tx, gateway, report, now());
  if (!report.isDelivered) log.warn({ gateway, error: report.error }, 'A text message did not reach its phone');
}

/** A report is awaited by its message for seconds; one that nobody asked for by then is of somebody else's. */
const earlyMs = 86_400_000;

/** What is of no use any more: signatures that are too old anyway, reports of messages that are not ours. */
export async function forgetReports({ pool, now }: Pick<Deps, 'pool' | 'now'>): Promise<void> {
  await deleteReportsBefore(pool, { signatures: forgettable(now()), early: new Date(now().getTime() - earlyMs) });
}
