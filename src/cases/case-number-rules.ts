const shanghaiDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit' });

/** The calendar day in China, `YYYY-MM-DD`, whatever the server's time zone. */
export function dayInShanghai(at: Date): string {
  return shanghaiDay.format(at);
}

/** `20261124-000001` for the first case of 2026-11-24. */
export function caseNumber(day: string, sequence: number): string {
  return `${day.replaceAll('-', '')}-${String(sequence).padStart(6, '0')}`;
}
