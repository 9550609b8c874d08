/** AMI reads lines of about 1 KB; a longer value would be cut. */
const longestValue = 900;
/** Ours to set: a second one would be another action, or an answer that nobody waits for. */
const reserved = new Set(['action', 'actionid']);

/**
 * Checks an AMI action's fields: CR, LF or NUL in a value would start a new action of the sender's choice.
 * Source: Asterisk AMI wire format, fields end with CR LF.
 * @throws Error naming the field.
 */
export function checkAmiFields(fields: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!/^[A-Za-z][\w-]{0,63}$/.test(name) || reserved.has(name.toLowerCase())) throw new Error('an AMI field name is not valid');
    if (/[\r\n\0]/.test(value)) throw new Error(`the AMI field ${name} contains a line break`);
    if (new TextEncoder().encode(value).length > longestValue) throw new Error(`the AMI field ${name} is too long`);
  }
}
