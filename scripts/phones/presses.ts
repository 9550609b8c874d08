/** One key that a citizen presses, and how long after the one before; `BYE` is the key that hangs up, the last one. */
export type Press = { readonly afterMs: number; readonly key: string };

/** Steps of `phone-keys.xml`: each key after its pause, as SIP INFO. Source: draft-choudhuri-sip-info-digit (application/dtmf-relay). */
export function pressSteps(presses: readonly Press[]): string {
  return presses.map(({ afterMs, key }, index) => `<pause milliseconds="${afterMs}"/>
  ${key === 'BYE' ? `${request('BYE', index + 1, 'Content-Length: 0\n\n')}
  <nop next="end"/>` : request('INFO', index + 1, `Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=${key}
Duration=160
`)}`).join('\n  ');
}

/** Within the call, and answered. */
function request(method: string, number: number, rest: string): string {
  return `<send retrans="500"><![CDATA[
${method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: [$us]
To: [$them]
[last_Call-ID:]
CSeq: ${number} ${method}
${rest}]]></send>
  <recv response="200"/>`;
}
