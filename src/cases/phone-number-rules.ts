export type PhoneKind = 'mobile' | 'landline' | 'short' | 'international' | 'withheld' | 'unknown';
export type Phone = { readonly kind: PhoneKind; /** Digits to match and to dial; null when withheld or unreadable. */ readonly number: string | null };

const withheldNames = new Set(['', 'anonymous', 'unknown', 'restricted', 'unavailable', 'private', 'withheld']);

/**
 * A caller's number as trunks send it, in one form: mobiles `13812345678`, landlines with area code `057112345678`,
 * short numbers as they are, others `00…`. A local landline gets `areaCode`.
 * Source: 电信网编号计划 (工业和信息化部, 2017): mobiles 1[3-9] and 11 digits, area codes 010, 02X and three digits, short numbers of 3 to 6 digits.
 * Abroad: ITU-T E.164, a country code without a leading 0 and at most 15 digits.
 */
export function normalizePhone(raw: string, areaCode: string): Phone {
  const trimmed = raw.trim().replace(/^(sips?|tel):/i, '').split(/[@;]/)[0] ?? '';
  if (withheldNames.has(trimmed.toLowerCase())) return { kind: 'withheld', number: null };
  const compact = trimmed.replaceAll(/[\s().-]/g, '');
  if (!/^\+?\d{2,20}$/.test(compact)) return { kind: 'unknown', number: null };
  const national = compact.replace(/^(\+86|0086)/, '');
  const hadCountry = national !== compact;
  if (!hadCountry && /^(\+|00)/.test(compact)) {
    const isInternational = /^(\+|00)[1-9]\d{5,14}$/.test(compact);
    return isInternational ? { kind: 'international', number: compact.replace(/^\+/, '00') } : { kind: 'unknown', number: null };
  }
  const mobile = /^(?:0|86)?(1[3-9]\d{9})$/.exec(national)?.[1];
  if (mobile) return { kind: 'mobile', number: mobile };
  const digits = hadCountry && /^[1-9]\d{8,10}$/.test(national) ? `0${national}` : national;
  if (/^0(10|2\d)\d{7,8}$|^0[3-9]\d{2}\d{7,8}$/.test(digits)) return { kind: 'landline', number: digits };
  if (/^[2-8]\d{6,7}$/.test(digits)) return { kind: 'landline', number: `${areaCode}${digits}` };
  if (/^[1-9]\d{2,5}$/.test(digits)) return { kind: 'short', number: digits };
  return { kind: 'unknown', number: null };
}
