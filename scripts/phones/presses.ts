/** One key that a citizen presses, and how long after the one before. */
export type Press = { readonly afterMs: number; readonly key: string };

/** Steps of `phone-keys.xml`: each key after its pause, as SIP INFO. Source: draft-choudhuri-sip-info-digit (application/dtmf-relay). */
export function pressSteps(presses: readonly Press[]): string {
  return presses.map(({ afterMs, key }, index) => `<pause milliseconds="${afterMs}"/>
  <send retrans="500"><![CDATA[
INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: [$us]
To: [$them]
[last_Call-ID:]
CSeq: ${index + 1} INFO
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=${key}
Duration=160
]]></send>
  <recv response="200"/>`).join('\n  ');
}
