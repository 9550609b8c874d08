/*
 * What is taken out of what a citizen said before a unit reads it: numbers by which somebody is found (telephones, identity and bank cards), e-mail
 * addresses, and the citizen's own name. A number is a run of seven digits or more, however it is written; days, times of the clock, sums and case
 * numbers are left alone.
 */
const hiddenNumber = '〔号码已隐去〕';
const hiddenName = '〔姓名已隐去〕';
const leastDigits = 7;

/** Chinese and full-width digits, by the digit they stand for; 幺 and 两 as people say them on the telephone. */
const digitOf = new Map<string, string>([...'〇零○０'].map((sign) => [sign, '0'] as const));
for (const [digit, signs] of Object.entries({ 1: '一幺壹１', 2: '二两贰２', 3: '三叁３', 4: '四肆４', 5: '五伍５', 6: '六陆６', 7: '七柒７', 8: '八捌８', 9: '九玖９' })) {
  for (const sign of signs) digitOf.set(sign, digit);
}

const email = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;
/** Digits with what people put between them, an X at the end of an identity card's. */
const run = /\d(?:[\s\-–—.·,，、()（）+]{0,2}\d)+[Xx]?/g;
const harmless = [/^[12]\d{3}[-–—./]\d{1,2}[-–—./]\d{1,2}$/, /^20\d{6}-\d{6}$/];
const measure = /^\s*(元|万|亿|块|米|平方|公里|吨|度|千瓦)/;

/** Each sign that is a digit as an ASCII digit, everything else as it is; as long as the text. */
function withDigits(text: string): string {
  return [...text].map((sign) => (sign.length === 1 ? digitOf.get(sign) ?? sign : sign)).join('');
}

/** Parts of the text to be hidden, in order, none within another. */
function findNumbers(text: string): { from: number; to: number }[] {
  const plain = withDigits(text);
  const found = [...plain.matchAll(email)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
  for (const match of plain.matchAll(run)) {
    const [from, to] = [match.index, match.index + match[0].length];
    if (match[0].replaceAll(/\D/g, '').length < leastDigits || harmless.some((one) => one.test(match[0])) || measure.test(plain.slice(to))) continue;
    if (!found.some((one) => from < one.to && to > one.from)) found.push({ from, to });
  }
  return found.sort((one, other) => one.from - other.from);
}

/** Titles that follow a family name. */
const titles = ['先生', '女士', '小姐', '同志', '师傅', '老师', '阿姨', '大爷', '大妈', '太太', '某某', '某'];
/** Family names of two characters; every other is one. */
const doubleNames = ['欧阳', '上官', '司马', '诸葛', '东方', '皇甫', '尉迟', '公孙', '慕容', '令狐', '长孙', '宇文', '司徒', '夏侯'];

/** Every form in which this citizen's name may stand. */
function formsOf(name: string): string[] {
  const whole = name.replaceAll(/\s/g, '');
  if (whole.length < 2) return [];
  const family = doubleNames.find((one) => whole.startsWith(one)) ?? whole.slice(0, 1);
  const given = whole.slice(family.length);
  return [name.trim(), whole, ...titles.map((title) => family + title), ...(given.length > 1 ? [given] : [])].sort((one, other) => other.length - one.length);
}

export type Finding = { readonly kind: 'number' | 'name'; readonly from: number; readonly to: number };

/** Parts of the text by which the citizen, or somebody else, could be known; in order, none within another. */
export function findIdentifying(text: string, citizenName: string | null = null): Finding[] {
  const found: Finding[] = findNumbers(text).map((span) => ({ kind: 'number', ...span }));
  for (const form of citizenName ? formsOf(citizenName) : []) {
    for (let from = text.indexOf(form); from >= 0; from = text.indexOf(form, from + form.length)) {
      const to = from + form.length;
      if (!found.some((one) => from < one.to && to > one.from)) found.push({ kind: 'name', from, to });
    }
  }
  return found.sort((one, other) => one.from - other.from);
}

const hiddenAs = { number: hiddenNumber, name: hiddenName } as const;

/** The text as a unit may read it. */
export function redact(text: string, citizenName: string | null = null): string {
  let [out, at] = ['', 0];
  for (const { kind, from, to } of findIdentifying(text, citizenName)) {
    out += text.slice(at, from) + hiddenAs[kind];
    at = to;
  }
  return out + text.slice(at);
}
