/** Jobs are alarm clocks: a payload carries ids only, the handler reads the row and may find nothing to do. */
export type JobPayloads = {
  'end-wrap-up': { readonly seatId: string };
  'store-recordings': Readonly<Record<string, never>>;
  'send-sms': { readonly messageId: string };
  'call-survey': { readonly surveyId: string };
  'ring-case-alarm': { readonly alarmId: string };
};
export type JobName = keyof JobPayloads;
export const jobNames = ['end-wrap-up', 'store-recordings', 'send-sms', 'call-survey', 'ring-case-alarm'] as const satisfies readonly JobName[];

export type JobQueue = {
  /** Sets an alarm. Never throws: a lost alarm is found by the sweep, because the deadline is a column. */
  wake<Name extends JobName>(name: Name, payload: JobPayloads[Name], at: Date): Promise<void>;
};
